"""Effects of launches: a small benchmark that a worse estimate fails, the cases of tests/cases/goals, and edges.

The large benchmark is benchmarks/effects.py; its figures are in docs/metrics/roadmap.md.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planning.effects import Effect, Panel, beyond_own_trend, estimate
from tests.planning.made_up_launches import CLEAN, CONFOUNDED, World, launch

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("g2[12]*.json")
}
WORLDS = {name: CLEAN[name] for name in ("season and growth", "in waves to everybody", "all of it")}
LAUNCHES = 30


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, float], list[Effect]]:
    rows: dict[tuple[str, float], list[Effect]] = defaultdict(list)
    for name, world in WORLDS.items():
        for effect in (0.0, 0.2):
            rows[name, effect] = [estimate(launch(world, effect, f"{name} {number}")) for number in range(LAUNCHES)]
    return rows


def known(rows: dict[tuple[str, float], list[Effect]], *effects: float) -> list[tuple[float, float, float]]:
    return [
        (effect, one.low, one.high)
        for (_, effect), those in rows.items()
        for one in those
        if effect in effects and one.low is not None and one.high is not None
    ]


def test_intervals_hold_what_was_planted_and_nothing_is_seldom_called_an_effect(
    found: dict[tuple[str, float], list[Effect]],
) -> None:
    """Red means: a launch that changed nothing is shown to a leader as one that did, or the other way round."""
    assert len(known(found, 0.0, 0.2)) >= 0.7 * 6 * LAUNCHES, "clean launches are refused"
    inside = [low <= effect <= high for effect, low, high in known(found, 0.0, 0.2)]
    assert np.mean(inside) >= 0.9
    assert np.mean([not low <= 0 <= high for _, low, high in known(found, 0.0)]) <= 0.07
    assert np.mean([low > 0 for _, low, _ in known(found, 0.2)]) >= 0.8
    narrower = [low + (high - low) / 4 <= effect <= high - (high - low) / 4 for effect, low, high in known(found, 0.2)]
    assert np.mean(narrower) < 0.9, "intervals of half the width would not be noticed"


@pytest.mark.parametrize("name", CONFOUNDED)
def test_who_grew_before_or_came_at_a_peak_is_refused(name: str) -> None:
    answers = [estimate(launch(CONFOUNDED[name], 0.0, f"{name} {number}")) for number in range(20)]
    assert sum(one.reason == "pre_trend" for one in answers) >= 17
    assert all(one.effect is None for one in answers if one.reason)


def group(levels: list[float], accounts: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.tile(np.array(levels), (accounts, 1))


def panel(having: list[float], others: list[float], accounts: tuple[int, int], since: int, is_relative: bool) -> Panel:
    use = np.vstack([group(having, accounts[0]), group(others, accounts[1])])
    return Panel(use, np.repeat([since, len(having)], accounts).astype(np.int64), is_relative)


def test_g21_the_effect_is_that_on_an_account_that_has_it() -> None:
    given, right = CASES["g21"]["input"], CASES["g21"]["right"]
    having, others = given["exposed (drawn at random)"], given["not exposed"]
    paths = [[float(one["before"])] * 8 + [float(one["after"])] * 4 for one in (having, others)]
    one = estimate(panel(paths[0], paths[1], (having["accounts"], others["accounts"]), 8, is_relative=False))
    assert one.effect == pytest.approx(float(right["effect per exposed account"]))
    assert one.reason == ""
    assert (one.exposed, one.control) == (200, 800)
    assert one.effect * one.exposed == pytest.approx(200)
    asked = estimate(panel(paths[0], paths[1], (200, 800), 8, is_relative=True))
    assert asked.effect == pytest.approx(11.5 / 10.5 - 1), "in percent of what they would have used"


def test_g22_who_grew_before_it_existed_is_no_proof_of_an_effect() -> None:
    given, right = CASES["g22"]["input"], CASES["g22"]["right"]
    having, others = ([float(one) for one in given[name]] for name in ("adopters", "others"))
    for is_relative in (False, True):
        one = estimate(panel(having, others, (20, 20), 4, is_relative))
        assert (one.effect, one.reason) == (right["effect"], right["reason"])
    beyond = beyond_own_trend(group(having, 20), 4)
    assert beyond == pytest.approx(float(right["for the record: May against the adopters' own trend"]), abs=1e-9)


def flat(accounts: tuple[int, int], before: int = 8) -> Panel:
    return panel([10.0] * (before + 4), [10.0] * (before + 4), accounts, before, is_relative=True)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (flat((0, 50)), "no_release"),
        (flat((50, 0)), "no_control"),
        (flat((9, 50)), "too_few"),
        (flat((50, 9)), "too_few"),
        (flat((50, 50), before=3), "too_few"),
    ],
)
def test_what_can_not_be_known_has_a_reason(given: Panel, reason: str) -> None:
    one = estimate(given)
    assert (one.effect, one.low, one.high, one.reason) == (None, None, None, reason)


def test_an_account_that_left_before_counts_on_neither_side_and_one_that_leaves_after_counts() -> None:
    given = launch(World(season=0, growth=0), 0.2, "leavers")
    gone = given.use.copy()
    gone[:20, given.use.shape[1] // 3 :] = 0
    one = estimate(Panel(gone, given.since, is_relative=True))
    assert one.exposed + one.control == len(given.since) - 20
    left = given.use.copy()
    having = np.flatnonzero(given.since < left.shape[1])
    left[having[::2], given.since.min() :] = 0
    halved = estimate(Panel(left, given.since, is_relative=True))
    assert halved.effect is not None
    assert halved.effect < -0.3, "half of those who have it are gone"


def test_who_had_left_by_the_week_in_which_others_got_it_is_no_comparison() -> None:
    """Shown are those who came; who did not come any more was shown nothing, and would make the launch look good."""
    for number in range(10):
        given = launch(World(season=0, growth=0), 0.0, f"gone {number}")
        use, first = given.use.copy(), int(given.since.min())
        others = np.flatnonzero(given.since >= use.shape[1])
        use[others[::3], first:] = 0
        came = (use[others, first] > 0) & (use[others, first - 4 : first].sum(axis=1) > 0)
        assert 0 < came.sum() < len(others)
        found = estimate(Panel(use, given.since, is_relative=True, gap=1))
        assert found.control == came.sum()
        assert found.effect is None or abs(found.effect) < 0.2
