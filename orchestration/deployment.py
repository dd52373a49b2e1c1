"""Whose data this is and where it lies.

Belongs here: the choice between the made-up company and the real one, the home's folders. Does not: how the made-up
company works (sandbox), the guard against mixing two companies in one home (ingestion/ownership.py).

As soon as any vendor has a setting of its own the made-up company is off; a ``.env`` that was meant to set one and does
not is an error. Settings only: nothing here connects to anything.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dotenv.parser import parse_stream

from ingestion.errors import Mistakes, ProdopsError, SettingsError, meant, refuse
from ingestion.home import of_project
from ingestion.ownership import claim, configured_vendors
from ingestion.settings import dotenv, dotenv_settings
from ingestion.writes import write_atomically
from orchestration import state
from serving import alerts, readers
from serving.published import admit_readers

HOUSE = (
    *("PRODOPS_HOME", "PRODOPS_LANDING", "PRODOPS_COMPANY", "PRODOPS_NOW", "PRODOPS_SCALE"),
    *(readers.SETTING, state.SETTING, *alerts.SETTINGS),
)
"""Settings that are no source's, and may stand in ``.env``."""

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

    @property
    def described(self) -> str:
        """The name as a person should see it: nobody is to take made-up figures for a company's."""
        return self.name if self.seed is None else f"{self.name} (a made-up company)"


def settle(seed: int | None = None) -> Deployment:
    """Chooses the company, makes its home and sets what the rooms read from the environment.

    Raises ``SettingsError`` when the home belongs to another company or a setting makes no sense, ``Mistakes`` for
    several such settings.
    """
    read_dotenv(dotenv())
    real = bool(configured_vendors())
    refuse([*_mistakes_in(dotenv(), is_real=real), *_mistakes_of_the_house()])
    if real and seed not in (None, 1):  # `make run` always gives a seed
        raise SettingsError("--seed", "credentials are set, so the made-up company is off; leave --seed away")
    setting = os.environ.get("PRODOPS_HOME")
    made_up = None if real else seed if seed is not None else _recorded_seed(setting)
    company = Deployment(Path(setting or "."), made_up, os.environ.get("PRODOPS_SCALE", "small"))
    company = replace(company, home=of_project(setting or f".prodops/{company.name}"))
    os.environ["PRODOPS_HOME"] = str(company.home)
    if (landing := os.environ.get("PRODOPS_LANDING")) and "://" not in landing:
        os.environ["PRODOPS_LANDING"] = str(of_project(landing))  # dbt works in another folder
    os.umask(0o077)  # whatever this process or its children write is for its owner alone
    for name in FOLDERS:
        (company.home / name).mkdir(parents=True, exist_ok=True)
    readers.refuse_closed(company.home)
    admit_readers(company.home)
    if company.seed is not None:
        os.environ.setdefault("PRODOPS_NOW", _made_up_now(company.home))
        os.environ["PRODOPS_COMPANY"] = str(made_up_files(company.home))
    os.environ["DAGSTER_HOME"] = str(company.home / "dagster")
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = "1000"  # what a run plans is written at once, not event by event
    os.environ["DBT_LOG_FORMAT_FILE"] = "debug"  # Dagster asks dbt for JSON; the file is for people
    # Every statement and what dbt thinks around it would be a fifth of the CPU of a build; dbt/run has the statements.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "info")
    # dagster-dbt looks for dbt on the path, also when the virtual environment was not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    state.write_settings(company.home / "dagster")
    claim(company.name)
    return company


def made_up_files(home: Path) -> Path:
    """The folder of a made-up company's own files."""
    return home / "sandbox" / "company"


def is_settled() -> bool:
    """Whether this process, or the one that started it, settled already."""
    folder = os.environ.get("PRODOPS_HOME")
    return bool(folder) and os.environ.get("DAGSTER_HOME") == str(Path(str(folder)) / "dagster")


def refuse_bad_settings(company: Deployment, sources: Iterable[str]) -> None:
    """Raises all that is wrong in the settings of the sources that are on, before any of them is asked anything. Those
    of a made-up company are its own."""
    from ingestion.sources import SOURCES

    if company.seed is not None:
        return
    mistakes: list[ProdopsError] = []
    for source in (SOURCES[name] for name in sources):
        try:
            if source.is_configured():
                source.read_settings()
        except (SettingsError, Mistakes) as error:
            mistakes += error.parts
    refuse(mistakes)


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
    if os.environ.get("PRODOPS_ENV_FILE") and not path.exists():
        raise SettingsError("PRODOPS_ENV_FILE", f"there is no file {path}")
    for name, value in dotenv_settings(path).items():
        if name.startswith("PRODOPS_"):
            os.environ.setdefault(name, value)


def _mistakes_in(path: Path, *, is_real: bool) -> Iterator[SettingsError]:
    """What stands in a ``.env`` and is no setting, and that nothing in it sets a source up though it was meant to."""
    from ingestion.settings import variable
    from ingestion.sources import SOURCES

    if not path.is_file():
        return
    known = {variable(name, field) for name, source in SOURCES.items() for field in source.settings.model_fields}
    known |= {*HOUSE}
    with path.open(encoding="utf-8") as lines:
        bindings = [one for one in parse_stream(lines) if one.key or one.error]
    for one in bindings:
        if one.error or one.value is None:
            yield SettingsError(
                f"{path} line {one.original.line}", "is no setting; write NAME=value, or # before words"
            )
        elif one.key not in known and str(one.key).startswith(("SOURCES__", "PRODOPS_")):
            hint = meant(str(one.key), known) or "; .env.example has all of them"
            yield SettingsError(f"{path} line {one.original.line}", f"there is no setting {one.key}{hint}")
    given = {one.key for one in bindings if one.key in known and one.value}
    if is_real or (given and not any(name.startswith("SOURCES__") or name == "PRODOPS_COMPANY" for name in given)):
        return
    names = ", ".join(str(one.key) for one in bindings if re.fullmatch(r"\w+", str(one.key)))
    nothing = f"has no setting in it{f' (unknown: {names})' if names else ''}"
    found = "sets no source's credentials" if given else nothing
    hint = f"{found}; fill in a source as in .env.example, or remove the file to run on the made-up company"
    yield SettingsError(str(path), hint)


def _mistakes_of_the_house() -> Iterator[SettingsError]:
    from ingestion import clock

    try:
        clock.now()
    except SettingsError as error:
        yield error
    yield from alerts.mistakes()
    yield from state.refuse_bad()
    home = of_project(os.environ.get("PRODOPS_HOME") or ".")
    if not home.is_dir() and home.exists():
        yield SettingsError(f"PRODOPS_HOME={home}", "is a file; name a folder")
    if (scale := os.environ.get("PRODOPS_SCALE", "small")) == "small":
        return
    from sandbox.company import SCALES

    if scale not in SCALES:
        yield SettingsError(f"PRODOPS_SCALE={scale}", f"must be one of {', '.join(SCALES)}")


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
    record = of_project(folder or ".") / "landing" / "_company.json"
    name = json.loads(record.read_text())["company"] if folder and record.exists() else ""
    return int(name.split("-")[1]) if name.startswith("sandbox-") else 1
