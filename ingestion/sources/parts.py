"""What sources are made of.

Belongs here: the shape of a source, options of a run, running its streams apart from one another. Does not: vendors.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, cast

from ingestion.errors import SourceError, SourceErrors
from ingestion.landing import Landed, Landing
from ingestion.manifests import Stream as Stream
from ingestion.records import BrokenJsonError, NotAPageError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """``census``: look for deletions and for what the cursor missed. ``resync``: read all, whatever the cursor.
    ``days``: read only what the vendor took in on these days (UTC, both inclusive) again, and move no cursor."""

    census: bool = True
    resync: bool = False
    days: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``prodops doctor``: what was looked at, and what to do when it is not in order."""

    ok: bool
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the registry knows it. None of it is run, and no setting read, before a function of it is called."""

    name: str
    title: str
    streams: tuple[Stream, ...]
    load: Callable[[Landing, LoadOptions], Iterator[Landed]]
    is_configured: Callable[[], bool]
    check: Callable[[], list[Finding]]


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a load that succeeds or fails by itself, after the steps it needs."""

    name: str
    stream: str
    run: Callable[[], Iterable[Landed]]
    needs: tuple[str, ...] = field(default=())


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def prefetch(pages: Iterator[T], depth: int = 16) -> Generator[T, None, None]:
    """The same pages, asked for while those before them are dealt with, at most ``depth`` ahead.

    What goes wrong with a page is raised in its turn, after the pages before it.
    """
    end = object()
    asker = ThreadPoolExecutor(1)  # one, because each page says where the next one is
    try:
        coming = deque(asker.submit(next, pages, end) for _ in range(depth))
        while (page := coming.popleft().result()) is not end:
            coming.append(asker.submit(next, pages, end))
            yield cast(T, page)
    finally:
        asker.shutdown(cancel_futures=True)


def run_steps(source: str, steps: Iterable[Step]) -> Iterator[Landed]:
    """Runs the steps in order. What fails stops only what needs it; raises ``SourceErrors`` at the end."""
    errors: list[SourceError] = []
    failed: set[str] = set()
    for step in steps:
        if lacking := [need for need in step.needs if need in failed]:
            errors.append(SourceError(source, step.stream, f"{step.name} skipped, because {', '.join(lacking)} failed"))
            failed.add(step.name)
            continue
        try:
            yield from step.run()
        except SourceError as error:
            errors.append(error)
            failed.add(step.name)
        except (BrokenJsonError, NotAPageError) as error:
            errors.append(SourceError(source, step.stream, f"{error}: the vendor's API changed or answered garbled"))
            failed.add(step.name)
    if errors:
        raise SourceErrors(errors)
