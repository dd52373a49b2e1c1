"""Rows that are, on some day, above themselves.

Belongs here: finding circles among links of rows. Does not: what is above what (checks.py, goals.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from ingestion.errors import FileError
from ingestion.sources.files.tables import Table, is_valid


@dataclass(frozen=True, slots=True)
class Link:
    """A row that says what is above what; the keys' last parts are their names."""

    table: Table
    index: int
    column: str
    below: tuple[str, ...]
    above: tuple[str, ...]

    @property
    def row(self) -> Any:
        return self.table.rows[self.index]


def circles(links: Sequence[Link]) -> Iterator[FileError]:
    """Each circle once, at the first of its links."""
    if not _circle(links):
        return  # what makes no circle over all days makes none on any of them
    known = set()
    for day in sorted({getattr(link.row, "valid_from", None) or date.min for link in links}):
        valid = [link for link in links if is_valid(link.row, day)]
        while found := _circle(valid):
            first = min(found, key=links.index)
            start = found.index(first)
            names = [link.below[-1] for link in (*found[start:], *found[: start + 1])]
            if frozenset(map(links.index, found)) not in known:
                yield first.table.error(first.index, first.column, f"must not lead back to itself: {' > '.join(names)}")
            known.add(frozenset(map(links.index, found)))
            valid.remove(first)


def _circle(links: Sequence[Link]) -> list[Link]:
    """Links of which each leads to the next, and the last to the first; none where there is no such circle."""
    above: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    by_ends: dict[tuple[tuple[str, ...], tuple[str, ...]], Link] = {}
    for link in links:
        above[link.below].add(link.above)
        by_ends.setdefault((link.below, link.above), link)
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        return [by_ends[ends] for ends in pairwise(reversed(error.args[1]))]
    return []
