"""Weeks of made-up teams and the epic that each works on: what backtests of delivery are run on.

Belongs here: how much a team finishes from week to week, its closed weeks, how an epic grows, and when it was done.
Does not: forecasts. Nothing of it is known to planning/.

What a team finishes is counted around a level that wanders: a good month is followed by a good month, which draws of
single weeks do not know. Weeks are closed around the turn of the year and in part here and there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from planning.delivery import HORIZON, Epic, Week, open_shares


@dataclass(frozen=True, slots=True)
class Team:
    """``took``: the number of weeks, closed ones included, after which the epic was done, or one more than HORIZON."""

    history: Sequence[Week]
    epic: Epic
    closed: Mapping[date, float]
    took: int


def team(seed: list[int], weeks: int, first: date = date(2026, 1, 5)) -> Team:
    rng = np.random.default_rng(seed)
    begins = first - timedelta(days=7 * weeks)
    count = weeks + HORIZON
    days = [begins + timedelta(days=int(day)) for day in np.flatnonzero(rng.random(7 * count) < 0.02)] + [
        date(year, 12, day) for year in range(2024, 2032) for day in range(21, 32)
    ]
    closed = dict.fromkeys(days, 1.0)
    shares = np.array(open_shares(begins, count, closed))
    level = np.log(rng.uniform(0.8, 6))
    away, rate = rng.normal(0, 0.3), np.empty(count)
    for week in range(count):
        away = 0.9 * away + rng.normal(0, 0.13)
        rate[week] = np.exp(level + away)
    done = rng.poisson(rate * shares * rng.gamma(4, 0.25, count))
    growth = rng.choice([0.0, 0.1, 0.3])
    added = rng.poisson(growth * np.exp(level) * shares)
    size = 1 + rng.poisson(np.exp(level) * rng.uniform(2, 12))
    left = size + np.cumsum(added[weeks:] - done[weeks:])
    over = np.flatnonzero(left <= 0)
    history = [Week(int(number), float(share)) for number, share in zip(done[:weeks], shares[:weeks], strict=True)]
    epic = Epic("E", int(size), [int(number) for number in added[:weeks]])
    return Team(history, epic, closed, int(over[0]) + 1 if len(over) else HORIZON + 1)
