"""A run that is killed is continued by running the same command again."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.kills import PHASES, play


@pytest.mark.timeout(900)  # seven whole runs, one after the other
def test_killed_once_in_each_phase_a_clean_run_makes_everything_right(tmp_path: Path) -> None:
    """The long version, 60 kills, is in `make torture`, with those in the middle of reading too."""
    phases = [phase for phase in PHASES if phase != "extract"]
    result = play(tmp_path / "home", 3, phases, random.Random(3))
    assert result.differences == []
    assert result.kills == Counter(phases)
