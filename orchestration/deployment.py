"""Whose data this is and where it lies.

Belongs here: the choice between the made-up company and the real one, the home's folders. Does not: how the made-up
company works (sandbox), the guard against mixing two companies in one home (ingestion/ownership.py).

As soon as any vendor has credentials the made-up company is off. Settings only: nothing here connects to anything.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.errors import SettingsError
from ingestion.home import private_files
from ingestion.ownership import claim, configured_vendors
from ingestion.writes import write_atomically

ROOT = Path(__file__).parents[1]
SANDBOX_NOW = "2026-10-15T06:00:00Z"
FOLDERS = ("landing", "restricted/spill", "published", "dagster", "dbt", "logs")


@dataclass(frozen=True, slots=True)
class Deployment:
    """The company of this home; ``seed`` is None for a real one."""

    home: Path
    seed: int | None
    scale: str = "small"

    @property
    def name(self) -> str:
        if self.seed is None:
            return "company"
        return f"sandbox-{self.seed}" + ("" if self.scale == "small" else f"-{self.scale}")


def settle(seed: int | None = None) -> Deployment:
    """Chooses the company, makes its home and sets what the rooms read from the environment.

    Raises ``SettingsError`` when the home belongs to another company.
    """
    read_dotenv(Path(".env"))
    real = bool(configured_vendors())
    if real and seed not in (None, 1):  # `make run` always gives a seed
        raise SettingsError("--seed", "credentials are set, so the made-up company is off; leave --seed away")
    setting = os.environ.get("PRODOPS_HOME")
    made_up = None if real else seed if seed is not None else _recorded_seed(setting)
    company = Deployment(Path(setting or "."), made_up, os.environ.get("PRODOPS_SCALE", "small"))
    company = replace(company, home=Path(setting or ROOT / ".prodops" / company.name).absolute())
    os.environ["PRODOPS_HOME"] = str(company.home)
    if (landing := os.environ.get("PRODOPS_LANDING")) and "://" not in landing:
        os.environ["PRODOPS_LANDING"] = str(Path(landing).absolute())  # dbt works in another folder
    os.umask(0o077)  # whatever this process or its children write is for its owner alone
    for name in FOLDERS:
        (company.home / name).mkdir(parents=True, exist_ok=True)
    company.home.chmod(0o700)
    if company.seed is not None:
        os.environ.setdefault("PRODOPS_NOW", _made_up_now(company.home))
        os.environ["PRODOPS_COMPANY"] = str(company.home / "sandbox" / "company")
    os.environ["DAGSTER_HOME"] = str(company.home / "dagster")
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["DBT_LOG_FORMAT_FILE"] = "debug"  # Dagster asks dbt for JSON; the file is for people
    # Every statement and what dbt thinks around it would be a fifth of the CPU of a build; dbt/run has the statements.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "info")
    # dagster-dbt looks for dbt on the path, also when the virtual environment was not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    _write_dagster_yaml(company.home / "dagster" / "dagster.yaml")
    claim(company.name)
    return company


def is_settled() -> bool:
    """Whether this process, or the one that started it, settled already."""
    folder = os.environ.get("PRODOPS_HOME")
    return bool(folder) and os.environ.get("DAGSTER_HOME") == str(Path(str(folder)) / "dagster")


@contextmanager
def sources_reachable(company: Deployment) -> Iterator[None]:
    """For a made-up company: its vendors answer over HTTP as long as the context is open."""
    if company.seed is None:
        yield
        return
    from ingestion import clock
    from sandbox import files, server, vendors
    from sandbox.company import Company as MadeUp

    made_up = MadeUp(company.seed, company.scale)
    files.write(made_up, Path(os.environ["PRODOPS_COMPANY"]), clock.iso(clock.now()))
    with server.serve_in_thread(server.app(made_up, now=os.environ["PRODOPS_NOW"])) as url:
        os.environ.update(vendors.settings(url, Path(os.environ["PRODOPS_COMPANY"])))
        yield


def read_dotenv(path: Path) -> None:
    """Takes the house's own settings from ``.env``; secrets of sources stay there until their source asks."""
    from ingestion.settings import dotenv_settings

    for name, value in dotenv_settings(path).items():
        if name.startswith("PRODOPS_"):
            os.environ.setdefault(name, value)


def start_clock(company: Deployment) -> None:
    """Lets the made-up company's time run, one second a second, from now on and for good.

    For good, because a clock that went back would make every issue created since look deleted.
    """
    from ingestion import clock

    os.environ["PRODOPS_NOW"] = clock.running_from(clock.now())
    (company.home / "sandbox").mkdir(mode=0o700, exist_ok=True)
    write_atomically(_clock_file(company.home), os.environ["PRODOPS_NOW"])


def _made_up_now(folder: Path) -> str:
    file = _clock_file(folder)
    return file.read_text() if file.exists() else SANDBOX_NOW


def _clock_file(folder: Path) -> Path:
    return folder / "sandbox" / "clock"


def _recorded_seed(folder: str | None) -> int:
    """The seed of the made-up company that a given home already belongs to; else the first."""
    record = Path(folder or ".") / "landing" / "_company.json"
    name = json.loads(record.read_text())["company"] if folder and record.exists() else ""
    return int(name.split("-")[1]) if name.startswith("sandbox-") else 1


def _write_dagster_yaml(path: Path) -> None:
    wanted = (Path(__file__).parent / "dagster.yaml").read_text()
    if not path.exists() or path.read_text() != wanted:
        with private_files():
            path.write_text(wanted)
