"""Forecasts and pace as vendors document them and people report them: the cases of tests/cases/goals.

The cases were written by hand; no figure in them comes from a rule of ours. Where a case lets a policy decide, ours is
named in the test, and described in docs/metrics/forecast.md.
"""

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planning import delivery
from planning.delivery import LEVELS, Epic, Week
from planning.goals import elapsed
from planning.key_results import Path as KeyResult
from planning.key_results import forecast, state

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("*.json")
}
MONDAY = date(2026, 3, 2)


def given(case: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return CASES[case]["input"], CASES[case]["right"]


def weeks_of(text: str) -> int:
    return int(text.split()[0])


def test_g11_a_life_begins_at_0_and_ends_at_1_on_its_last_day() -> None:
    files, right = given("g11")
    cycle = files["okrs.yml"]["cycles"][0]
    first, end = (date.fromisoformat(cycle[name]) for name in ("start", "end"))
    assert len(files["checkins.csv"]) == 3
    for row in files["checkins.csv"]:
        over = elapsed(date.fromisoformat(row["date"]), first, end)
        assert over == Fraction(right["expected"][row["date"]]["ends=first_0_last_1"])
    assert elapsed(end + timedelta(days=30), first, end) == 1, "a check-in after the cycle is at its end"


def test_g12_success_is_what_each_key_result_says() -> None:
    files, right = given("g12")
    grades = {row["kr_id"]: float(row["value"]) for row in files["checkins.csv"]}
    aims = {"S": 0.7, "C": 1.0}
    targets = {row["id"]: float(row["target"]) for row in files["okrs.yml"]["key_results"]}
    for name, aim in aims.items():
        score = grades[name] / targets[name]
        assert score == float(right["score"][name])
        assert (score >= aim) is right["success"][name]
    # The forecast asks what success asks: a stretch goal whose paths all end at 0.72 is on track, a committed one not.
    past = [
        KeyResult(f"{n}", f"C{n // 3}", f"{n}", (0.5,), (0.36 + n / 1000,), aim, 0.72 + n / 1000)
        for n, aim in enumerate([0.7] * 12)
    ]
    chances = [
        forecast(past, [KeyResult("K", "C9", "K", (0.5,), (0.365,), aim, age=0.5)])[0].p_hit for aim in aims.values()
    ]
    assert chances[0] is not None
    assert chances[1] is not None
    assert chances[0] > 0.9 > 0.1 > chances[1]
    assert state(KeyResult("B", "C", "B", (1.0,), (grades["B"],), kind="binary"), 1.0) is False, "0 until it is 1"


def test_g18_weeks_without_any_are_drawn() -> None:
    files, right = given("g18")
    done = files["items done by week (complete weeks before 2026-03-02)"].values()
    weeks = [Week(number) for number in done]
    found = delivery.forecast([Epic("E", files["remaining"])], weeks, date.fromisoformat(files["from"]))[0]
    for name, level in zip(("P50", "P85", "P95"), LEVELS, strict=True):
        number, day = right[name].split(" weeks, ")
        assert (found.weeks[level], found.dates[level]) == (int(number), date.fromisoformat(day))
    assert not found.is_calibrated
    runs = delivery.simulated(
        np.array([4.0]),
        np.array([float(week.done or 0) for week in weeks]),
        np.zeros((1, len(weeks))),
        [1.0] * 30,
        "by_rank",
        50_000,
        np.random.default_rng(0),
    )
    for number, share in right["P(done within n weeks)"].items():
        assert (runs[0] <= int(number)).mean() == pytest.approx(float(Fraction(share)), abs=0.005)


def test_g19_a_closed_week_brings_nothing_and_says_nothing() -> None:
    files, right = given("g19")
    closed = dict.fromkeys((date.fromisoformat(day) for day in files["holidays.csv (country DE)"]), 1.0)
    weeks = [
        Week(done, delivery.open_shares(date.fromisoformat(monday), 1, closed)[0])
        for monday, done in files["items done by week"].items()
    ]
    found = delivery.forecast([Epic("E", files["remaining"])], weeks, date.fromisoformat(files["from"]), closed)[0]
    assert [found.dates[level] for level in LEVELS] == [date.fromisoformat(right[name]) for name in right]


def test_g20_scope_grows_or_there_is_nothing_to_learn_from_or_nothing_left() -> None:
    files, right = given("g20")
    team = [Week(done) for done in files["team"]["done per week"]]
    epics = files["epics"]

    def alone(name: str, grows: bool = True, known: list[Week] = team) -> delivery.Delivery:
        epic = Epic(name, epics[name]["remaining"], epics[name].get("added per week", ()) if grows else ())
        return delivery.forecast([epic], known, MONDAY)[0]

    assert set(alone("W").weeks.values()) == {weeks_of(right["W"]["scope=growing"])}
    assert set(alone("W", grows=False).weeks.values()) == {weeks_of(right["W"]["scope=fixed"])}
    endless = alone("V")
    assert set(endless.weeks.values()) == set(endless.dates.values()) == {right["V"]["scope=growing"]} == {None}
    assert endless.reason == right["V"]["reason"]
    assert set(alone("U").weeks.values()) == {int(right["U"]["weeks"])}
    unknown = alone("U", known=[])
    assert set(unknown.weeks.values()) == {None}
    assert unknown.reason == right["U without a team history"]["reason"]
    assert set(alone("T").weeks.values()) == {int(right["T"]["weeks"])}
    assert alone("T").reason == right["T"]["reason"]


def test_g28_a_partly_closed_week_brings_its_share() -> None:
    files, right = given("g28")
    closed = dict.fromkeys((date.fromisoformat(day) for day in files["holidays.csv"]), 1.0)
    found = delivery.forecast([Epic("E", files["remaining"])], [Week(5)] * 8, date(2026, 3, 30), closed)[0]
    assert {f"in the week that ends on {day}" for day in found.dates.values()} == {right["step=week"]}


@pytest.mark.parametrize("capacity", ["by_rank", "in_proportion"])
def test_g29_what_a_team_finishes_is_used_once(capacity: Any) -> None:
    files, right = given("g29")
    epics = [Epic(name, epic["remaining"]) for name, epic in files["epics"].items()]
    team = [Week(done) for done in files["team"]["done per week"]]
    found = delivery.forecast(epics, team, MONDAY, capacity=capacity)
    wanted = right[f"capacity={capacity}"]
    assert {one.epic_id: set(one.weeks.values()) for one in found} == {
        name: {weeks_of(text)} for name, text in wanted.items()
    }
