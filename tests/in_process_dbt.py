"""dbt in the process of the tests.

Belongs here: running one dbt command on one home. Does not: what it must make of it (tests/dbt, tests/end_to_end).
A process of its own costs 3 s and a parse another 3 s; here the project is parsed once for all homes.
"""

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[1] / "dbt_project"
_PARSED: list[Any] = []


def dbt(home: Path, *command: str) -> Any:
    """Runs a dbt command on a home (``PRODOPS_HOME`` must name it already); dbt's own result."""
    if not _PARSED:
        _PARSED.append(_invoke(dbtRunner(), home, "parse").result)
    return _invoke(dbtRunner(manifest=_PARSED[0]), home, *command)


def _invoke(runner: dbtRunner, home: Path, *command: str) -> Any:
    project = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    places = ["--target-path", str(home / "dbt"), "--log-path", str(home / "logs")]
    try:
        return runner.invoke([*command, *project, *places, "--quiet", "--log-level-file", "none"])
    finally:
        DuckDBConnectionManager.close_all_connections()  # dbt does so when its process ends
