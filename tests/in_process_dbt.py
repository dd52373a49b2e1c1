"""dbt in the process of the tests.

Belongs here: running one dbt command on one home. Does not: what it must make of it (tests/dbt, tests/end_to_end).
A process of its own costs 3 CPU-s and a parse another 10: the project is parsed once for all homes and all processes
of a test run. Manifest and graph, which dbt writes after each command and nobody reads, would cost 0.7 CPU-s.
"""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.constants import PARTIAL_PARSE_FILE_NAME
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

from ingestion.home import private_files
from orchestration import dbt_process, dbt_shortcuts
from tests.environment import environment_kept
from tests.once import once

dbt_shortcuts.take()

PROJECT = Path(__file__).parents[1] / "dbt_project"


def dbt(home: Path, *command: str) -> Any:
    """Runs a dbt command on a home (``PRODOPS_HOME`` must name it already); dbt's own result."""
    return _invoke(dbtRunner(manifest=_parsed()), home, *command)


def build_models(home: Path, *flags: str) -> None:
    """Models and seeds without their tests, in a home that may be new; ``flags`` are dbt's."""
    for folder in ("restricted/spill", "logs"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    done = dbt(home, "build", "--resource-type", "model", "--resource-type", "seed", *flags)
    assert done.success, done.exception or [(one.node.name, one.message) for one in done.result]


def parsed_home(home: Path) -> Path:
    """Makes a home in which nothing has happened but that dbt parsed the project, as a command does first."""
    with private_files():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(once("parsed", _parse) / "dbt", home / "dbt")
    return home


def _parse(home: Path) -> None:
    with private_files(), environment_kept():
        (home / "logs").mkdir(parents=True)
        os.environ["PRODOPS_HOME"] = str(home)
        dbt_process.prepare()


@cache
def _parsed() -> Any:
    # dbt's own file: a manifest can be pickled too, but comes back with its parts mixed up
    content = (once("parsed", _parse) / "dbt" / PARTIAL_PARSE_FILE_NAME).read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest.build_parent_and_child_maps()
    return manifest


def _invoke(runner: dbtRunner, home: Path, *command: str) -> Any:
    project = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    places = ["--target-path", str(home / "dbt"), "--log-path", str(home / "logs")]
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    try:
        return runner.invoke([*command, *project, *places, *quiet])
    finally:
        DuckDBConnectionManager.close_all_connections()  # dbt does so when its process ends
