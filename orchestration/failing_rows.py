"""The rows that a red test of dbt is about, for Dagster to show.

Belongs here: which rows and which of their columns are shown. Does not: running tests (dbt_process.py), what a red one
holds back (gate.py).

Shown are keys and no figures, and nothing of a test that reads the restricted database: what fails there can be a row
of one person.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from ingestion import sql
from ingestion.home import PEOPLE, home
from orchestration import manifest

SHOWN = 5
GRAIN = {"unique_grain": "columns", "unique": "column_name"}
"""Tests that say what one row of a model is, and under which name they have its columns."""
FIGURES = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER")
KEY = re.compile(r"(^|_)(id|key|date|at|from|month|period|currency|stream|name)$")
"""What columns of keys are called. A row that is shown whole could hold what somebody wrote."""
RESTRICTED = "they are in the restricted database; who may open it runs the statement of the test, in dbt/compiled"


def described(
    red: Sequence[tuple[str, dg.AssetCheckResult]], statements: Mapping[str, str]
) -> Iterator[dg.AssetCheckResult]:
    """The results of red tests, by dbt's ids, with the keys of their rows. ``statements``: what each test asked; those
    that could not be asked have none. dbt must have ended: one process at a time opens its files."""
    if not red:
        return
    with opened(home()) as connection:
        for one, result in red:
            test, statement = manifest.project().nodes[one], statements.get(one)
            rows, text = [], None if is_shown(test) else RESTRICTED
            if statement and is_shown(test):
                try:
                    rows = keys(connection, test, statement)
                    text = named(rows) or None
                except duckdb.Error as error:  # the result of the test counts all the same
                    text = f"its rows could not be read again ({type(error).__name__})"
            yield _with(result, rows, text)


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What dbt built, read-only, with the databases as dbt names them."""
    with duckdb.connect() as connection:
        for file, name in ((folder / "warehouse.duckdb", "warehouse"), (folder / PEOPLE, "restricted")):
            connection.execute(f"attach {sql.text(file)} as {name} (read_only)")
        connection.execute("set timezone = 'UTC'; use warehouse")
        yield connection


def is_shown(test: Mapping[str, Any]) -> bool:
    """Whether all that a test reads is outside the restricted database."""
    models = manifest.models()
    return all(models[one]["database"] != "restricted" for one in test["depends_on"]["nodes"] if one in models)


def keys(connection: duckdb.DuckDBPyConnection, test: Mapping[str, Any], statement: str) -> list[dict[str, str]]:
    """The first rows that a test returns, each as its key: the grain of the model, where no test says that the columns
    that are called so; of a statement of its own all that is no figure."""
    failing = f"from ({statement.rstrip().rstrip(';')}\n) as failing"
    asked = connection.sql(failing)
    grain = [name for name in _grain(test) if name in asked.columns]
    kinds = zip(asked.columns, map(str, asked.types), strict=True)
    others = [name for name, kind in kinds if not kind.startswith(FIGURES)]
    shown = grain or [name for name in others if KEY.search(name) or not test.get("attached_node")]
    if not shown:
        return []
    names = ", ".join(map(sql.name, shown))
    rows = connection.execute(f"select distinct {names} {failing} order by all limit {SHOWN}").fetchall()
    return [{name: str(value) for name, value in zip(shown, row, strict=True)} for row in rows]


def named(rows: Sequence[Mapping[str, str]]) -> str:
    """Keys of rows in a line."""
    return "; ".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in rows)


def _with(result: dg.AssetCheckResult, rows: Sequence[dict[str, str]], text: str | None) -> dg.AssetCheckResult:
    found = (result.metadata or {}).get("dagster_dbt/failed_row_count")
    count = f"{found.value} row{'s' * (found.value != 1)}" if isinstance(found, dg.IntMetadataValue) else "red"
    shown: dict[str, Any] = (
        {"failing rows": dg.MetadataValue.table([dg.TableRecord(row) for row in rows])} if rows else {}
    )
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=result.asset_key,
        check_name=result.check_name,
        severity=result.severity,
        # A warning is printed where it has a description; of these the rows in the UI must do.
        description=f"{count}: {text}" if text and result.severity == dg.AssetCheckSeverity.ERROR else None,
        metadata={**(result.metadata or {}), **shown},
    )


def _grain(test: Mapping[str, Any]) -> list[str]:
    """The columns that one row of the tested model is known by; of its tests for it the first."""
    model = test.get("attached_node")
    return next(_grains(model), []) if model else []


def _grains(model: str) -> Iterator[list[str]]:
    nodes = manifest.project().nodes
    for one in manifest.checks():
        of = nodes[one].get("test_metadata") or {}
        if nodes[one].get("attached_node") == model and of.get("name") in GRAIN:
            columns = of["kwargs"][GRAIN[of["name"]]]
            yield [columns] if isinstance(columns, str) else list(columns)
