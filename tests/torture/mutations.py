"""One-line mistakes in models and loaders, each with the single test that catches it.

Belongs here: the mistakes and finding out whether their tests turn red. Does not: the tests.

A mistake that its test lets through is a hole: mend the test. A text that is no longer in its file is an error, so that
the list cannot go stale unseen. Everything happens in a copy of the tree. A test is a path of pytest or, without a
slash, the name of a dbt test, which runs on an empty warehouse of the true models: what a mistake changes there is
nothing, so that only unit tests, whose rows are their own, are named.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.dbt.conftest import Warehouse
from tests.environment import environment_kept, without_settings

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "results")


@dataclass(frozen=True)
class Mutation:
    """``old`` stands once in ``file``; with ``new`` in its place ``test`` must fail."""

    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {self.old.strip()} -> {self.new.strip()} ({self.test})"

    @property
    def is_sql(self) -> bool:
        return "/" not in self.test


class Copy:
    """A copy of the tree, and a warehouse of its models in which nothing has landed."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.home = folder / "tree", folder / "home"
        shutil.copytree(ROOT, self.tree, ignore=LEFT_OUT)
        self.warehouse = Warehouse(self.home)
        self._dbt("build", "--resource-type", "model", "--resource-type", "seed")

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        path = self.tree / mutation.file
        text = path.read_text()
        if text.count(mutation.old) != 1:
            raise ValueError(
                f"{mutation.file}: {mutation.old!r} stands there {text.count(mutation.old)} times, not once"
            )
        path.write_text(text.replace(mutation.old, mutation.new))
        try:
            yield
        finally:
            path.write_text(text)

    def red(self, tests: Sequence[str]) -> set[str]:
        """Those of the tests that fail; all are of one kind."""
        if "/" in tests[0]:
            return self._pytest(tests)
        return self._dbt("test", "--select", *tests)

    def _dbt(self, *command: str) -> set[str]:
        """Names of the nodes that did not end well. dbt parses again what changed since it parsed last."""
        project = ["--project-dir", str(self.tree / "dbt_project"), "--profiles-dir", str(self.tree / "dbt_project")]
        places = ["--target-path", str(self.home / "dbt"), "--log-path", str(self.home / "logs")]
        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
        try:
            done = dbtRunner().invoke([*command, *project, *places, *quiet])
        finally:
            DuckDBConnectionManager.close_all_connections()
        if done.exception is not None:
            raise done.exception
        if not done.result.results:
            raise ValueError(f"dbt found nothing to do: {command}")
        return {one.node.name for one in done.result if str(one.status) not in ("success", "pass", "no-op")}

    def _pytest(self, tests: Sequence[str]) -> set[str]:
        flags = ["-n", "0", "-q", "-rfE", "--no-header", "--tb", "no", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *flags, *tests],
            cwd=self.tree,
            env={**without_settings(), "PYTHONPATH": str(self.tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"pytest could not run {tests}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        failed = [
            line.split(" - ")[0].split(" ", 1)[1]
            for line in done.stdout.splitlines()
            if line[:6] in ("FAILED", "ERROR ")
        ]
        return {test for test in tests if any(name.startswith(test) for name in failed)}


def let_through(folder: Path, mutations: Sequence[Mutation]) -> list[str]:
    """Tests that are red without a mistake, and mistakes that their tests do not see."""
    with environment_kept():
        copy = Copy(folder)
        found = []
        for is_sql in (True, False):
            tests = sorted({one.test for one in mutations if one.is_sql == is_sql})
            found += [f"{test} is red without any mistake" for test in sorted(copy.red(tests))]
        for mutation in mutations:
            with copy.mutated(mutation):
                is_caught = bool(copy.red([mutation.test]))
            print(f"{'caught' if is_caught else 'NOT CAUGHT'}: {mutation}", flush=True)
            found += [] if is_caught else [str(mutation)]
    return found
