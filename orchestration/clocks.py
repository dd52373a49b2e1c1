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

import dagster as dg

from ingestion.clock import now
from ingestion.sources import SOURCES
from ingestion.writes import write_atomically
from orchestration import built, cadence, dbt_process
from orchestration.loads import switched_on
from serving.clocks import Clock, read

FILE = "clocks.json"
NEWEST_DATA = "newest_data_is_not_late"
CLOSED_BOOKS = "closed_periods_stay_closed"
UNITED = dg.AssetKey(["intermediate", "int_clocks_united"])
"""What the checks read: it is built anew as soon as a clock moves."""
BOOKS = dg.AssetKey(["quickbooks", "preferences"])
"""Where the closing date lands."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clock says: whether something is wrong, and in words which clock it is, how late against which
    expectation, and what to do next."""

    is_well: bool
    text: str


def checks() -> set[dg.AssetCheckKey]:
    """The checks of the data clocks of all sources that are on, and of the close clock: they hold nothing back."""
    on = [source.name for source in switched_on()]
    found = {dg.AssetCheckKey(dg.AssetKey([name, cadence.NEWEST[name].stream]), NEWEST_DATA) for name in on}
    return found | ({dg.AssetCheckKey(BOOKS, CLOSED_BOOKS)} if BOOKS.path[0] in on else set())


def keep(warehouse: Path) -> None:
    """Notes the clocks of a build that has ended, and how far the books were ever closed."""
    found = read(warehouse)
    closed = [[str(one.closed_through), one.closed_fiscal_period] for one in found.values() if one.closed_through]
    content = {
        "furthest": max([*closed, _kept()["furthest"]], key=lambda one: str(one[0])),
        "clocks": {source: asdict(clock) for source, clock in found.items()},
    }
    write_atomically(_file(), json.dumps(content, indent=1, default=str))


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
        f"{source} is late by {_span(age - expected.within)}: {newest}, {within} (orchestration/cadence.py). Next: "
        f"look in {SOURCES[source].title} for anything newer. If there is, prodops doctor says what can't be read, "
        f"and prodops load {source} --resync reads everything again",
    )


def closed_books() -> Verdict:
    """Whether the books are closed as far as they ever were."""
    furthest, furthest_period = _kept()["furthest"]
    books = next((clock for clock in of_last_build().values() if clock.closed_through), Clock())
    through = books.closed_through.isoformat() if books.closed_through else ""
    if through >= furthest:
        period = f", so {books.closed_fiscal_period} and all before it"
        return Verdict(True, f"closed through {through}{period}" if through else "no period was ever closed")
    return Verdict(
        False,
        f"the books were closed through {furthest} ({furthest_period}) and now are through {through or 'no day'} "
        f"({books.closed_fiscal_period or 'no period'}): figures of what was opened again are estimates and move with "
        "each load. Next: ask who closes the books; when they are closed again, prodops restate list shows changes",
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
    found: dict[str, Any] = (
        json.loads(_file().read_text()) if _file().exists() else {"furthest": ["", None], "clocks": {}}
    )
    return found


def _file() -> Path:
    return dbt_process.target() / FILE
