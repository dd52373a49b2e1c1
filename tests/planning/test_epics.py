"""Dates of epics, drawn once more in plain Python: the definitions of docs/metrics/forecast.md, step by step.

Another stream of chance can't give equal dates; it must give such of which as many runs are done as was said.
A failure here means that a team is held to a date that its own weeks do not bear out.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from planning import delivery, epics
from planning.delivery import LEVELS
from planning.epics import Counts, Known
from tests.planning.made_up_teams import team as made_up_team

TODAY, ENDS = date(2026, 3, 4), date(2026, 3, 2)  # a Wednesday, and its week
WEEK = timedelta(days=7)
RUNS = 1_000
TEAMS = ("T-1", "T-2")


def counts(done: Sequence[int], added: Sequence[int], planned: int) -> Counts:
    """``planned``: what was there from the first week on."""
    found = Counts()
    for number, (finished, came) in enumerate(zip(done, added, strict=True)):
        week = ENDS - (len(done) - number) * WEEK
        found.done[week] += finished
        found.added[week] += came + (planned if number == 0 else 0)
    return found


def known(rng: random.Random) -> Known:
    """Two teams with 20 weeks of history, three epics of which one waits for both, and holidays of half a team."""
    parts = {}
    for team in TEAMS:
        for epic in ("E1", "E2", "E3"):
            if (team, epic) != ("T-2", "E1"):
                done = [rng.choice((0, 0, 1, 2)) for _ in range(20)]
                added = [rng.choice((0, 0, 0, 1)) for _ in range(20)]
                parts[epic, team] = counts(done, added, sum(done) + rng.randrange(3, 12))
    away = {"T-1": {date(2026, 3, 12): 0.5, date(2026, 3, 13): 1.0, date(2026, 1, 1): 1.0, date(2026, 1, 2): 0.5}}
    left = [
        (epic, max(TEAMS, key=lambda team: parts[epic, team].remaining(date.max) if (epic, team) in parts else -1))
        for epic in ("E1", "E2", "E3")
    ]
    total = {epic: sum(one.remaining(date.max) for (name, _), one in parts.items() if name == epic) for epic, _ in left}
    # ranked other than they are called
    rank = {"E1": "b", "E2": "a", "E3": "c"}
    return Known([(epic, team, total[epic]) for epic, team in left], parts, rank, {}, away, ENDS, "by_rank")


def opened(away: dict[date, float], first: date) -> float:
    """The open share of the week of a day, from that day on."""
    monday = first - timedelta(days=first.weekday())
    days = [monday + timedelta(days=n) for n in range(5)]
    return sum(1 - away.get(day, 0) for day in days if day >= first) / 5


def run(world: Known, rng: random.Random) -> dict[str, int]:
    """The number of weeks after which each epic is done."""
    over: dict[str, int] = defaultdict(int)
    for team in TEAMS:
        away = dict(world.away.get(team, {}))
        weeks = [ENDS - n * WEEK for n in range(20, 0, -1)]
        of_team = {epic: one for (epic, name), one in world.parts.items() if name == team}
        left = {epic: float(one.remaining(date.max)) for epic, one in of_team.items()}
        left = {epic: n for epic, n in left.items() if n > 0}
        grew = {}
        for epic in left:
            first = min(week for week, n in of_team[epic].done.items() if n)
            since = [week for week in weeks if week > first]
            rates = {week: of_team[epic].added.get(week, 0) / opened(away, week) for week in since}
            mean = sum(rates.values()) / len(rates)
            grew[epic] = {week: rates.get(week, mean) for week in weeks}
        number = 0
        while left and number < 104:
            number += 1
            share = opened(away, TODAY if number == 1 else ENDS + (number - 1) * WEEK)
            drawn = rng.choice(weeks)
            hands = share * sum(one.done.get(drawn, 0) for one in of_team.values()) / opened(away, drawn)
            for epic in sorted(left, key=lambda epic: world.rank[epic]):
                left[epic] += grew[epic][drawn] * share
                taken = min(left[epic], hands)
                left[epic] -= taken
                hands -= taken
                if left[epic] < 1e-9:
                    del left[epic]
                    over[epic] = max(over[epic], number)
        for epic in left:
            over[epic] = 999
    return over


@pytest.mark.parametrize("seed", [1])
def test_as_many_runs_are_done_by_a_date_as_it_says(seed: int) -> None:
    world, rng = known(random.Random(seed)), random.Random(100 + seed)
    said = {row["epic_id"]: row for row in epics.rows(world, TODAY)}
    took = [run(world, rng) for _ in range(RUNS)]
    judged = 0
    for epic, row in said.items():
        if row["reason"]:
            continue
        assert not row["is_calibrated"], "of three epics nothing is learned"
        for level in LEVELS:
            last = date.fromisoformat(row[f"p{100 * level:.0f}_date"])
            weeks = ((last - ENDS).days + 1) // 7
            luck = 3.5 * (level * (1 - level) / RUNS) ** 0.5 + 0.005
            assert sum(one[epic] <= weeks for one in took) / RUNS >= level - luck, (epic, level)
            assert sum(one[epic] <= weeks - 1 for one in took) / RUNS < level + luck, (epic, level)
            judged += 1
    assert judged >= 6


def test_dates_are_moved_by_what_forecasts_of_past_epics_missed_with_those_that_are_not_over() -> None:
    """100 teams whose pace wanders, an epic each: tried four weeks after its first item was done."""
    parts, rank = {}, {}
    for number in range(100):
        made = made_up_team([31, number], 60)
        size = left = 20 * (1 + number % 7)
        done, added = [], []
        for week, came in zip(made.history, made.epic.added, strict=True):
            added.append((came or 0) if left else 0)
            done.append(min(week.done or 0, left + added[-1]))
            left += added[-1] - done[-1]
        parts[f"E{number}", f"T{number}"] = counts(done, added, size)
        rank[f"E{number}"] = f"{number:03d}"
    tried = epics.trials(Known([], parts, rank, {}, {}, ENDS, "by_rank"))
    over = [one for one in tried if one.is_over]
    assert len(tried) > 80
    assert 10 < len(tried) - len(over) < 30
    everything, quick = delivery.widening(tried), delivery.widening(over)
    assert everything is not None
    assert quick is not None
    assert all(everything[level] > quick[level] for level in LEVELS), "the slow ones are still open"
    assert delivery.widening(over[:18]) is None


def test_an_epic_that_is_closed_waits_for_nobody() -> None:
    world = known(random.Random(1))
    closed = {"E2": ENDS + timedelta(days=1)}
    shut = Known(world.epics, world.parts, world.rank, closed, world.away, world.ends, world.capacity)
    assert [shut.left("E2", "T-1", monday) for monday in (ENDS, ENDS - WEEK)] == [
        0,
        world.left("E2", "T-1", ENDS - WEEK),
    ]
    before, after = (one.drawn("T-1", ENDS, TODAY, 500) for one in (world, shut))
    assert before.keys() - after.keys() == {"E2"}
    assert after["E1"].weeks.mean() < before["E1"].weeks.mean(), "the one that was ranked first is gone"
