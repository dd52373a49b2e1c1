"""Fields that came null for everybody, as fields do that the credentials may not see.

Belongs here: finding them in what landed, and saying so with each census. Does not: which fields matter and what is to
be permitted (the sources' pages), a field that is lost from records that had it (bamboohr/load.py).

A field that any version of any record ever had a value in is seen. So a company that has just begun sees one note too
many, and one that works sees none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ingestion.landing import Landed, Landing
from ingestion.sources.parts.steps import Step


@dataclass(frozen=True, slots=True)
class Watched:
    """Fields that a figure needs and that may be hidden, as dotted paths into the records of ``stream``. ``remedy``:
    what to permit or to set.

    ``own``: fields that a company may not have at all: null counts, absent does not. ``also``: other streams where
    having them is enough. ``given``: stream, path and value that a record must have for the fields to be missed."""

    stream: str
    fields: tuple[str, ...]
    remedy: str
    own: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    given: tuple[str, str, str] | None = None

    def hidden(self, landing: Landing) -> list[str]:
        if not landing.has_landed(self.stream) or (self.given and not landing.has_value(*self.given)):
            return []
        return [
            field
            for field in (*self.fields, *self.own)
            if not any(landing.has_value(stream, field) for stream in (self.stream, *self.also))
            and (field not in self.own or landing.has_null(self.stream, field))
        ]


def hidden_steps(landing: Landing, watched: Iterable[Watched]) -> Iterator[Step]:
    for one in watched:
        yield Step(f"fields of {one.stream}", one.stream, partial(_named, landing, one))


def _named(landing: Landing, watched: Watched) -> Iterator[Landed]:
    if hidden := watched.hidden(landing):
        note = f"{watched.stream}: {', '.join(hidden)} came null for everybody; {watched.remedy}"
        yield replace(landing.land(watched.stream, []), note=note)
