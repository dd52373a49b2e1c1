"""Streams that not every plan of a vendor has.

Belongs here: leaving them out where LEAVE_OUT names them, and saying so where one is refused. Does not: which streams
these are, and what suffers without them (the sources' pages).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ingestion.errors import SettingsError, SourceError
from ingestion.landing import Landed, Landing
from ingestion.settings import variable
from ingestion.sources.parts.steps import Step

ABSENT = (200, 400, 402, 403, 404)
"""Statuses by which a feature that the plan lacks is refused: 200 with a fault in it, too."""


def left_out(source: str, optional: Mapping[str, str], named: str) -> frozenset[str]:
    """The streams named, between commas. Raises ``SettingsError`` where one is in every plan."""
    streams = frozenset(name.strip() for name in named.split(",") if name.strip())
    if unknown := sorted(streams - optional.keys()):
        hint = f"only these can be left out: {', '.join(optional)}" if optional else "nothing of it can be left out"
        raise SettingsError(variable(source, "leave_out"), f"{', '.join(unknown)}: {hint}")
    return streams


def optional_steps(
    landing: Landing, steps: Iterable[Step], optional: Mapping[str, str], without: Collection[str]
) -> Iterator[Step]:
    """The steps, less what the streams ``without`` would do, and what needs that. ``optional``: what suffers, by
    stream."""
    setting, skipped = variable(landing.source, "leave_out"), set()
    for step in steps:
        lacking = [need for need in step.needs if need in skipped]
        if step.stream in without or lacking:
            skipped.add(step.name)
            why = optional[step.stream] if step.stream in without else f"it needs {', '.join(lacking)}"
            note = f"{step.stream}: left out by {setting}; {why}"
            yield replace(step, run=partial(_left_out, landing, step.stream, note), needs=())
        elif step.stream in optional:
            hint = f"If the company's plan has none, set {setting}={step.stream}: {optional[step.stream]}"
            yield replace(step, run=partial(_explained, step, hint))
        else:
            yield step


def _left_out(landing: Landing, stream: str, note: str) -> Iterator[Landed]:
    yield replace(landing.land(stream, []), note=note)


def _explained(step: Step, hint: str) -> Iterator[Landed]:
    try:
        yield from step.run()
        return
    except SourceError as error:
        if error.status not in ABSENT:
            raise
        explained = SourceError(
            error.source,
            error.stream,
            f"{error.hint}. {hint}",
            cursor=error.cursor,
            status=error.status,
            codes=error.codes,
        )
    raise explained
