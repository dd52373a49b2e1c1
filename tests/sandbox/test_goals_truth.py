"""Key results worked by hand, one of each kind, and those of a made-up company."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth.goals import (
    GoalProgress,
    KeyResultProgress,
    Looked,
    State,
    key_results,
    measures,
    progress,
)
from tests.sandbox.conftest import made, true_marts

NOW = ms(DEFAULT_NOW)
HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("kind", "start", "target", "value", "expected"),
    [
        ("increase", 1_000, 1_500, 1_250, GoalProgress(HALF)),
        ("increase", 1_000, 1_500, 1_600, GoalProgress(Fraction(6, 5))),
        ("increase", 1_000, 1_500, 900, GoalProgress(Fraction(-1, 5))),
        ("increase", 1_000, 1_000, 1_000, GoalProgress(None, "target_is_start")),
        ("decrease", 10, 6, 8, GoalProgress(HALF)),
        ("decrease", 10, 6, 11, GoalProgress(Fraction(-1, 4))),
        ("stay-above", None, 99, 99, GoalProgress(Fraction(1))),
        ("stay-above", None, 99, 98, GoalProgress(Fraction(0))),
        ("stay-below", None, 5, 5, GoalProgress(Fraction(1))),
        ("stay-below", None, 5, 6, GoalProgress(Fraction(0))),
        ("binary", 0, 1, 1, GoalProgress(Fraction(1))),
        ("binary", 0, 1, 0, GoalProgress(Fraction(0))),
        ("baseline", 15, None, 15, GoalProgress(None, "no_target")),
        ("baseline", 15, 12, 12, GoalProgress(Fraction(1))),
        ("increase", 1, 2, None, GoalProgress(None, "no_value")),
    ],
)
def test_progress_of_each_kind(
    kind: str, start: int | None, target: int | None, value: int | None, expected: GoalProgress
) -> None:
    numbers = [None if one is None else Fraction(one) for one in (start, target, value)]
    assert progress(kind, *numbers) == expected


def test_what_is_shown_is_clipped_and_what_is_kept_is_not() -> None:
    over = GoalProgress(Fraction(6, 5))
    assert over.clipped == 1
    assert over.ratio == Fraction(6, 5)
    assert GoalProgress(Fraction(-1, 4)).clipped == 0
    assert GoalProgress(None, "no_value").clipped is None


def values(states: list[State], name: str) -> list[Any]:
    return [getattr(state, name) for state in states]


def day(number: int) -> date:
    return date(2026, 3, number)


def by_hand(kind: str, target: str, measured: dict[date, Fraction] | None = None, **more: Any) -> list[State]:
    """Starts at 10 where it is no baseline. Looked at on the 8th and 22nd, once before the cycle; target 30 from the
    15th on."""
    start = None if kind == "baseline" else Fraction(10)
    looked = [Looked(date(2026, 2, 20), Fraction(99)), Looked(day(8), Fraction(15)), Looked(day(22), Fraction(20))]
    aim = Fraction(target) if target else None
    life = KeyResultProgress(
        "KR", kind, start, aim, day(1), date(2026, 4, 1), looked, {day(15): Fraction(30)}, measured or {}, **more
    )
    return life.states(date(2026, 5, 1))


def test_a_changed_target_is_scored_against_both() -> None:
    states = by_hand("increase", "20")
    assert [(state.day.day, state.original.ratio, state.current.ratio) for state in states] == [
        (8, HALF, HALF),
        (15, HALF, Fraction(1, 4)),
        (22, 1, HALF),
        (31, 1, HALF),
    ]


def test_a_baseline_starts_where_it_is_first_measured() -> None:
    states = by_hand("baseline", "")
    assert {state.original.reason for state in states} == {"no_target"}
    assert [state.current.ratio for state in states] == [None, 0, Fraction(1, 3), Fraction(1, 3)]


def test_a_measure_counts_before_what_somebody_wrote() -> None:
    states = by_hand("increase", "20", {day(10): Fraction(18), date(2026, 2, 1): Fraction(5)})
    assert values(states, "manual") == [15, 15, 15, 20, 20]
    assert values(states, "bound") == [None, 18, 18, 18, 18]
    assert values(states, "value") == [15, 18, 18, 18, 18]
    assert values(states, "differs") == [False, True, True, True, True]


def test_what_leaves_its_cycle_has_no_days_from_then_on() -> None:
    assert values(by_hand("increase", "20", left=day(20)), "day") == [day(8), day(15), day(19)]


@pytest.fixture(scope="module")
def known() -> dict[str, list[State]]:
    """Of the first company, whose quarters begin in February, May, August and November."""
    states = key_results(made(1), NOW, measures(true_marts(1)))
    found: dict[str, list[State]] = {}
    for state in states:
        found.setdefault(state.key_result_id, []).append(state)
    return found


def test_labelled_key_results_show_what_they_report(known: dict[str, list[State]]) -> None:
    lowered = known["FY27-Q3-KR1"]
    assert {state.original_target for state in lowered} == {1500}
    assert next(state.target for state in lowered if state.day >= date(2026, 9, 16)) == 1400
    assert all(state.differs for state in lowered if None not in (state.manual, state.bound))
    assert any(state.bound is not None for state in lowered)
    assert lowered[-1].day == date(2026, 10, 15)  # the quarter is not over
    ended = known["FY27-Q2-KR2"]
    assert ended[-1].day == date(2026, 7, 31)
    assert ended[0].current.ratio is not None
    assert ended[-1].current.ratio is not None
    assert ended[0].current.ratio < ended[-1].current.ratio
    unseen = known["FY27-Q2-KR3"]
    assert {state.current.reason for state in unseen} == {"no_value"}
    assert {state.current.ratio for state in known["FY27-Q1-KR3"]} <= {0, 1}
    late = known["FY27-Q1-KR4"]
    assert late[0].day > date(2026, 3, 17)
    assert {state.current.reason for state in known["FY27-Q1-KR5"]} == {"no_target", ""}
    assert known["FY27-Q1-KR6"][-1].current.ratio in (0, 1)


def test_every_key_result_of_a_begun_cycle_has_a_state(known: dict[str, list[State]]) -> None:
    begun = {row["id"] for row in made(1).rows("key_results", NOW) if row["valid_from"] <= DEFAULT_NOW[:10]}
    assert known.keys() == begun
    assert all(values(states, "day") == sorted(set(values(states, "day"))) for states in known.values())
