"""What the last load of each source could not read.

Belongs here: the record of it, a file a source, there only as long as something could not be read. Does not: reading
(sources), what it holds back (orchestration).

A stream that could not be read keeps what landed of it before: nothing in the landing zone shows that it is old.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.clock import iso, now
from ingestion.errors import DiskFullError, LeaseError, ProdopsError, SourceError, SourceErrors
from ingestion.home import home
from ingestion.writes import write_atomically

if TYPE_CHECKING:
    from ingestion.sources.parts import Source

LONGEST = 500
"""A mistake in each of many files makes a long text; prodops doctor shows all of it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Streams of a source that one error kept from being read; ``since``: when that began (ISO, UTC)."""

    source: str
    streams: tuple[str, ...]
    error: str
    since: str


def by_stream(source: Source, error: ProdopsError) -> dict[str, ProdopsError]:
    """The streams that an error is about, each with its part of it; all of them where it names what is none, as when a
    whole account can't be read."""
    errors = error.errors if isinstance(error, SourceErrors) else [error]
    known = [stream.name for stream in source.streams]
    found: dict[str, ProdopsError] = {}
    for one in errors:
        named = [one.stream] if isinstance(one, SourceError) and one.stream in known else known
        for stream in named:
            found.setdefault(stream, one)
    return found


def note(source: Source, error: ProdopsError | None) -> None:
    """Keeps what the load of a source that just ended could not read; with None it could read everything."""
    path = _file(source.name)
    if isinstance(error, (LeaseError, DiskFullError)):
        return  # another load of it is under way, and will know; or nothing can be written
    if error is None:
        path.unlink(missing_ok=True)
        return
    before = {stream: one.since for one in _read(path) for stream in one.streams}
    texts: dict[str, list[str]] = {}
    for stream, one in by_stream(source, error).items():
        texts.setdefault("; ".join(str(one).splitlines())[:LONGEST], []).append(stream)
    rows = [
        Unread(source.name, tuple(streams), text, min(before.get(stream, iso(now())) for stream in streams))
        for text, streams in texts.items()
    ]
    write_atomically(path, json.dumps([asdict(one) for one in rows], indent=1))


def known(sources: Mapping[str, Source]) -> list[Unread]:
    """What these sources could not read, as of the last load of each."""
    return [one for name in sources for one in _read(_file(name))]


def _file(source: str) -> Path:
    return home() / "dlt" / f"{source}.unread.json"


def _read(path: Path) -> Iterator[Unread]:
    try:
        rows = json.loads(path.read_text())
    except FileNotFoundError:
        return
    for row in rows:
        yield Unread(**{**row, "streams": tuple(row["streams"])})
