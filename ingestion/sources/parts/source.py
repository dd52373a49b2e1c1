"""The shape of a source.

Belongs here: what the registry knows of a source, options of a load, what ``prodops doctor`` finds. Does not: vendors.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import chain
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel

from ingestion.errors import Mistakes, ProdopsError, SettingsError, SourceError
from ingestion.landing import Landed, Landing
from ingestion.manifests import Stream as Stream
from ingestion.settings import SourceSettings, is_set, resolve
from ingestion.sources.parts.hidden import Watched, hidden_steps
from ingestion.sources.parts.optional import left_out, optional_steps
from ingestion.sources.parts.steps import Step, run_steps

S = TypeVar("S", bound=SourceSettings)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """``census``: look for deletions and for what the cursor missed. ``resync``: read all, whatever the cursor.
    ``days``: read only what the vendor took in on these days (UTC, both inclusive) again, and move no cursor."""

    census: bool = True
    resync: bool = False
    days: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``prodops doctor``: what was looked at, and what to do when it is not in order. A note is for a
    person to judge: what a load said need not be wrong."""

    ok: bool
    what: str
    hint: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that ``prodops doctor`` asks a vendor. ``ask`` gives what it found, or what the line ends with after
    ``what``. Where one that is ``needed`` fails, no other is asked."""

    what: str
    ask: Callable[[], str | Iterable[Finding]]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the registry knows it. None of it is run, and no setting read, before a function of it is called."""

    name: str
    title: str
    streams: tuple[Stream, ...]
    load: Callable[[Landing, LoadOptions], Iterator[Landed]]
    is_configured: Callable[[], bool]
    check: Callable[[], list[Finding]]
    settings: type[BaseModel]
    read_settings: Callable[[], object]
    """Raises ``SettingsError``, or ``Mistakes`` for several, where they are not whole or make no sense; asks nobody."""
    has_credentials: Callable[[], bool]
    """Whether it is set to read somebody's real system: then there is no made-up company beside it."""


def api_source(
    name: str,
    title: str,
    streams: Iterable[Stream],
    *,
    settings: type[S],
    credentials: tuple[str, ...],
    steps: Callable[[S, Landing, LoadOptions], Generator[Step, None, None]],
    probes: Callable[[S], Iterable[Probe]],
    watched: Iterable[Watched] = (),
    optional: Mapping[str, str] = MappingProxyType({}),
) -> Source:
    """A source over HTTP: on as soon as one of its ``credentials`` is set, or of what else it can't do without;
    ``steps`` load it, ``probes`` check it. Fields that are ``watched`` are looked for with the census.
    ``optional``: streams that not every plan of the vendor has, with what suffers without them."""
    needed = tuple(field for field, info in settings.model_fields.items() if info.is_required())

    def load(landing: Landing, options: LoadOptions) -> Iterator[Landed]:
        given = resolve(name, settings)
        without = left_out(name, optional, given.leave_out)
        with closing(steps(given, landing, options)) as todo:
            wanted = optional_steps(landing, todo, optional, without)
            hidden = hidden_steps(landing, watched if options.census else ())
            yield from run_steps(name, chain(wanted, hidden))

    def read_settings() -> list[Probe]:
        given = resolve(name, settings)
        without = left_out(name, optional, given.leave_out)
        asked = probes(given.model_copy(update={"attempts": 1}))
        return [probe for probe in asked if not without.intersection(re.findall(r"\w+", probe.what))]

    def check() -> list[Finding]:
        try:
            questions = read_settings()
        except (SettingsError, Mistakes) as error:
            return [unset(error) for error in error.parts]
        findings = [Finding(True, "settings are complete")]
        for probe in questions:
            try:
                found = probe.ask()
                answers = [Finding(True, probe.what + found)] if isinstance(found, str) else list(found)
            except SourceError as error:
                answers = [Finding(False, probe.what, error.hint)]
            findings += answers
            if probe.needed and not all(finding.ok for finding in answers):
                break
        return findings

    def has_credentials() -> bool:
        return is_set(name, settings, *credentials, *needed)

    return Source(
        name,
        title,
        tuple(streams),
        load,
        has_credentials,
        check,
        settings,
        read_settings,
        has_credentials,
    )


def unset(error: ProdopsError) -> Finding:
    """What the doctor says of a setting, or of a file, that is wrong."""
    return Finding(False, error.what, error.hint) if isinstance(error, SettingsError) else Finding(False, str(error))
