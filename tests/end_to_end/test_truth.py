"""What landed and what the marts say equal what happened in the made-up company.

A failure here means that a figure on somebody's slide is wrong, whatever every other test says.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.play import NOW, Play

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def cuts(seed: int, runs: int) -> list[str]:
    """Days at which a company's data team ran the loads: any, in order, and the last one now."""
    days = random.Random(seed).sample(range(1, 560), runs - 1)
    import datetime

    first = datetime.datetime(2025, 4, 1, 7, 13, tzinfo=datetime.UTC)
    return [(first + datetime.timedelta(days=day)).isoformat().replace("+00:00", "Z") for day in sorted(days)] + [NOW]


@pytest.mark.parametrize("page_cap", [1, 7, 100])
@pytest.mark.parametrize("seed", SEEDS)
def test_landed_equals_the_truth_at_any_page_size(tmp_path: Path, seed: int, page_cap: int) -> None:
    play = Play(tmp_path / "home", seed, page_cap=page_cap)
    with play.served():
        assert play.load() > 700
        assert play.landed_differences() == []
        assert play.load() == 0, "a second run with nothing new lands nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_marts_equal_the_truth_however_the_period_is_cut(tmp_path: Path, seed: int) -> None:
    """Each company is played in a number of runs of its own; two of them are built on the way too."""
    play = Play(tmp_path / "home", seed)
    days = cuts(seed, runs=(1, 4, 2, 6, 3)[seed - 1])
    with play.served():
        for day in days:
            play.load(day, census=day == days[-1] or seed % 2 == 0)
            if day == days[-2:][0] and seed in (2, 5):
                play.build()
        assert play.landed_differences() == []
        play.build()
    report = play.compared()
    assert report.equal, [mart.examples for mart in report.marts]
    assert min(mart.rows for mart in report.marts) > 5
