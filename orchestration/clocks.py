"""How new the data of each source is, and whether that is late.

Belongs here: the clocks of the last build, held against what cadence.py expects; in words. Does not: what "newest"
means in a stream (macros/streams.sql), as-of of marts (serving/clocks.py), checks (defs/clocks.py).

They are kept in a file beside the record of the build: the warehouse can't be read while dbt writes it, and loads ask
every hour.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.clock import now
from ingestion.sources import SOURCES
from ingestion.writes import write_atomically
from orchestration import built, cadence, dbt_process
from serving.clocks import Clock, read

FILE = "clocks.json"
NEWEST_DATA = "newest_data_is_not_late"
CLOSED_BOOKS = "closed_periods_stay_closed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clock says: whether something is wrong, and in words which clock it is, how late against which
    expectation, and what to do next."""

    is_well: bool
    text: str


def keep(warehouse: Path) -> None:
    """Notes the clocks of a build that has ended, and how far the books were ever closed."""
    found = read(warehouse)
    closed = [(one.closed_through.isoformat(), one.closed_fiscal_period) for one in found.values() if one.closed_through]
    furthest = max([*closed, *(tuple(one) for one in _kept()["furthest"])], default=None)
    content = {
        "furthest": [furthest] if furthest else [],
        "clocks": {source: asdict(clock) for source, clock in found.items()},
    }
    write_atomically(_file(), json.dumps(content, indent=1, default=date.isoformat))


def of_last_build() -> dict[str, Clock]:
    """The clocks by source, with when newer data is expected; none where nothing is built."""
    return {source: _clock(source, kept) for source, kept in _kept()["clocks"].items()}


def newest_data(source: str) -> Verdict:
    """Whether the newest data of a source is as new as it should be. What has landed and is not built is no verdict."""
    expected, clock = cadence.NEWEST[source], of_last_build().get(source)
    if clock is None:
        return Verdict(True, "nothing is built yet")
    if _has_news(source):
        return Verdict(True, "something has landed that is not built yet; next: prodops run")
    if clock.data_as_of is None:
        return Verdict(False, f"{source} is on, and nothing landed that says how new it is; next: prodops doctor")
    age = now().replace(tzinfo=None) - clock.data_as_of
    newest = f"the newest {expected.words} is of {clock.data_as_of:%Y-%m-%d %H:%M} UTC"
    within = f"a newer one is expected within {_span(expected.within)}"
    if age <= expected.within:
        return Verdict(True, f"{newest}; {within}")
    return Verdict(
        False,
        f"{source} is late by {_span(age - expected.within)}: {newest}, {within} (orchestration/cadence.py). Next: look "
        f"in {SOURCES[source].title} for anything newer. If there is, prodops doctor says what can't be read, and "
        f"prodops load {source} --resync reads everything again",
    )


def closed_books() -> Verdict:
    """Whether the books are closed as far as they ever were."""
    clocks, furthest = of_last_build().values(), _kept()["furthest"]
    through, period = next(((c.closed_through, c.closed_fiscal_period) for c in clocks if c.closed_through), (None, None))
    if not furthest or (through and through >= date.fromisoformat(furthest[0][0])):
        return Verdict(True, f"closed through {through}, {period}" if through else "no period was ever closed")
    return Verdict(
        False,
        f"the books were closed through {furthest[0][0]} ({furthest[0][1]}) and are now through {through} ({period}): "
        "what was opened again is an estimate and moves with each load. Next: ask who closes the books; once they are "
        "closed again, prodops restate list shows what changed",
    )


def _clock(source: str, kept: dict[str, Any]) -> Clock:
    data, loaded = (datetime.fromisoformat(kept[one]) if kept[one] else None for one in ("data_as_of", "loaded_at"))
    through = date.fromisoformat(kept["closed_through"]) if kept["closed_through"] else None
    expected = data + cadence.NEWEST[source].within if data else None
    return Clock(data, loaded, expected, through, kept["closed_fiscal_period"])


def _has_news(source: str) -> bool:
    """Whether a source has loads that the last build did not take in."""
    build, landed = built.last(), built.now().streams
    known = build.streams if build else {}
    streams = {name for name in {*known, *landed} if name.startswith(f"{source}/")}
    return any(known.get(name) != landed.get(name) for name in streams)


def _span(span: timedelta) -> str:
    days, hours = divmod(round(span / timedelta(hours=1)), 24)
    return " ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in ((days, "day"), (hours, "hour")) if n) or "minutes"


def _kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_file().read_text()) if _file().exists() else {"furthest": [], "clocks": {}}
    return found


def _file() -> Path:
    return dbt_process.target() / FILE
