"""When the epics of one team will be done: Monte Carlo over the weeks of the past.

Each run draws past weeks, whole, one for each week to come: what was finished in it and, with it, what was added to
each epic. A week in which nothing was finished is one of them. A week without working days says nothing of open ones
and brings nothing; one with four of five days brings four fifths. Epics of one team share what it finishes.

Belongs here: dates by percentiles, and how far they must be moved to hold (``widening``), learned from epics of the
past. Does not: what counts as finished or open, and whose holidays these are (planning/epics.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf

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
    """An open epic, or what one team has to do of it. ``added``: items added to it, less those taken out, in each week
    of the history, None before it had begun; empty: its scope is taken as fixed."""

    epic_id: str
    remaining: int
    added: Sequence[int | None] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """By level of ``LEVELS``: weeks from now on, closed ones included, and the last day of the last one.

    ``reason``: why there are no dates, or why they are what they are.
    """

    epic_id: str
    weeks: Mapping[float, int | None]
    dates: Mapping[float, date | None]
    reason: str = ""
    is_calibrated: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """The number of weeks after which an epic is done in each run; one more than HORIZON where it is not. With a
    ``reason`` they say nothing."""

    weeks: NDArray[np.int_]
    reason: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A forecast of the past: open weeks by level, and those that the epic took, or has taken where it is not over."""

    said: Mapping[float, float]
    took: float
    is_over: bool = True


def open_shares(first: date, weeks: int, closed: Mapping[date, float]) -> list[float]:
    """The share of open working days of each week from the day ``first`` on; days of its week before it are over.
    ``closed``: by day how much of the team is away."""
    monday = first - timedelta(days=first.weekday())
    ends = np.datetime64(monday, "D") + 7 * np.arange(1, weeks + 1)
    begins = np.maximum(ends - 7, np.datetime64(first, "D"))
    days = np.busday_count(begins, ends).astype(float)
    for day, share in closed.items():
        week = (day - monday).days // 7
        if first <= day and week < weeks and day.weekday() < WORKING_DAYS:
            days[week] -= share
    return [float(share) for share in np.maximum(days, 0.0).round(9) / WORKING_DAYS]


def forecast(
    epics: Sequence[Epic],
    history: Sequence[Week],
    first: date,
    closed: Mapping[date, float] | None = None,
    capacity: Literal["by_rank", "in_proportion"] = "by_rank",
    widening: Mapping[float, float] | None = None,
    seed: int = 0,
    runs: int = RUNS,
) -> list[Delivery]:
    """Of epics that wait for one team: see ``draws``. ``first``: the first day of work to come."""
    shares = open_shares(first, HORIZON, closed or {})
    found = draws(epics, history, shares, capacity, seed, runs)
    return [described(epic.epic_id, one, shares, first, widening) for epic, one in zip(epics, found, strict=True)]


def draws(
    epics: Sequence[Epic],
    history: Sequence[Week],
    shares: Sequence[float],
    capacity: Literal["by_rank", "in_proportion"] = "by_rank",
    seed: int = 0,
    runs: int = RUNS,
) -> list[Drawn]:
    """``epics``: those that wait for one team, in order of rank. ``history``: what the team finished for epics.
    ``shares``: how far each week to come is open."""
    used = [number for number, week in enumerate(history) if week.open_share > 0]
    is_known = bool(epics) and any(history[number].done for number in used)
    finished = np.zeros((len(epics), runs), int)
    grows = np.zeros(len(epics), bool)
    if is_known:
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
        else:
            reason = "no_history" if not is_known else "scope_grows_as_fast" if endless else ""
        found.append(Drawn(weeks, reason))
    return found


def weekly_growth(epic: Epic, history: Sequence[Week], used: Sequence[int]) -> list[float]:
    if not epic.added:
        return [0.0] * len(used)
    if len(epic.added) != len(history):
        raise ValueError(f"epic {epic.epic_id}: {len(epic.added)} weeks of growth for {len(history)} weeks of history")
    grown = [None if (added := epic.added[number]) is None else added / history[number].open_share for number in used]
    known = [one for one in grown if one is not None]
    mean = sum(known) / len(known) if known else 0.0
    # Weeks before it had begun say nothing of its growth; they are drawn for what the team finished.
    return [mean if one is None else one for one in grown]


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
        np.maximum(left, 0.0, out=left)  # more was taken out than was left
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
    epic_id: str, drawn: Drawn, shares: Sequence[float], first: date, widening: Mapping[float, float] | None
) -> Delivery:
    if drawn.reason == "nothing_left_but_not_closed":
        return Delivery(epic_id, dict.fromkeys(LEVELS, 0), dict.fromkeys(LEVELS), drawn.reason)
    if drawn.reason:
        return Delivery(epic_id, dict.fromkeys(LEVELS), dict.fromkeys(LEVELS), drawn.reason)
    work = np.r_[0.0, np.cumsum(shares)]  # open weeks after each week
    weeks: dict[float, int | None] = {}
    for level, number in quantiles(drawn).items():
        weeks[level] = None
        if number <= len(shares):
            needed = work[number] * (widening or {}).get(level, 1.0)
            after = int(np.searchsorted(work, needed - NOTHING))
            weeks[level] = max([after, *(other for other in weeks.values() if other)]) if after < len(work) else None
    monday = first - timedelta(days=first.weekday())
    dates = {level: None if n is None else monday + WEEK * n - timedelta(days=1) for level, n in weeks.items()}
    late = "beyond_two_years" if None in weeks.values() else ""
    return Delivery(epic_id, weeks, dates, late, widening is not None)


def quantiles(drawn: Drawn) -> dict[float, int]:
    """Weeks by level."""
    plain = np.quantile(drawn.weeks, LEVELS, method="inverted_cdf")
    return {level: int(number) for level, number in zip(LEVELS, plain, strict=True)}


def widening(tried: Sequence[Tried]) -> dict[float, float] | None:
    """By level: what a forecast of open weeks is to be multiplied with, so that it holds as often as it says.

    Of n ratios of what was taken to what was said the (n+1)·level-th smallest. That of an epic which is not over is at
    least as large (Kaplan and Meier): left out, epics that take long would be missing. 19 are needed for 95 %, and
    where the estimate does not come so far nothing is calibrated.
    """
    count = len(tried)
    found: dict[float, float] = {}
    for level in LEVELS:
        ratios = [(one.took / one.said[level], one.is_over) for one in tried]
        over, still = ([ratio for ratio, is_over in ratios if is_over is wanted] for wanted in (True, False))
        if not over:
            return None
        longer = ecdf(CensoredData(uncensored=over, right=still)).sf
        before, ranks, steps = 0.0, list[float](), list[float]()
        for ratio, share in zip(longer.quantiles, longer.probabilities, strict=True):
            rank = float(count * (1 - share))
            if rank > before + NOTHING:
                ranks += [min(before + 1, rank), rank]
                steps += [float(ratio)] * 2
            before = rank
        wanted_rank = (count + 1) * level
        if wanted_rank > before + NOTHING:
            return None
        found[level] = float(np.interp(wanted_rank, ranks, steps))
    return found
