"""When the epics of one team will be done: Monte Carlo over the weeks of the past.

Each run draws past weeks, whole, one for each week to come: what was finished in it and, with it, what was added to
each epic. A week in which nothing was finished is one of them. A week without working days says nothing of open ones
and brings nothing; one with four of five days brings four fifths. Epics of one team share what it finishes.

Belongs here: dates by percentiles, and how far they must be moved to hold (``Widening``), learned from finished epics.
Does not: what counts as finished or open, and whose holidays these are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVELS = (0.5, 0.85, 0.95)
RUNS = 20_000
HORIZON = 104
"""Weeks that a run may take: nobody acts on a date that is more than two years away."""
WEEK = timedelta(days=7)
WORKING_DAYS = 5
NOTHING = 1e-9
"""Parts of items are summed as floating point."""


@dataclass(frozen=True, slots=True)
class Week:
    """A complete week of the past: items finished (None is none), and the share of its working days that were open."""

    done: int | None
    open_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Epic:
    """An open epic. ``added``: items added to it in each week of the history; empty: its scope is taken as fixed."""

    epic_id: str
    remaining: int
    added: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """By level of ``LEVELS``: weeks from now on, closed ones included, and the last day of the last one.

    ``from_history``: whose weeks were drawn. ``reason``: why there are no dates, or why they are what they are.
    """

    epic_id: str
    weeks: Mapping[float, int | None]
    dates: Mapping[float, date | None]
    reason: str = ""
    from_history: str = ""
    is_calibrated: bool = False


def open_shares(first: date, weeks: int, closed: Collection[date]) -> list[float]:
    """The share of open working days of each week from the day ``first`` on; days of its week before it are over."""
    monday = first - timedelta(days=first.weekday())
    ends = np.datetime64(monday, "D") + 7 * np.arange(1, weeks + 1)
    begins = np.maximum(ends - 7, np.datetime64(first, "D"))
    days = np.busday_count(begins, ends, holidays=np.array(sorted(closed), "datetime64[D]"))
    return [float(share) for share in days / WORKING_DAYS]


def forecast(
    epics: Sequence[Epic],
    own: Sequence[Week],
    team: Sequence[Week],
    first: date,
    closed: Collection[date] = (),
    capacity: Literal["by_rank", "in_proportion"] = "by_rank",
    widening: Mapping[float, float] | None = None,
    seed: int = 0,
    runs: int = RUNS,
) -> list[Delivery]:
    """``epics``: those that wait for one team, in order of rank. ``own``: weeks of these epics' items, drawn if any of
    them was finished; else ``team``, what the team finishes for epics. ``first``: the first day of work to come.
    """
    whose, history = next(
        ((name, weeks) for name, weeks in (("own", own), ("team", team)) if any(week.done for week in weeks)), ("", [])
    )
    used = [number for number, week in enumerate(history) if week.open_share > 0]
    shares = open_shares(first, HORIZON, closed)
    finished = np.zeros((len(epics), runs), int)
    grows = np.zeros(len(epics), bool)
    if used and any(history[number].done for number in used):
        per_week = np.array([(history[number].done or 0) / history[number].open_share for number in used])
        added = np.array([weekly_growth(epic, history, used) for epic in epics])
        remaining = np.array([epic.remaining for epic in epics], float)
        grown = added.mean(1) * (remaining > 0)
        if capacity == "in_proportion":
            grown = np.full(len(epics), grown.sum())
        # An epic that never ends takes all that is left to those of lower rank.
        grows = np.logical_or.accumulate(grown >= per_week.mean() - NOTHING)
        finished = simulated(remaining, per_week, added, shares, capacity, runs, np.random.default_rng(seed))
    found = []
    for epic, weeks, endless in zip(epics, finished, grows, strict=True):
        if epic.remaining <= 0:
            reason = "nothing_left_but_not_closed"
        elif not used or not any(history[number].done for number in used):
            reason = "no_history"
        else:
            reason = "scope_grows_as_fast" if endless else ""
        found.append(described(epic, weeks, reason, whose, shares, first, widening))
    return found


def weekly_growth(epic: Epic, history: Sequence[Week], used: Sequence[int]) -> list[float]:
    if not epic.added:
        return [0.0] * len(used)
    if len(epic.added) != len(history):
        raise ValueError(f"epic {epic.epic_id}: {len(epic.added)} weeks of growth for {len(history)} weeks of history")
    return [epic.added[number] / history[number].open_share for number in used]


def simulated(
    remaining: Array,
    per_week: Array,
    added: Array,
    shares: Sequence[float],
    capacity: str,
    runs: int,
    rng: np.random.Generator,
) -> NDArray[np.int_]:
    """Epics x runs: the number of weeks after which each was done; one more than there are weeks where it was not."""
    left = np.tile(remaining[:, None], (1, runs))
    finished = np.where(left > NOTHING, len(shares) + 1, 0)
    for number, share in enumerate(shares, start=1):
        drawn = rng.integers(len(per_week), size=runs)
        is_open = finished > len(shares)
        if not is_open.any():
            break
        left += added[:, drawn] * share * is_open
        hands = per_week[drawn] * share
        if capacity == "in_proportion":
            left *= 1 - np.minimum(1.0, hands / np.maximum(left.sum(0), NOTHING))
        else:
            for epic in left:
                taken = np.minimum(epic, hands)
                epic -= taken
                hands = hands - taken
        done = is_open & (left <= NOTHING)
        finished[done] = number
        left[done] = 0.0
    return finished


def described(
    epic: Epic,
    finished: NDArray[np.int_],
    reason: str,
    whose: str,
    shares: Sequence[float],
    first: date,
    widening: Mapping[float, float] | None,
) -> Delivery:
    if reason == "nothing_left_but_not_closed":
        return Delivery(epic.epic_id, dict.fromkeys(LEVELS, 0), dict.fromkeys(LEVELS), reason)
    if reason:
        return Delivery(epic.epic_id, dict.fromkeys(LEVELS), dict.fromkeys(LEVELS), reason, whose)
    plain = np.quantile(finished, LEVELS, method="inverted_cdf")
    work = np.r_[0.0, np.cumsum(shares)]  # open weeks after each week
    weeks: dict[float, int | None] = {}
    for level, number in zip(LEVELS, plain, strict=True):
        weeks[level] = None
        if number <= len(shares):
            needed = work[number] * (widening or {}).get(level, 1.0)
            after = int(np.searchsorted(work, needed - NOTHING))
            weeks[level] = max([after, *(other for other in weeks.values() if other)]) if after < len(work) else None
    monday = first - timedelta(days=first.weekday())
    dates = {level: None if n is None else monday + WEEK * n - timedelta(days=1) for level, n in weeks.items()}
    late = "beyond_two_years" if None in weeks.values() else ""
    return Delivery(epic.epic_id, weeks, dates, late, whose, widening is not None)


def widening(finished: Sequence[tuple[Mapping[float, float], float]]) -> dict[float, float] | None:
    """By level: what a forecast of open weeks is to be multiplied with, so that it holds as often as it says.

    ``finished``: of each finished epic the open weeks that were forecast, by level, and those that it took. Of n ratios
    the ⌈(n+1)·level⌉-th smallest: 19 are needed for 95 %, and below that nothing is calibrated.
    """
    count = len(finished)
    if np.ceil((count + 1) * max(LEVELS)) > count:
        return None
    return {
        level: float(np.quantile([took / forecast[level] for forecast, took in finished], level, method="weibull"))
        for level in LEVELS
    }
