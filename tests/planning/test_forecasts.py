"""Forecasts of key results, objectives and epics: small backtests that a worse forecast fails, and their edges.

The large backtest is benchmarks/forecasts.py; its figures are in docs/metrics/forecast.md. The bars here are wider by
what luck does to so few forecasts.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from planning import delivery
from planning.delivery import Epic, Week
from planning.key_results import Array, Forecast, History, Path, forecast, forecasts
from planning.objectives import outlook
from tests.planning import backtests
from tests.planning.made_up_paths import SHAPES, UNSEEN, company

HISTORIES = (1, 4, 8)
MONDAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def scored() -> dict[int, dict[str, Array]]:
    """Of 40 companies with a shape among their key results that was not known when the forecast was developed."""
    return backtests.key_results(3, 40, HISTORIES, (*SHAPES, UNSEEN))


def test_four_of_five_ends_are_within_their_interval_at_each_length_of_history(
    scored: dict[int, dict[str, Array]],
) -> None:
    for cycles in HISTORIES:
        share, error = backtests.by_company(scored[cycles], backtests.covered(scored[cycles]))
        assert 0.75 - 2 * error <= share <= 0.85 + 2 * error, f"{cycles} cycles: {share:.3f} ± {error:.3f}"
        assert error < 0.02, "too few to say anything"
    rows = scored[8]
    narrow = (rows["p90"] - rows["p10"]) / 6
    low, high = rows["p10"] + narrow, rows["p90"] - narrow
    share, error = backtests.by_company(rows, ((low <= rows["end"]) & (rows["end"] <= high)).astype(float))
    assert share < 0.75 - 2 * error, "intervals that are a third narrower would not be noticed"


def test_probabilities_come_true_as_often_as_they_say_and_beat_the_rules_of_thumb(
    scored: dict[int, dict[str, Array]],
) -> None:
    assert backtests.calibration_error(scored[8]) <= 0.06
    for cycles in HISTORIES:
        for rule in ("linear_pace", "trend", "share"):
            assert backtests.brier(scored[cycles]) < backtests.brier(scored[cycles], rule), (cycles, rule)
    assert backtests.brier(scored[8]) < 0.9 * backtests.brier(scored[8], "share")


def test_d17_a_linear_pace_says_little_of_shaped_key_results(scored: dict[int, dict[str, Array]]) -> None:
    """The rule that calls 95 % of a straight line on track is no better than saying a half of everything."""
    rows = scored[8]
    behind, ahead = rows["linear_pace"] == 0, rows["linear_pace"] == 1
    assert rows["hit"][behind].mean() > 0.2
    assert rows["hit"][ahead].mean() < 0.9
    assert backtests.brier(rows, "linear_pace") > 0.25 > backtests.brier(rows)


def paths(cycles: int, each: int = 3, end: float = 1.0) -> list[Path]:
    """Key results of a line each that go straight to about ``end``."""
    rng = np.random.default_rng(1)
    found = []
    for cycle in range(cycles):
        for number in range(each):
            reached = end + rng.normal(0, 0.1)
            times = (0.25, 0.5, 0.75, 1.0)
            found.append(
                Path(
                    f"{cycle}-{number}",
                    f"C{cycle}",
                    f"{number}",
                    times,
                    tuple(reached * t for t in times),
                    1.0,
                    reached,
                )
            )
    return found


RUNNING = Path("K", "C99", "0", (0.25, 0.5), (0.25, 0.5), age=0.5)


def said(past: list[Path], running: Path = RUNNING) -> Forecast:
    return forecast(past, [running])[0]


def test_what_is_not_known_has_a_reason() -> None:
    nothing = said([])
    assert (nothing.p_hit, nothing.p10, nothing.reason) == (None, None, "insufficient_history")
    short = said(paths(3))
    assert (short.reason, short.cycles, short.learned_from) == ("insufficient_history", 3, 9)
    assert short.p10 is not None, "the interval is shown beside its reason from one cycle on"
    assert said(paths(2, each=4)).p10 is None, "of eight misses none says where a tenth lies"
    assert said(paths(4)).reason == ""
    unseen = said(paths(4), replace(RUNNING, times=(), values=()))
    assert unseen.reason == "no_value"
    assert unseen.p50 is not None, "what its like came to"
    assert said(paths(4), replace(RUNNING, succeeds_at=None)).reason == "no_target"


def test_what_is_expected_and_usual_follows_the_learned_shape() -> None:
    late = [replace(one, values=tuple((one.end or 0) * t**3 for t in one.times)) for one in paths(6)]
    found = said(late, replace(RUNNING, values=(0.02, 0.125)))
    assert found.expected == pytest.approx(0.125, abs=0.04), "an eighth at half time is as usual"
    assert found.usual_pace == pytest.approx((1 - 0.125) / 0.5, rel=0.15), "as much as is still to be done"
    assert 0.2 < (found.p_hit or 0) < 0.9 < 1.2 < (said(late).p50 or 0), "half by half time is far ahead"
    over = said(paths(6), replace(RUNNING, age=1.0, times=(0.5, 1.0), values=(0.5, 0.9)))
    assert over.usual_pace is None
    assert over.p50 == pytest.approx(0.9, abs=0.05)


def test_the_order_of_rows_changes_nothing_and_a_later_check_in_is_not_seen() -> None:
    made = company([5, 0], 6)
    past = [one.path for one in made if one.cycle < 5]
    running = [one.at(0.5) for one in made if one.cycle == 5]
    straight = forecast(past, running)
    assert forecast(past[::-1], running[::-1])[::-1] == straight
    whole = [replace(one.path, end=None, age=0.5) for one in made if one.cycle == 5]
    assert [one.p_hit for one in forecast(past, whole)] == [one.p_hit for one in straight]


def test_no_past_key_result_is_forecast_by_a_model_that_has_seen_it() -> None:
    """Else misses were too small, and with them all intervals."""
    past = [replace(one, line=f"only {one.key_result_id}") for one in paths(5)]
    expected = History(past).calibrated(0.5)[0]
    far = [replace(one, end=9.0) if one.key_result_id == "2-1" else one for one in past]
    moved = History(far).calibrated(0.5)[0]
    same = np.isclose(expected, moved)
    assert [one.key_result_id for one, stays in zip(past, same, strict=True) if stays] == ["2-0", "2-1", "2-2"]


def test_one_target_next_to_its_start_does_not_spoil_all_forecasts() -> None:
    past = paths(8)
    wild = replace(past[4], values=(12.0, 25.0, 40.0, 50.0), end=50.0)
    shaken = said([wild if one is past[4] else one for one in past])
    assert shaken.expected == pytest.approx(0.5, abs=0.15)
    assert shaken.p50 == pytest.approx(1, abs=0.1)
    assert (said(past, replace(RUNNING, values=(5.0, 9.0))).p_hit or 0) > 0.9


def test_a_line_of_its_own_is_learned_from_its_own_past() -> None:
    past = [
        replace(one, line=one.line, end=end, values=tuple(end * t for t in one.times))
        for one in paths(6)
        for end in [(one.end or 0) + (0.6 if one.line == "0" else 0)]
    ]
    assert History(past).likeness > 0.5
    start = replace(RUNNING, times=(), values=(), age=0.0)
    own, other, new = (said(past, replace(start, line=line)).p50 or 0 for line in ("0", "1", "new"))
    assert own > new + 0.2 > other + 0.2


def test_what_is_reached_or_not_is_counted_among_those_in_its_state() -> None:
    def binary(number: int, at_half: float, end: float | None) -> Path:
        return Path(f"{number}", f"C{number % 5}", "B", (0.5,), (at_half,), 1.0, end, 0.5, "binary")

    past = [binary(n, 0, n % 4 == 0) for n in range(16)] + [binary(n, 1, 1) for n in range(16, 20)]
    waiting, done = forecast(past, [binary(99, 0, None), binary(98, 1, None)])
    assert (waiting.p_hit, done.p_hit) == (5 / 18, 5 / 6)
    assert waiting.p50 is None
    assert forecast(past, [replace(binary(99, 0, None), kind="stay-above")])[0].reason == "insufficient_history"


def test_key_results_that_rise_together_are_joined_by_past_cycles() -> None:
    rows = {together: backtests.objectives(4, 16, 10, together) for together in (0.0, 0.9)}
    for one in rows.values():
        assert (one["lowest"] <= one["p_hit"]).all()
        assert (one["p_hit"] <= one["highest"]).all()
    apart = (rows[0.0]["p_hit"] - rows[0.0]["product"]).mean()
    joined = (rows[0.9]["p_hit"] - rows[0.9]["product"]).mean()
    assert abs(apart) < 0.03
    assert joined > 0.04, "correlated key results are not multiplied"


def test_an_objective_says_the_same_twice_and_only_bounds_where_history_is_short() -> None:
    made = company([6, 0], 6)
    past = [one.path for one in made if one.cycle < 5]
    running = [one.at(0.5) for one in made if one.cycle == 5][:3]
    history = History(past)
    found = forecasts(history, past, running)
    first = outlook(history, running, found, [1, 1, 2])
    assert first is not None
    assert first == outlook(history, running, found, [1, 1, 2])
    assert first.p10 is not None
    assert first.p90 is not None
    assert 0 <= first.p10 < first.p90 <= 1
    alone = outlook(history, running[:1], found[:1], [1])
    assert alone is not None
    assert alone.p_all == pytest.approx(found[0].p_hit)
    assert (alone.lowest, alone.highest) == pytest.approx((alone.p_all, alone.p_all))
    unweighted = outlook(history, running, found, [0, 0, 0])
    assert unweighted is not None
    assert (unweighted.p50, unweighted.p_all) == (None, first.p_all)
    few = [path for path in past if path.cycle < "C02"]
    bounds = outlook(History(few), running, forecast(few, running), [1, 1, 1])
    assert bounds is not None
    assert (bounds.p_all, bounds.reason) == (None, "insufficient_history")
    assert bounds.lowest < bounds.highest
    assert outlook(History([]), running, forecast([], running), [1, 1, 1]) is None


def test_dates_that_are_widened_by_finished_epics_hold_as_often_as_they_say() -> None:
    learned, tested = list(backtests.epics(8, 250, 8, runs=200)), list(backtests.epics(9, 250, 8, runs=200))
    plain = backtests.held(tested)
    assert plain[0.95] < 0.92, "drawn weeks alone are too sure"
    factors = delivery.widening(learned)
    assert factors is not None
    widened = backtests.held(tested, factors)
    for level, share in widened.items():
        luck = 2.5 * np.sqrt(2 * level * (1 - level) / 250)
        assert level - luck <= share <= level + luck + 0.05, f"{widened}: weeks come whole, so some hold by a part"
    assert delivery.widening(learned[:18]) is None, "19 are needed for 95 %"


def test_widening_moves_dates_over_open_weeks_and_keeps_their_order() -> None:
    weeks = [Week(2)] * 4
    closed = dict.fromkeys([date(2026, 3, day) for day in range(16, 21)], 1.0)
    plain = delivery.forecast([Epic("E", 4)], weeks, MONDAY, closed)[0]
    wide = delivery.forecast([Epic("E", 4)], weeks, MONDAY, closed, widening={0.5: 1.5, 0.85: 1.0, 0.95: 2.0})[0]
    assert list(plain.weeks.values()) == [2, 2, 2]
    assert list(wide.weeks.values()) == [4, 4, 5], "the third week is closed; 85 % is not sooner than 50 %"
    assert wide.is_calibrated


def test_growth_comes_with_its_week_and_in_weeks_before_the_epic_as_it_came_on_average() -> None:
    history = [Week(1), Week(1, 0.5), Week(0), Week(2)]
    assert delivery.weekly_growth(Epic("E", 4, [None, 2, 0, -1]), history, [0, 1, 2, 3]) == [1.0, 4.0, 0.0, -1.0]
    assert delivery.weekly_growth(Epic("E", 4, [None] * 4), history, [0, 3]) == [0.0, 0.0]
    # More is taken out than is left: done in the week in which that comes, and nobody else gets more hands by it.
    found = delivery.forecast([Epic("E", 1, [-2] * 4), Epic("F", 4)], [Week(2)] * 4, MONDAY)
    assert [set(one.weeks.values()) for one in found] == [{1}, {2}]


def test_an_epic_that_never_ends_leaves_nothing_to_those_below_it() -> None:
    team = [Week(2)] * 6
    epics = [Epic("first", 4, [1] * 6), Epic("endless", 4, [2] * 6), Epic("last", 4)]
    first, endless, last = delivery.forecast(epics, team, MONDAY)
    assert list(first.weeks.values()) == [4, 4, 4]
    assert [endless.reason, last.reason] == ["scope_grows_as_fast"] * 2
    assert delivery.forecast([Epic("idle", 4)], [*[Week(0)] * 6, Week(3, 0.0)], MONDAY)[0].reason == "no_history"
    slow = delivery.forecast([Epic("slow", 2000)], [Week(1)] * 6, MONDAY)[0]
    assert (set(slow.weeks.values()), slow.reason) == ({None}, "beyond_two_years")
    with pytest.raises(ValueError, match="epic E: 2 weeks of growth for 6 weeks of history"):
        delivery.forecast([Epic("E", 4, [1, 1])], team, MONDAY)
