"""Staging against the truth: the records of each stream, and every fact of them, as staging types it.

Belongs here: what a correspondence is and what it is written with, comparing a built warehouse. Does not: which model
says what (staged_facts.py), what is true (sandbox/truth).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

Records = Mapping[str, Mapping[str, Any]]


def as_reported(value: Any) -> Any:
    return value


class Fact(NamedTuple):
    """Where staging says it, as SQL over the model; what staging must say where the truth says a value; and how it is
    read where staging keeps it as the vendor gave it."""

    sql: str
    typed: Callable[[Any], Any] = as_reported
    read: Callable[[Any], Any] = as_reported


@dataclass(frozen=True)
class Staged:
    """The rows of a model that are the records of a stream, by the truth's ids and names. ``unstaged``: facts that the
    model does not carry, each with the reason."""

    model: str
    key: str
    facts: Mapping[str, Fact]
    where: str = "true"
    unstaged: Mapping[str, str] = field(default_factory=dict)


Source = Mapping[str, tuple[Staged, ...]]


def same(**columns: str) -> dict[str, Fact]:
    """Facts that staging says as the truth does."""
    return {name: Fact(sql) for name, sql in columns.items()}


def typed(convert: Callable[[Any], Any], **columns: str) -> dict[str, Fact]:
    """Facts that the truth has as text, or in the vendor's units; nothing is nothing in both."""
    return {name: Fact(sql, lambda value: None if value is None else convert(value)) for name, sql in columns.items()}


def clock(text: str) -> datetime:
    """An instant, as all of staging has it: UTC, of no zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def clock_of_seconds(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def day(text: str) -> date | None:
    """Vendors write no day as one of zeros."""
    return None if text == "0000-00-00" else date.fromisoformat(text)


def staged_differences(
    home: Path, true: Mapping[str, Mapping[str, Records]], staged: Mapping[str, Source], unread: Mapping[str, str]
) -> list[str]:
    """Where staging is not what happened: model, record and fact, never a value, for some of them are people's pay.
    ``unread``: models whose rows are no records of a stream, each with the reason."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach '{home / 'restricted' / 'people.duckdb'}' as restricted (read_only)")
        warehouse.execute("set search_path = 'warehouse.staging,restricted.staging'")
        models = [
            name
            for (name,) in warehouse.execute(
                "select table_name from information_schema.tables where table_schema = 'staging' order by 1"
            ).fetchall()
        ]
        differences = []
        # Nothing that a vendor of the company says is wrong: whatever waits in quarantine is a difference.
        for model in [name for name in models if name.endswith("quarantine")]:
            waiting = warehouse.execute(f"select stream, record_id from {model} order by all").fetchall()
            differences += [f"{model} {stream} {record}: in quarantine" for stream, record in waiting]
        for source, streams in true.items():
            places = {stream: staged[source][stream] for stream in streams}
            read = {place.model for found in places.values() for place in found} | unread.keys()
            differences += [
                f"{name}: compared with nothing"
                for name in models
                if name.startswith(f"stg_{source}__") and not name.endswith("quarantine") and name not in read
            ]
            for stream, found in places.items():
                for place in found:
                    reported = _compared(warehouse, place, streams[stream])
                    differences += [f"{place.model} {stream} {one}" for one in reported]
    return differences


def _compared(warehouse: duckdb.DuckDBPyConnection, place: Staged, expected: Records) -> Iterator[str]:
    columns = ", ".join([place.key, *(fact.sql for fact in place.facts.values())])
    rows = warehouse.execute(f"select {columns} from {place.model} as it where {place.where}").fetchall()
    found = {key: dict(zip(place.facts, values, strict=True)) for key, *values in rows}
    if len(found) < len(rows):
        yield "a record twice"
    yield from (f"{key}: not staged" for key in sorted(expected.keys() - found.keys()))
    yield from (f"{key}: staged, but not there" for key in sorted(found.keys() - expected.keys()))
    for key in sorted(expected.keys() & found.keys()):
        for name, value in expected[key].items():
            if name in place.unstaged:
                continue
            if name not in place.facts:
                yield f"{key} {name}: compared with nothing"
                continue
            fact = place.facts[name]
            says, should = fact.read(found[key][name]), fact.typed(value)
            if (type(says), says) != (type(should), should):
                yield f"{key} {name}: differs"
