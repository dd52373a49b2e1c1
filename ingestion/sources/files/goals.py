"""Goals: what must fit together between cycles, objectives, key results, their parents, targets and check-ins.

Belongs here: checks of these tables, how a percentage and a time of day land. Does not: single rows (rows.py), progress
and scores (dbt).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import registry
from ingestion.clock import now
from ingestion.errors import FileError, meant
from ingestion.landing import Record
from ingestion.sources.files.circles import Link, circles
from ingestion.sources.files.rows import CellError
from ingestion.sources.files.tables import Table, is_valid

STAYS = {"objectives": ("cycle",), "key_results": ("objective", "type", "start")}
"""What all rows of one id have in common: with another type or start it is another key result."""

MEASURES: Mapping[str, Sequence[str]] = {
    name: [*mart.bindable] for name, mart in registry.metrics().marts.items() if mart.bindable
}
"""What a key result may be bound to, by mart."""


class Goals:
    """The tables of goals, checked against each other once each row is right by itself."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._rows: dict[str, dict[str, list[Any]]] = {name: defaultdict(list) for name in STAYS}
        for name, found in self._rows.items():
            for row in tables[name].rows:
                found[row.id].append(row)

    def mistakes(self) -> Iterator[FileError]:
        yield from self._changed()
        yield from self._measures()
        yield from self._parents()
        yield from self._shares()
        yield from circles(self._links())
        yield from self._revisions()
        yield from self._checkins()
        yield from self._percentages()

    def _changed(self) -> Iterator[FileError]:
        for name, columns in STAYS.items():
            table = self._tables[name]
            for index, row in enumerate(table.rows):
                first = self._rows[name][row.id][0]
                for column in columns:
                    if row[column] != first[column]:
                        allowed = f"must be as in the first row of {row.id}; another {column} is a goal of its own"
                        yield table.error(index, column, allowed)

    def _measures(self) -> Iterator[FileError]:
        table = self._tables["key_results"]
        for index, row in enumerate(table.rows):
            mart, _, measure = row.metric.partition(".")
            if row.metric == "manual" or measure in MEASURES.get(mart, ()):
                continue
            known = MEASURES.get(mart)
            here, what = (f"a measure of {mart}", known) if known else ("a measure of a mart", [*MEASURES])
            hint = meant(measure if known else mart, what) or f"; there are {', '.join(what)}"
            yield table.error(index, "metric", f"must be manual, or {here} that a key result may be bound to{hint}")

    def _parents(self) -> Iterator[FileError]:
        objectives, results = self._rows["objectives"], self._rows["key_results"]
        is_read = all(self._tables[name].is_read for name in STAYS)
        named = {name: self._tables[name].named("id") for name in STAYS}
        for name, columns in (("objectives", ("parent",)), ("goal_parents", ("child", "parent"))):
            table = self._tables[name]
            for index, row in enumerate(table.rows):
                for column in columns:
                    goal = row[column]
                    if goal is None:
                        continue
                    if is_read and not any(goal in ids for ids in named.values()):
                        yield table.error(index, column, "must be the id of an objective or of a key result")
                    if name == "goal_parents" and goal in objectives and goal in results:
                        allowed = "is an objective and a key result; give one of the two another id"
                        yield table.error(index, column, allowed)
        table = self._tables["goal_parents"]
        for index, row in enumerate(table.rows):
            first = {one.objective for one in results.get(row.child, [])}
            first |= {one.parent for one in objectives.get(row.child, [])}
            if row.parent in first:
                allowed = f"is where {row.child} belongs already; only further parents stand here"
                yield table.error(index, "parent", allowed)

    def _shares(self) -> Iterator[FileError]:
        """The rest of a child belongs to its objective, or to the first parent, so shares may add up to less than 1."""
        table = self._tables["goal_parents"]
        for index, row in enumerate(table.rows):
            day = row.valid_from or date.min
            shares = [one.share or 0 for one in table.rows if one.child == row.child and is_valid(one, day)]
            if row.share is not None and sum(shares) > 1:
                allowed = f"shares of {row.child} must not be more than 1 together; here {sum(shares)}"
                yield table.error(index, "share", allowed)
                break

    def _links(self) -> list[Link]:
        def key(goal: str) -> tuple[str, ...]:
            return ("objective" if goal in self._rows["objectives"] else "key result", goal)

        def links(name: str, column: str, below: Callable[[Any], tuple[str, ...]]) -> list[Link]:
            table = self._tables[name]
            return [
                Link(table, index, column, below(row), key(row[column]))
                for index, row in enumerate(table.rows)
                if row[column] is not None
            ]

        return [
            *links("objectives", "parent", lambda row: ("objective", row.id)),
            *links("goal_parents", "parent", lambda row: key(row.child)),
            *links("key_results", "objective", lambda row: ("key result", row.id)),
        ]

    @cached_property
    def _cycles(self) -> dict[str, Any]:
        """Of each objective its cycle, if there is one."""
        cycles = {row.id: row for row in self._tables["okr_cycles"].rows}
        return {row.id: cycles.get(row.cycle) for row in self._tables["objectives"].rows}

    def _revisions(self) -> Iterator[FileError]:
        """What names no row of another table is reported as such."""
        revisions = self._tables["key_result_targets"]
        for index, row in enumerate(revisions.rows):
            revised = self._rows["key_results"].get(row.key_result, [None])[0]
            if revised is None:
                continue
            if revised.type == "binary":
                yield revisions.error(index, "key_result", "must not be binary: its target is always 1")
            during = self._cycles.get(revised.objective)
            if during and not during.start <= row.date < during.end:
                allowed = f"must be in its cycle, from {during.start} to before {during.end}"
                yield revisions.error(index, "date", allowed)
            try:
                revised.check_target("target", row.target)
            except CellError as unfit:
                yield revisions.error(index, unfit.column, unfit.allowed)

    def _checkins(self) -> Iterator[FileError]:
        checkins = self._tables["checkins"]
        for index, row in enumerate(checkins.rows):
            named = self._rows["key_results"].get(row.kr_id, [None])[0]
            if named is not None and named.type == "binary" and row.value not in (0, 1):
                yield checkins.error(index, "value", "must be 0 or 1 for a binary key result")

    def _percentages(self) -> Iterator[FileError]:
        """45% lands as 45 where the unit is percent. Elsewhere 0.45 may be meant as well, so it is asked."""
        for name, key, columns in (
            ("key_results", "id", ("start", "target")),
            ("key_result_targets", "key_result", ("target",)),
            ("checkins", "kr_id", ("value",)),
        ):
            table = self._tables[name]
            for index, row in enumerate(table.rows):
                for column in columns:
                    text = table.texts[index][column]
                    named = self._rows["key_results"].get(row[key], [None])[0]
                    if not text.endswith("%"):
                        continue
                    if named is not None and not named.is_percent:
                        allowed = f"is a percentage, but the unit of {row[key]} is not percent; write the number alone"
                        yield table.error(index, column, allowed)
                    else:
                        table.rewrite(index, column, text.removesuffix("%").rstrip())


def unmatched(tables: Mapping[str, Table]) -> list[str]:
    """Key results that check-ins name and the file lacks: misspelt, or gone from it. They cost nothing else."""
    known = tables["key_results"].named("id")
    return sorted({row.kr_id for row in tables["checkins"].rows} - known)


def checkin_records(table: Table, zone: ZoneInfo) -> list[Record]:
    """A check-in lands with its day by the reporting zone's clock, its instant where it has one, and its place among
    those of its day: by time, or by row where one of them has none."""
    by_day: dict[tuple[str, date], list[tuple[datetime | None, int]]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        at = instant(row.date, zone)
        by_day[row.kr_id, at.astimezone(zone).date() if at else row.date].append((at, index))
    timestamp, records = now(), []
    for (kr_id, day), found in by_day.items():
        has_times = all(at is not None for at, _ in found)
        for place, (at, index) in enumerate(sorted(found) if has_times else found, start=1):
            said = {
                "day": str(day),
                "at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else "",
                "place": str(place),
            }
            key = f"{kr_id}/{day}" if place == 1 else f"{kr_id}/{day}/{place}"
            records.append(Record(key, json.dumps(table.texts[index] | said, ensure_ascii=False), timestamp))
    return records


def instant(written: date | datetime, zone: ZoneInfo) -> datetime | None:
    """What a day and time means, without a zone by the reporting zone's clock; nothing for a day alone."""
    if not isinstance(written, datetime):
        return None
    return written if written.tzinfo else written.replace(tzinfo=zone)
