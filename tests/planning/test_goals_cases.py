"""Forecasts, pace and decisions as vendors document them and people report them: the cases of tests/cases/goals.

The cases were written by hand; no figure in them comes from a rule of ours. Where a case lets a policy decide, ours is
named in the test, and described in docs/metrics/forecast.md.
"""

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planning import decisions, delivery
from planning.decisions import Round, Span, estimate, reopened, span, survival
from planning.delivery import LEVELS, Epic, Week
from planning.key_results import Path as KeyResult
from planning.key_results import forecast, state
from planning.pace import elapsed, label, pace

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
        found, reason = pace(Fraction(row["value"]) / 100, over)
        wanted = right["pace"][row["date"]]["ends=first_0_last_1"]
        assert found == (None if wanted is None else Fraction(wanted))
        assert reason == ("cycle_begins" if wanted is None else "")
    assert elapsed(end + timedelta(days=30), first, end) == 1, "a check-in after the cycle is at its end"


def test_g12_success_is_what_each_key_result_says_and_a_threshold_is_reached_at_its_border() -> None:
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
    vendors = {"at risk": "off_track", "behind": "at_risk", "on track": "on_track"}
    labels = right["ratio and label (0.4 / 0.7)"]
    for name, progress in files["labels on day 50 of 100"].items():
        ratio, _ = pace(Fraction(progress), Fraction(1, 2))
        number, _, words = labels[name].partition(" ")
        assert ratio == Fraction(number)
        assert label(ratio) == label(float(progress) / 0.5) == vendors[words]


def test_g18_weeks_without_any_are_drawn() -> None:
    files, right = given("g18")
    done = files["items done by week (complete weeks before 2026-03-02)"].values()
    weeks = [Week(number) for number in done]
    found = delivery.forecast([Epic("E", files["remaining"])], weeks, [], date.fromisoformat(files["from"]))[0]
    for name, level in zip(("P50", "P85", "P95"), LEVELS, strict=True):
        number, day = right[name].split(" weeks, ")
        assert (found.weeks[level], found.dates[level]) == (int(number), date.fromisoformat(day))
    assert found.from_history == "own"
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
    closed = [date.fromisoformat(day) for day in files["holidays.csv (country DE)"]]
    weeks = [
        Week(done, delivery.open_shares(date.fromisoformat(monday), 1, closed)[0])
        for monday, done in files["items done by week"].items()
    ]
    found = delivery.forecast([Epic("E", files["remaining"])], weeks, [], date.fromisoformat(files["from"]), closed)[0]
    assert [found.dates[level] for level in LEVELS] == [date.fromisoformat(right[name]) for name in right]


def test_g20_scope_grows_or_there_is_nothing_to_learn_from_or_nothing_left() -> None:
    files, right = given("g20")
    team = [Week(done) for done in files["team"]["done per week"]]
    epics = files["epics"]

    def alone(name: str, grows: bool = True, known: list[Week] = team) -> delivery.Delivery:
        epic = Epic(name, epics[name]["remaining"], epics[name].get("added per week", ()) if grows else ())
        return delivery.forecast([epic], [], known, MONDAY)[0]

    assert set(alone("W").weeks.values()) == {weeks_of(right["W"]["scope=growing"])}
    assert set(alone("W", grows=False).weeks.values()) == {weeks_of(right["W"]["scope=fixed"])}
    endless = alone("V")
    assert set(endless.weeks.values()) == set(endless.dates.values()) == {right["V"]["scope=growing"]} == {None}
    assert endless.reason == right["V"]["reason"]
    assert set(alone("U").weeks.values()) == {int(right["U"]["weeks"])}
    assert alone("U").from_history == "team"
    unknown = alone("U", known=[])
    assert set(unknown.weeks.values()) == {None}
    assert unknown.reason == right["U without a team history"]["reason"]
    assert set(alone("T").weeks.values()) == {int(right["T"]["weeks"])}
    assert alone("T").reason == right["T"]["reason"]


def test_g28_a_partly_closed_week_brings_its_share() -> None:
    files, right = given("g28")
    closed = [date.fromisoformat(day) for day in files["holidays.csv"]]
    found = delivery.forecast([Epic("E", files["remaining"])], [Week(5)] * 8, [], date(2026, 3, 30), closed)[0]
    assert {f"in the week that ends on {day}" for day in found.dates.values()} == {right["step=week"]}


@pytest.mark.parametrize("capacity", ["by_rank", "in_proportion"])
def test_g29_what_a_team_finishes_is_used_once(capacity: Any) -> None:
    files, right = given("g29")
    epics = [Epic(name, epic["remaining"]) for name, epic in files["epics"].items()]
    team = [Week(done) for done in files["team"]["done per week"]]
    found = delivery.forecast(epics, [], team, MONDAY, capacity=capacity)
    wanted = right[f"capacity={capacity}"]
    assert {one.epic_id: set(one.weeks.values()) for one in found} == {
        name: {weeks_of(text)} for name, text in wanted.items()
    }


def instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def rounds(rows: list[dict[str, str]], withdrawn: str = "") -> list[Round]:
    found = []
    for row in rows:
        raised, *later = (instant(row[f"{name}_at"]) for name in ("raised", "data_ready", "proposed", "decided"))
        assert raised is not None
        left = instant(withdrawn) if row["decision_id"] == "W" else None
        found.append(Round(row["decision_id"], raised, *later, left))
    return found


def test_g24_open_questions_are_censored_and_at_risk_at_their_own_age() -> None:
    files, right = given("g24")
    now = datetime.fromisoformat(files["now"])
    spans = [span(question, "raised", "decided", now) for question in rounds(files["decisions.csv"])]
    times, longer = survival(spans)
    shares = dict(zip((time / 24 for time in times), longer, strict=True))
    for days, share in right["S(t) after t days"].items():
        assert shares[float(days)] == pytest.approx(float(Fraction(share)))
    found = estimate(spans)
    assert found.median == 24 * weeks_of(right["median"])
    assert (found.p85, found.reason) == (right["p85"]["value"], right["p85"]["reason"])
    assert f"{found.decided} of {found.rounds}" == right["decided"]


def test_g25_rounds_stages_and_what_was_withdrawn() -> None:
    files, right = given("g25")
    now = datetime.fromisoformat(files["now"])
    asked = rounds(files["decisions.csv"], withdrawn="2026-02-20T09:00:00Z")
    whole = [span(question, "raised", "decided", now) for question in asked]
    assert [f"{one.hours:.0f} h" for one in whole[:2]] == right["R"]["rounds=each"]
    assert "{} of {} questions".format(*reopened(asked)) == right["R"]["reopened"]
    before_data = asked[2]
    assert f"{whole[2].hours:.0f} h" == right["G"]["raised to decided"]
    assert f"{span(before_data, 'raised', 'data_ready', now).hours:.0f} h" == right["G"]["raised to data"]
    to_decision = span(before_data, "data_ready", "decided", now)
    assert (to_decision.hours, to_decision.reason) == (right["G"]["data to decided"], right["G"]["reason"])
    assert whole[3] == Span(float(weeks_of(right["W"]["censored at"])), is_over=False)
    still = rounds(files["decisions.csv"])[3]
    assert span(still, "raised", "decided", now) == Span(1176.0, is_over=False), "with today's columns"
    assert f"{whole[4].hours:.0f} h" == right["F"]["clock=wall"]


def test_stages_out_of_order_and_questions_that_nobody_answered_make_no_quantile() -> None:
    at = datetime(2026, 1, 5, 9)
    assert span(Round("D", at, proposed=at), "data_ready", "proposed", at).reason == "data_ready_unknown"
    assert span(Round("D", at, decided=at), "raised", "proposed", at).reason == "proposed_unknown"
    later, earlier = at + timedelta(hours=3), at - timedelta(hours=3)
    assert span(Round("D", at, decided=earlier), "raised", "decided", at).reason == "decided_before_raised"
    assert span(Round("D", at, decided=later), "raised", "decided", at + timedelta(hours=1)) == Span(1.0, False)
    assert span(Round("D", later), "raised", "decided", at).reason == "raised_unknown", "not raised yet"
    assert estimate([Span(5.0, is_over=False)]) == decisions.Estimate(1, 0, None, None, "not_reached")
    assert estimate([Span(None, False, "decided_before_data")]).reason == "no_decisions"
    half = estimate([Span(1.0, True), Span(3.0, True)])
    assert (half.median, half.p85) == (1.0, 3.0), "half have an answer after one hour"


def test_labels_change_at_their_published_thresholds() -> None:
    words = [label(ratio / 10) for ratio in range(11)]
    assert words == ["off_track"] * 4 + ["at_risk"] * 3 + ["on_track"] * 4
    assert label(None) == "not_known"
