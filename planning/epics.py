"""When each open epic will be done, from what the warehouse knows of the teams that work on it.

An epic waits for every team that has open items of it, and each team serves its epics by rank: the epic is done, in
each run, when the last of them is. How far such dates must be moved to hold is learned from the company's own epics:
each is forecast as of four weeks after the first of its items was done, by what was known then.

Belongs here: what is read, whose weeks are drawn, the forecasts of the past, rows as they land. Does not: how dates are
drawn (planning/delivery.py), what an open item is (dbt).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal
from zlib import crc32

import duckdb
import numpy as np

from planning import delivery
from planning.delivery import HORIZON, WEEK, Drawn, Epic, Tried, Week

HISTORY = 26
"""Weeks: half a year shows what a team does now, holidays among it."""
ENOUGH = 4
"""Weeks of history without which a forecast of the past is no trial."""
AGE = 4 * WEEK
TRIALS = 100
TRIAL_RUNS = 2_000
Capacity = Literal["by_rank", "in_proportion"]


@dataclass
class Counts:
    """What came into a part of an epic and was done of it, by week."""

    added: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    done: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    def remaining(self, monday: date) -> int:
        """When a week begins."""
        return sum(n for week, n in self.added.items() if week < monday) - sum(
            n for week, n in self.done.items() if week < monday
        )

    def first_done(self) -> date | None:
        return min((week for week, n in self.done.items() if n), default=None)


Part = tuple[str, str]
"""Epic and queue: a team, or a project where items have no team."""


@dataclass(frozen=True)
class Known:
    """``epics``: those that are open, with the queue that has the most to do of each and the items that are open.
    ``parts``: of epics that are over, too. ``rank``: epics in their order. ``closed_on``: those that are closed.
    ``away``: by queue and day how much of its people. ``ends``: the first day of the week that is not over."""

    epics: Sequence[tuple[str, str | None, int]]
    parts: Mapping[Part, Counts]
    rank: Mapping[str, str]
    closed_on: Mapping[str, date]
    away: Mapping[str, Mapping[date, float]]
    ends: date
    capacity: Capacity

    def history(self, queue: str, monday: date) -> list[date]:
        """The weeks before a Monday, from the first in which the queue had anything to do."""
        of_queue = [one for (_, name), one in self.parts.items() if name == queue]
        begins = min((week for one in of_queue for week in (*one.added, *one.done)), default=monday)
        return [monday - n * WEEK for n in range(HISTORY, 0, -1) if monday - n * WEEK >= begins]

    def finished(self, queue: str, weeks: Sequence[date]) -> list[int]:
        of_queue = [one for (_, name), one in self.parts.items() if name == queue]
        return [sum(one.done.get(week, 0) for one in of_queue) for week in weeks]

    def left(self, epic: str, queue: str, monday: date) -> int:
        """Open items of an epic when a week begins; now, where that is the running one."""
        as_of, closed = monday if monday < self.ends else date.max, self.closed_on.get(epic)
        if epic not in self.rank or (closed is not None and closed <= as_of):
            return 0
        return self.parts[epic, queue].remaining(as_of)

    def drawn(self, queue: str, monday: date, first: date, runs: int) -> dict[str, Drawn]:
        """Of the epics that have open items for a queue when a week begins: when it is done with them."""
        waiting = []
        weeks = self.history(queue, monday)
        of_queue = [epic for epic, name in self.parts if name == queue and epic in self.rank]
        for epic in sorted(of_queue, key=lambda epic: self.rank[epic]):
            part = self.parts[epic, queue]
            if (left := self.left(epic, queue, monday)) > 0:
                # What came in before anything was done was planned; what comes later is growth.
                begun = part.first_done()
                grew = [part.added.get(week, 0) if begun and begun < week else None for week in weeks]
                waiting.append(Epic(epic, left, grew))
        finished = self.finished(queue, weeks)
        opened = [delivery.open_shares(week, 1, self.away.get(queue, {}))[0] for week in weeks]
        history = [Week(done, share) for done, share in zip(finished, opened, strict=True)]
        seed = crc32(queue.encode())  # so that teams have good weeks at different times
        found = delivery.draws(waiting, history, self.shares(queue, first), self.capacity, seed, runs)
        return dict(zip([one.epic_id for one in waiting], found, strict=True))

    def shares(self, queue: str, first: date) -> list[float]:
        return delivery.open_shares(first, HORIZON, self.away.get(queue, {}))


def joined(parts: Sequence[Drawn]) -> Drawn:
    """An epic is done when the last of its parts is; one that never is leaves no date."""
    reason = next((one.reason for one in parts if one.reason), "")
    return Drawn(np.max([one.weeks for one in parts], axis=0), reason)


def trials(known: Known) -> list[Tried]:
    """Epics of the past, each forecast at one age and held against what it took, or has taken."""
    epics: dict[str, list[str]] = defaultdict(list)
    for epic, queue in known.parts:
        if epic in known.rank:
            epics[epic].append(queue)
    begun = {
        epic: min((first for queue in queues if (first := known.parts[epic, queue].first_done())), default=None)
        for epic, queues in epics.items()
    }
    origins = {epic: first + AGE for epic, first in begun.items() if first and first + AGE < known.ends}
    newest = sorted(origins, key=lambda epic: (origins[epic], epic))[-TRIALS:]
    return [tried for epic in newest for tried in _tried(known, epic, epics, origins[epic])]


def _tried(known: Known, epic: str, epics: Mapping[str, Sequence[str]], monday: date) -> Iterator[Tried]:
    waiting = [queue for queue in epics[epic] if known.left(epic, queue, monday) > 0]
    if not waiting or any(len(known.history(queue, monday)) < ENOUGH for queue in waiting):
        return
    found = joined([known.drawn(queue, monday, monday, TRIAL_RUNS)[epic] for queue in waiting])
    # The epic is shown with the queue that has the most to do of it, and so are the weeks that are open.
    queue = max(waiting, key=lambda queue: (known.left(epic, queue, monday), queue))
    weeks = (known.ends - monday) // WEEK
    work = np.r_[0.0, np.cumsum(delivery.open_shares(monday, max(HORIZON, weeks) + 1, known.away.get(queue, {})))]
    over = next(
        (
            n
            for n in range(1, weeks + 1)
            if not any(known.left(epic, queue, monday + n * WEEK) for queue in epics[epic])
        ),
        None,
    )
    said = {level: float(work[number]) for level, number in delivery.quantiles(found).items()}
    if not found.reason and min(said.values()) > 0:
        yield Tried(said, float(work[weeks if over is None else over]), over is not None)


def epic_forecasts(connection: duckdb.DuckDBPyConnection, today: date) -> list[dict[str, Any]]:
    """One row per open epic: when it will be done, and of what that was drawn."""
    known = read(connection)
    # Jira may have been read after the files.
    return rows(known, max(today, known.ends))


def rows(known: Known, today: date) -> list[dict[str, Any]]:
    tried = trials(known)
    widening = delivery.widening(tried)
    drawn: dict[str, list[Drawn]] = defaultdict(list)
    for of_queue in sorted({queue for _, queue in known.parts}):
        for epic, runs in known.drawn(of_queue, known.ends, today, delivery.RUNS).items():
            drawn[epic].append(runs)
    made = []
    for epic, queue, items_open in known.epics:
        if queue is None:
            found = delivery.Delivery(epic, {}, {}, "no_items")
        elif not items_open:
            found = delivery.Delivery(epic, {}, {}, "nothing_left_but_not_closed")
        else:
            found = delivery.described(epic, joined(drawn[epic]), known.shares(queue, today), today, widening)
        weeks = known.history(queue, known.ends) if queue else []
        row: dict[str, Any] = {"epic_id": epic, "reason": found.reason or None, "is_calibrated": found.is_calibrated}
        for level in delivery.LEVELS:
            day = found.dates.get(level)
            row[f"p{100 * level:.0f}_date"] = day.isoformat() if day else None
        row |= {"history_weeks": len(weeks), "history_items": sum(known.finished(queue, weeks)) if queue else 0}
        made.append(row | {"trials": len(tried)})
    return made


def read(connection: duckdb.DuckDBPyConnection) -> Known:
    parts: dict[Part, Counts] = defaultdict(Counts)
    for epic, queue, week, added, done in connection.execute(
        "select epic_id, queue_id, week_start_date, items_added - items_removed, items_done "
        "from intermediate.int_epic_weeks_counted"
    ).fetchall():
        parts[epic, queue].added[week] += added
        parts[epic, queue].done[week] += done
    away: dict[str, dict[date, float]] = defaultdict(dict)
    for team, day, share in connection.execute(
        "select team_id, holiday_date, closed_share from intermediate.int_team_holidays_shared"
    ).fetchall():
        away[team][day] = share
    found = connection.execute(
        "select epic_id, queue_id, items_open, epic_rank, is_open, closed_date from intermediate.int_epics_counted "
        "order by epic_id"
    ).fetchall()
    epics = [(epic, queue, items) for epic, queue, items, _, is_open, _ in found if is_open]
    rank, closed_on = {epic: rank for epic, _, _, rank, *_ in found}, {epic: day for epic, *_, day in found if day}
    ((local_date, capacity),) = connection.execute(
        "select local_date, delivery_capacity from intermediate.int_jira_clocks_read "
        "cross join intermediate.int_policies_read"
    ).fetchall()
    newest = local_date or date.min  # where Jira is off there are no epics either
    ends = newest - timedelta(days=newest.weekday())
    return Known(epics, parts, rank, closed_on, away, ends, capacity)
