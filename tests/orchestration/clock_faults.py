"""Faults of how new data is, made in the typed records of a copied warehouse, and which marts notice.

Belongs here: what a fault leaves in staging, the project's own SQL run again over it. Does not: which marts should
notice (callers know the lineage), faults of loading (tests/ingestion).

Time goes on by sixty days, longer than any source may be silent. In them every source brings one newer record, but for
the one with the fault.
"""

import os
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from ingestion.clock import parse
from ingestion.sources import SOURCES
from orchestration import clocks, manifest
from serving.clocks import Clock, as_of
from serving.published import AsOf
from tests.environment import environment_kept
from tests.in_process_dbt import parsed_home
from tests.orchestration.conftest import NOW, behind

LONG = timedelta(days=60)
CLOCKS = {
    "jira": ("base_jira__issues", "updated_at"),
    "amplitude": ("base_amplitude__events", "event_at"),
    "stripe": ("base_stripe__invoices", "created_at"),
    "quickbooks": ("base_quickbooks__bills", "updated_at"),
    "bamboohr": ("base_bamboohr__employees", "extracted_at"),
    "fx": ("base_fx__rates", "rate_date"),
    "files": ("base_files__read_days", "extracted_at"),
}
"""By source, a stream with a clock and its column."""
BY_READING = {source for source, (_, column) in CLOCKS.items() if column == "extracted_at"}
"""Sources whose records say nothing of when they are: what was read again is new."""
Fault = Callable[[duckdb.DuckDBPyConnection, str, datetime], None]


@dataclass(frozen=True)
class Seen:
    """What is known when a fault has happened: how new each mart is, which of them are late, the clocks."""

    marts: dict[str, AsOf]
    late: set[str]
    clocks: dict[str, Clock]


class Play:
    """A warehouse to make faults in: each in a copy of its own. ``home`` is one where dbt has parsed the project;
    ``compiled`` are its statements."""

    def __init__(self, warehouse: Path, compiled: Path, home: Path, now: datetime) -> None:
        self.origin, self.copy, self.now = warehouse, home / "warehouse.duckdb", now
        counts = [f"stg_{source}__stream_counts" for source in CLOCKS]
        models = [*counts, *(f"int_{source}_clocks_read" for source in CLOCKS), "int_clocks_united"]
        self.statements = {model: next(compiled.rglob(f"{model}.sql")).read_text() for model in models}

    def after(self, fault: Fault, source: str, still: Iterable[str] = ()) -> Seen:
        """What is seen sixty days later: a fault of one source, no record of those that are ``still``."""
        shutil.copyfile(self.origin, self.copy)
        later = self.now + LONG
        with duckdb.connect(str(self.copy)) as built:
            built.execute("set timezone = 'UTC'")
            for other in CLOCKS.keys() - {*still}:
                newer(built, other, later)
            fault(built, source, later)
            for model, statement in self.statements.items():
                schema = "staging" if model.startswith("stg_") else "intermediate"
                built.execute(f"create or replace table {schema}.{model} as {statement}")
        clocks.keep(self.copy)
        known = clocks.of_last_build()
        marts = {mart.name: as_of(known, mart.info.sources) for mart in manifest.marts()}
        late = {
            name for name, one in marts.items() if one.expected_by and datetime.fromisoformat(one.expected_by) < later
        }
        return Seen(marts, late, known)


def newer(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """The newest record of a source was changed an hour before it was read."""
    table, column = CLOCKS[source]
    moved = {
        "extracted_at": later,
        "uploaded_at": later,
        column: later - timedelta(hours=1) * (column != "extracted_at"),
    }
    _set(built, table, moved, f"order by {column} desc")


def nothing(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """A load that ended well and brought nothing."""


def same_again(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """A cursor that is stuck: what was there is read and lands again, nothing newer."""
    built.execute(
        f"update staging.{CLOCKS[source][0]} set extracted_at = ?, load_id = ?", [later, str(later.timestamp())]
    )


def old_day(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """A day of usage events long ago is read again, and some of it is new."""
    day = "cast(uploaded_at as date) = (select min(cast(uploaded_at as date)) + 20 from staging.base_amplitude__events)"
    held = f"select * replace ('{later.timestamp()}' as load_id, timestamptz '{later}+00' as extracted_at)"
    columns = "uuid || '-late' as uuid"
    again = f"{held} from staging.base_amplitude__events where {day}"
    built.execute(f"insert into staging.base_amplitude__events {again}")
    built.execute(f"insert into staging.base_amplitude__events select * replace ({columns}) from ({again})")


def dated_ahead(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """An old record comes again, and a wrong clock dates it five years ahead."""
    table, column = CLOCKS[source]
    moved = {"extracted_at": later, "uploaded_at": later, column: later + timedelta(days=5 * 365)}
    _set(built, table, moved, f"order by {column}")


def opened_again(built: duckdb.DuckDBPyConnection, source: str, later: datetime) -> None:
    """The closing date of the books goes back by a month."""
    built.execute(
        "update staging.base_quickbooks__preferences set book_close_date = book_close_date - interval 1 month"
    )


def _set(built: duckdb.DuckDBPyConnection, table: str, values: dict[str, datetime], order: str) -> None:
    rows = built.execute(f"select column_name from duckdb_columns() where table_name = '{table}'").fetchall()
    moved = {name: value for name, value in values.items() if (name,) in rows}
    served = "coalesce(is_event, false)" if ("is_event",) in rows else "not is_deleted"
    one = f"select rowid from staging.{table} where quarantine_reason is null and {served} {order} limit 1"
    assigned = ", ".join(f"{name} = ?" for name in moved)
    built.execute(f"update staging.{table} set {assigned} where rowid = ({one})", list(moved.values()))


ALL: list[tuple[str, Fault, str]] = [
    *((f"{source} brings nothing", nothing, source) for source in CLOCKS),
    *((f"the cursor of {source} is stuck", same_again, source) for source in CLOCKS if source not in BY_READING),
    *((f"a wrong clock in {source}", dated_ahead, source) for source in CLOCKS if source not in BY_READING),
    ("an old day of events is read again", old_day, "amplitude"),
]
"""Each makes the data of one source late."""
SOME = [one for one in ALL if one[1:] in ((nothing, "fx"), (same_again, "jira"), (dated_ahead, "stripe"))] + ALL[-1:]


def differences(built: Path, folder: Path, chosen: Collection[tuple[str, Fault, str]]) -> tuple[int, list[str]]:
    """How many faults were made in copies of a built home, one after the other, and which marts were wrongly late."""
    home = parsed_home(folder / "faults")
    now = parse(NOW).replace(tzinfo=None)
    play = Play(built / "warehouse.duckdb", built / "dbt" / "compiled", home, now)
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(home)
        calm = play.after(nothing, "jira")
        wrong = unlike("no fault", calm.late, set())
        for name, fault, source in chosen:
            wrong += unlike(name, play.after(fault, source, still=[source]).late, marts_behind(source))
        ahead = [source for _, fault, source in chosen if fault is dated_ahead]
        for source in ahead:
            wrong += unlike(f"a wrong clock in {source} beside news", play.after(dated_ahead, source).late, set())
        opened = play.after(opened_again, "quickbooks")
        periods = {name: one.closed_fiscal_period for name, one in calm.marts.items()}
        moved = {name for name, one in opened.marts.items() if one.closed_fiscal_period != periods[name]}
        wrong += unlike("a period is opened again", moved, marts_behind("quickbooks"))
        wrong += unlike("a period is opened again, late", opened.late, set())
        wrong += ["nobody says that a period was opened again"] if clocks.closed_books().is_well else []
    return len(chosen) + len(ahead) + 1, wrong


def unlike(name: str, found: set[str], right: set[str]) -> list[str]:
    """What differs between two sets of marts, in words."""
    return [f"{name}: {sorted(found - right)} too much, {sorted(right - found)} missing"] if found != right else []


def marts_behind(source: str) -> set[str]:
    """Marts with a source above them, found from below."""
    nodes = manifest.models()
    above = behind({manifest.source_id(source, one.name) for one in SOURCES[source].streams})
    return {nodes[one]["name"] for one in above if one in nodes and nodes[one]["schema"] == "marts"}
