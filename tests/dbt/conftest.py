"""A home, its landing and dbt in this process.

Belongs here: what tests of the dbt project share. Does not: claims (test_*.py).
"""

import json
import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from quality.reconciliation import StreamCount, landed_is_staged
from tests import in_process_dbt
from tests.ingestion.file_packages import written_by

ARRIVED = datetime(2026, 1, 14, 12, tzinfo=UTC)


def record(key: str, payload: object, parent: str | None = None, deleted: bool = False) -> Record:
    """A record as a loader lands it; a text stands for itself, also where it is no JSON."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return Record(key, None if deleted else text, ARRIVED, parent_id=parent, is_deleted=deleted)


class Warehouse:
    """One home: lands records as the loaders do, but for dlt (tests/ingestion/file_packages.py), and runs dbt on them.
    What a test does not land never landed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "restricted" / "spill").mkdir(parents=True)
        os.environ["PRODOPS_HOME"] = str(home)

    def land(self, source: str, streams: dict[str, list[Record]]) -> None:
        with written_by("files"), Landing(source, SOURCES[source].streams) as landing:
            for stream, records in streams.items():
                landing.land(stream, records)

    def dbt(self, *command: str) -> dict[str, str]:
        """Runs dbt; the status of each node by name, hooks left out."""
        done = in_process_dbt.dbt(self.home, *command)
        assert done.exception is None, done.exception
        results = [result for result in done.result if result.node.resource_type != "operation"]
        return {result.node.name: str(result.status) for result in results}

    def build(self, *flags: str) -> None:
        """Models and data tests, all or those selected; every one must be green, and what landed must be staged."""
        built = self.dbt("build", "--exclude-resource-type", "unit_test", *flags)
        assert {name: status for name, status in built.items() if status not in ("success", "pass", "no-op")} == {}
        assert [count for source in SOURCES for count in self.proof(source, built) if not count.ties] == []

    def proof(self, source: str, built: Collection[str] | None = None) -> list[StreamCount]:
        """Landing against staging for the loads that are built, stream by stream: all, or those whose base is built."""
        streams = [
            stream for stream in SOURCES[source].streams if built is None or f"base_{source}__{stream.name}" in built
        ]
        return landed_is_staged(self.home / "warehouse.duckdb", source, streams, {})

    def run(self, *flags: str) -> None:
        """All models and seeds; every one must be made."""
        made = self.dbt("build", "--resource-type", "model", "--resource-type", "seed", *flags)
        assert {name for name, status in made.items() if status != "success"} == set()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as connection:
            connection.execute(sql)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables that dbt made, in one order. To open the file takes 0.1 s: once for all of them."""
        made = "select schema_name || '.' || table_name from duckdb_tables() where table_name <> 'built_loads'"
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            names = [name for (name,) in connection.execute(made).fetchall()]
            return {name: connection.execute(f"select * from {name} order by all").fetchall() for name in names}


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(DO_NOT_TRACK="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false")
    os.environ.pop("PRODOPS_LANDING", None)
    yield
    os.environ.clear()
    os.environ.update(before)
