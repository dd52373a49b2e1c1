"""What a person must know of: sources that are late or fail, checks that hold marts back, periods that were reopened.

Belongs here: what is wrong now, by what Dagster and the home know. Does not: whom that is sent to (serving/alerts.py),
what is left to do for the next run (plan.py).

Lines name sources, streams, checks, marts and periods. They hold no figure and nothing that a record, a file or dbt
said: they leave the machine.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from dagster import DagsterInstance

from ingestion import unread
from ingestion.home import home
from ingestion.sources import SOURCES
from orchestration import built, cadence, gate
from orchestration.defs import publish
from orchestration.loads import switched_on
from serving import restatements
from serving.alerts import Known
from serving.published import status

NAMED = 3


def found(instance: DagsterInstance) -> Known:
    """All problems, by a name that stays the same as long as one lasts."""
    problems = dict([*_sources(instance), *_checks(instance), *_periods()])
    served = status(home())
    if not problems and served.is_stale:
        problems["stale"] = f"what is served is stale since {served.since}; next: prodops doctor, then prodops run"
    return problems


def _sources(instance: DagsterInstance) -> Iterator[tuple[str, str]]:
    """Sources whose last load failed, and those whose last good one is too long ago."""
    failed = {one.source for one in unread.known(SOURCES)}
    for name in (source.name for source in switched_on()):
        streams, late_after = _loaded(instance, name), cadence.LOADED[name].late_after
        last = min(streams.values(), default=0.0)
        late = sorted(one for one, at in streams.items() if time.time() - at > late_after.total_seconds())
        since = f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M} UTC"
        if name in failed:
            yield f"failed {name}", f"the last load of {name} failed; next: its run in Dagster, prodops doctor"
        if late:
            yield f"late {name}", f"{name} is late: {_named(late)} not loaded since {since}; next: prodops doctor"


def _loaded(instance: DagsterInstance, source: str) -> dict[str, float]:
    """When each stream of a source was loaded last; those that never were are not late, they are new."""
    keys = [dg.AssetKey([source, stream.name]) for stream in SOURCES[source].streams]
    events = instance.get_latest_materialization_events(keys)
    return {key.path[-1]: event.timestamp for key, event in events.items() if event is not None}


def _checks(instance: DagsterInstance) -> Iterator[tuple[str, str]]:
    """What is red or failed by itself and holds marts back."""
    build = built.last()
    for one in gate.verdicts(instance, build, publish.due(build)) if build else ():
        if one.passed or not one.is_cause or one.name == gate.UNREAD:
            continue
        how = "is red" if one.problem == gate.RED else "failed"
        held = f"; holds back {_named(sorted(one.holds))}" if one.holds else ""
        yield f"check {one.on} {one.name}", f"{one.name} on {one.on} {how}{held}; next: prodops doctor"


def _periods() -> Iterator[tuple[str, str]]:
    """Closed periods whose published figures would change."""
    by_period: dict[str, set[str]] = {}
    for one in restatements.waiting(home()):
        by_period.setdefault(one.fiscal_period, set()).add(one.mart)
    for period, marts in sorted(by_period.items()):
        named = _named(sorted(marts))
        line = f"the closed period {period} is reopened: {named} would change; next: prodops restate list"
        yield f"period {period}", line


def _named(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if names[NAMED:] else ""
    return ", ".join(names[:NAMED]) + more
