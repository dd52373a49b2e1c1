"""The sources: one page each, and the one way to run them.

Belongs here: which sources there are and how a run of one goes. Does not: anything about a single vendor.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from ingestion import disk, lease, unread
from ingestion.errors import ProdopsError
from ingestion.home import home
from ingestion.landing import Landed, Landing
from ingestion.ownership import claim_alone
from ingestion.sources import forecasts
from ingestion.sources.parts import Finding, LoadOptions, Source, Stream

__all__ = ["SOURCES", "Finding", "LoadOptions", "Source", "Stream", "load_source", "print_load", "streams_by_source"]


class _Registry(Mapping[str, Source]):
    """Modules are imported when asked for, so that ``python -m ingestion.sources <name>`` costs one alone."""

    names = ("files", "jira", "amplitude", "stripe", "quickbooks", "bamboohr", "fx")

    def __getitem__(self, name: str) -> Source:
        if name not in self.names:
            raise KeyError(name)
        source: Source = import_module(f"{__name__}.{name}.load").SOURCE
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


SOURCES: Mapping[str, Source] = _Registry()


def streams_by_source() -> dict[str, tuple[Stream, ...]]:
    """All that lands, by source: what is loaded, and what a build computes."""
    return {name: source.streams for name, source in SOURCES.items()} | {forecasts.NAME: forecasts.STREAMS}


def load_source(name: str, options: LoadOptions, on_landed: Callable[[Landed], None]) -> list[Landed]:
    """Loads all streams of a source. A stream that fails does not stop the ones that don't need it.

    Raises ``SourceErrors`` with every failure once the others have landed, ``SettingsError`` or ``FileError`` before
    anything landed, ``DiskFullError`` wherever one is full.
    """
    source = SOURCES[name]
    done: list[Landed] = []
    with disk.named(), Landing(name, source.streams) as landing:
        for landed in source.load(landing, options):
            done.append(landed)
            on_landed(landed)
    return done


def print_load(name: str) -> int:
    """Loads one source alone and prints what landed: what ``python -m ingestion.sources <name>`` does. A home that
    holds another company's data, or that another run writes to, is refused, as ``prodops load`` refuses it."""

    def show(landed: Landed) -> None:
        print(f"{landed.source}.{landed.stream}: {landed.seen} seen, {landed.landed} landed, {landed.deleted} deleted")
        if landed.note:
            print(f"{landed.source}.{landed.stream}: {landed.note}")

    try:
        with lease.hold(home(), f"python -m ingestion.sources {name}"):
            claim_alone()
            try:
                load_source(name, LoadOptions(), show)
            except ProdopsError as error:
                unread.note(SOURCES[name], error)
                raise
            unread.note(SOURCES[name], None)
    except ProdopsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0
