"""Running dbt.

Belongs here: how the process is started, what it says went wrong, the project's manifest being up to date. Does not:
what is to be built (plan.py), the process's life (dbt_child.py), assets (dbt_component.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.errors import ProdopsError
from ingestion.home import home
from ingestion.writes import write_atomically
from orchestration.versions import PROJECT, fingerprint

if TYPE_CHECKING:
    from dagster_dbt import DbtCliInvocation
    from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage

NODES = ("model.", "seed.", "test.")
"""How the ids of what a build runs begin; dbt reports hooks and exposures too."""


LONGEST = 1000
"""Long enough for every exchange rate that a company lacks."""
PLACE = re.compile(r"^\w+ Error in (?:model|test|seed) \S+ \(\S+\) (?:Invalid Input Error: )?")
ENDED_WELL = ("success", "pass", "warn")
FAILED = ("error", "fail", "runtime error")
"""How a node ends that went wrong by itself; what needs it is skipped."""


FILL_IN = "(fill in "
"""In what a model says that lacks something of the company's: it is a person's to give, as a setting is."""


class BuildError(ProdopsError):
    """dbt ended red."""

    def __init__(self, problem: str) -> None:
        self.exit_code = 2 if FILL_IN in problem else 1
        super().__init__(problem)


def start(arguments: Sequence[str]) -> DbtCliInvocation:
    """Starts dbt; its events must be read to their end."""
    flags = ["-P", "-m", "orchestration.dbt_child", str(os.getpid())]
    from dagster_dbt import DbtProject

    from orchestration.dbt_resource import Dbt

    dbt = Dbt(DbtProject(PROJECT, target_path=target()), dbt_executable=sys.executable, global_config_flags=flags)
    return dbt.cli(arguments, target_path=target(), raise_on_error=False)


def run_in(home: Path, target: Path, project: Path, command: Sequence[str]) -> None:
    """Runs dbt in another home than this process's, whose landing zone lies in it; nobody follows. Raises
    ``BuildError``."""
    child = [sys.executable, "-P", "-m", "orchestration.dbt_child", str(os.getpid()), *command, "--quiet"]
    places = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", home / "logs"]
    settings = {name: value for name, value in os.environ.items() if name != "PRODOPS_LANDING"}
    done = subprocess.run(
        [*child, *map(str, places)],
        env={**settings, "PRODOPS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError("\n".join(problems_of(target / "run_results.json", done.stdout + done.stderr)))


def events(invocation: DbtCliInvocation) -> Iterator[DbtCliEventMessage]:
    """What dbt reports, as it comes; its texts go to logs/dbt.log. A caller that stops reading stops dbt."""
    reported = invocation.stream_raw_events()
    try:
        while True:
            with (home() / "logs" / "dbt.log").open("a") as log, contextlib.redirect_stdout(log):
                event = next(reported, None)
            if event is None:
                return
            yield event
    finally:
        if invocation.process.poll() is None:
            invocation.process.terminate()
            invocation.process.wait()


def target() -> Path:
    """dbt's target folder: the same for each run, so that parsing is incremental."""
    return home() / "dbt"


def prepare() -> Path:
    """Makes dbt's manifest when the project changed since the last time; needs no network, no secret, no warehouse."""
    made, print_file, wanted = target() / "manifest.json", target() / "fingerprint", fingerprint(PROJECT)
    if not (made.exists() and print_file.exists() and print_file.read_text() == wanted):
        parsing = start(["parse", "--quiet"])
        said = [str(event) for event in events(parsing)]
        if not parsing.is_successful():
            raise BuildError(f"the dbt project can't be read: {' '.join(' '.join(said).split())[:500]} (dbt/dbt.log)")
        write_atomically(print_file, wanted)
    return made


@cache
def modified(state: Path, before: str, after: str) -> frozenset[str]:
    """Ids of what differs from the manifest in ``state`` by dbt's own comparison, macros and settings included.

    ``before``, ``after``: fingerprints of the two projects; a process compares them once (it takes dbt 4 s).
    """
    arguments = ["ls", "--select", "state:modified", "--state", str(state), "--exclude-resource-type", "unit_test"]
    listing = start([*arguments, "--output", "json", "--output-keys", "unique_id", "--quiet"])
    listed = [str(event) for event in events(listing) if event.raw_event["info"]["name"] == "PrintEvent"]
    if not listing.is_successful():
        raise BuildError(f"dbt can't compare the project with the last build: {listing.get_error()} (dbt/dbt.log)")
    return frozenset(json.loads(line)["unique_id"] for line in listed)


def results() -> dict[str, str]:
    """How each model, seed and test of the last run ended, by id; none where dbt ran nothing."""
    ended = {result["unique_id"]: result["status"] for result in _results(_results_file())}
    return {one: status for one, status in ended.items() if one.startswith(NODES)}


def errors() -> dict[str, str]:
    """What each node said that failed in the last run, by id, in one line."""
    failed = (result for result in _results(_results_file()) if result["status"] in FAILED)
    return {result["unique_id"]: _line(result) for result in failed}


def statements() -> dict[str, str]:
    """What each test asked that found rows in the last run, by id."""
    found = (result for result in _results(_results_file()) if result["status"] in ("fail", "warn"))
    return {result["unique_id"]: result["compiled_code"] for result in found}


def forget_results() -> None:
    _results_file().unlink(missing_ok=True)


def problems(error: object, shown: Callable[[str], str]) -> list[str]:
    """What went wrong in the last run, one line each; ``shown``: what people know a node by."""
    return problems_of(_results_file(), None if error is None else str(error), shown)


def name_of(unique_id: str) -> str:
    """dbt's own name of a node."""
    return unique_id.split(".")[2]


def problems_of(file: Path, error: str | None, shown: Callable[[str], str] = name_of) -> list[str]:
    """One line per failed test or model; where dbt did not come so far, the last line it said."""
    lines = [
        f"{shown(result['unique_id'])}: {_line(result)} (logs/dbt.log)"
        for result in _results(file)
        if result["status"] in FAILED
    ]
    if error and not lines:
        lines = [f"dbt: {' '.join(error.split())[-300:]} (logs/dbt.log)"]
    return lines


def _line(result: Mapping[str, Any]) -> str:
    """What a node said, without the place, which the line names already."""
    return PLACE.sub("", " ".join(str(result["message"]).split()))[:LONGEST]


def _results(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text())["results"]) if file.exists() else []


def _results_file() -> Path:
    return target() / "run_results.json"
