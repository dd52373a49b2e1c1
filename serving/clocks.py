"""How new a published figure is: three clocks of each source, and the as-of of each mart by its lineage.

Belongs here: the clocks as the warehouse knows them, the oldest of those that a mart is made from, the table of a
published file that says so. Does not: how new data should be (orchestration/cadence.py), how new it is
(dbt: ``int_clocks_united``).
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingestion import sql
from serving.comments import Comments
from serving.published import AsOf

TABLE = "snapshot"
"""The table of each published DuckDB file that has a row for each of the others."""
UNITED = "int_clocks_united"


@dataclass(frozen=True, slots=True)
class Clock:
    """One source. ``loaded_at``: when its newest record was read; ``data_as_of``: the newest thing that happened in it;
    ``expected_by``: when something newer was to be there, None where nobody can say; ``closed_through``: of the books,
    the day through which they are closed, and the last period that is. Times are UTC, without a zone."""

    data_as_of: datetime | None = None
    loaded_at: datetime | None = None
    expected_by: datetime | None = None
    closed_through: date | None = None
    closed_fiscal_period: str | None = None


def read(warehouse: Path) -> dict[str, Clock]:
    """The clocks of a warehouse by source, without what is expected; none where they are not built."""
    with duckdb.connect(str(warehouse), read_only=True) as built:
        if not built.execute("select 1 from duckdb_tables() where table_name = ?", [UNITED]).fetchone():
            return {}
        rows = built.execute(
            "select source, data_as_of, loaded_at, null, closed_through_date, closed_fiscal_period "
            f"from intermediate.{UNITED} order by source"
        ).fetchall()
    return {source: Clock(*clock) for source, *clock in rows}


def as_of(clocks: Mapping[str, Clock], sources: Collection[str]) -> AsOf:
    """What holds for a mart that is made from these sources. One that never landed is older than nothing."""
    known = [(source, clocks[source]) for source in sorted(sources) if source in clocks]
    data, oldest = min(((one.data_as_of, source) for source, one in known if one.data_as_of), default=(None, None))
    due, first = min(((one.expected_by, source) for source, one in known if one.expected_by), default=(None, None))
    loaded = min((one.loaded_at for _, one in known if one.loaded_at), default=None)
    closed = next((one.closed_fiscal_period for _, one in known if one.closed_fiscal_period), None)
    return AsOf(
        as_of=data.isoformat() if data else None,
        as_of_source=oldest,
        expected_by=due.isoformat() if due else None,
        expected_source=first,
        loaded_at=loaded.isoformat() if loaded else None,
        closed_fiscal_period=closed,
    )


def statements(database: str, rows: Mapping[str, tuple[str, AsOf]], comments: Comments) -> str:
    """The SQL that makes the table: of each other table the snapshot that its rows are of, and their as-of."""
    names = [field.name for field in fields(AsOf)]
    types = {"as_of": "timestamp", "expected_by": "timestamp", "loaded_at": "timestamp"}
    columns = ", ".join(f"{name} {types.get(name, 'varchar')}" for name in ("table_name", "snapshot_id", *names))
    table = f"{database}.main.{TABLE}"
    made = [f"create table {table} ({columns})"]
    for name, (snapshot_id, one) in sorted(rows.items()):
        values = (name, snapshot_id, *asdict(one).values())
        made.append(f"insert into {table} values ({', '.join('null' if v is None else sql.text(v) for v in values)})")
    return "; ".join([*made, comments.statements(table)])


COMMENTS = Comments(
    "One row per table of this file: how new its figures are. What they are made from includes rates, maps and policy.",
    {
        "table_name": "Table of this file.",
        "snapshot_id": "Snapshot that its rows were published with: an older one where the table is held back.",
        "as_of": "Newest data of the source that is oldest, of all that the table is made from, UTC: figures are as of "
        "then. Null where the table is made from no source.",
        "as_of_source": "The source whose newest data that is.",
        "expected_by": "When newer data was expected of the source that is due first, UTC: past it, figures are late.",
        "expected_source": "The source that is due first.",
        "loaded_at": "When the newest record was read of the source that had none for the longest, UTC.",
        "closed_fiscal_period": "Last fiscal period whose books were closed, where the table is made from the books.",
    },
)
