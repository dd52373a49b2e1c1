"""What landed and what the marts say equal what happened in the made-up company.

A failure here means that a figure on somebody's slide is wrong, whatever every other test says.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.company import Company
from tests.end_to_end.play import NOW, Play, newest

SEEDS = (1, 2, 3, 4, 5)
FIRST = datetime(2025, 4, 1, 7, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def cuts(seed: int, runs: int) -> list[str]:
    """Days at which a company's data team ran the loads: any, in order, and the last one now."""
    days = random.Random(seed).sample(range(1, 560), runs - 1)
    return [text(FIRST + timedelta(days=day)) for day in sorted(days)] + [NOW]


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def before_a_deletion(company: Company) -> str:
    """A day on which an issue with a history is there that is gone by now."""
    left = company.world(NOW).issues.keys()
    for day in range(1, 560):
        moment = text(FIRST + timedelta(days=day))
        if any(issue.histories for key, issue in company.world(moment).issues.items() if key not in left):
            return moment
    raise AssertionError("no issue is ever deleted in this company")


@pytest.mark.parametrize("page_cap", [1, 7, 100])
@pytest.mark.parametrize("seed", SEEDS)
def test_landed_equals_the_truth_at_any_page_size(tmp_path: Path, seed: int, page_cap: int) -> None:
    # rates and events have no pages, and Stripe's have tests of their own
    play = Play(tmp_path / "home", seed, page_cap=page_cap, sources=("files", "jira"))
    with play.served():
        assert play.load() > 700
        assert play.landed_differences() == []
        assert play.load() == 0, "a second run with nothing new lands nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_marts_equal_the_truth_however_the_period_is_cut(tmp_path: Path, seed: int) -> None:
    """Each company is played in a number of runs of its own; one of them is built on the way too."""
    play = Play(tmp_path / "home", seed)
    days = cuts(seed, runs=(1, 4, 2, 6, 3)[seed - 1])
    with play.served():
        for day in days:
            play.load(day, census=day == days[-1] or seed % 2 == 0)
            if day == days[-2:][0] and seed == 2:
                play.build()
        assert play.landed_differences() == []
        play.build()
    report = play.compared()
    assert report.equal, [mart.examples for mart in report.marts]
    assert min(mart.rows for mart in report.marts) > 5


def test_a_deleted_issue_leaves_with_all_that_hung_on_it(tmp_path: Path) -> None:
    play = Play(tmp_path / "home", seed=1)
    with play.served():
        play.load(before_a_deletion(play.company), census=False)
        there = {stream: set(newest("jira", stream)) for stream in ("issues", "changelogs")}
        play.load()
        assert play.landed_differences() == []
        gone = {stream: before - newest("jira", stream).keys() for stream, before in there.items()}
    assert gone["issues"]
    assert gone["changelogs"]
