"""Homes for the tests of Dagster and the command line.

Belongs here: a home where everything has run once, homes where dbt has parsed. Does not: claims.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.environment import forget_settings, without_settings
from tests.in_process_dbt import parsed_home

NOW = "2026-10-15T06:00:00Z"


@dataclass(frozen=True)
class Ended:
    """A run of the whole command in a process of its own."""

    home: Path
    code: int
    out: str
    err: str


def prodops(home: Path, *arguments: str, **settings: str) -> Result:
    """Runs the command line in this process."""
    forget_settings()
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny", **settings})
    return CliRunner().invoke(main, arguments)


def behind(roots: set[str]) -> set[str]:
    """Everything with a root above it, found from below: by each node's parents, not by children as the plan does."""
    from orchestration import manifest

    exposed = manifest.content()["parent_map"]
    results = {one: exposed[f"exposure.prodops.{one.split('.')[-1]}"] for one in manifest.results()}
    parents: dict[str, list[str]] = exposed | results
    known: dict[str, bool] = {}

    def is_behind(node: str) -> bool:
        if node not in known:
            known[node] = node in roots or any(is_behind(parent) for parent in parents.get(node, []))
        return known[node]

    return {node for node in {**manifest.models(), **manifest.results(), **manifest.checks()} if is_behind(node)}


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where dbt's manifest is made and nothing else."""
    return parsed_home(tmp_path_factory.mktemp("parsed") / "home")


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[[], Path]:
    """Makes homes where nothing has landed."""
    return lambda: parsed_home(tmp_path / "home")


@pytest.fixture(scope="session")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The tiny made-up company after its first run, by the command a person types."""
    home = parsed_home(tmp_path_factory.mktemp("ended") / "home")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "run"],
        env={**without_settings(), "PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(home, done.returncode, done.stdout, done.stderr)
