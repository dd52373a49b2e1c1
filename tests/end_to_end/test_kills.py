"""A run that is killed is continued by running the same command again."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.kills import play

PHASES = ("load", "dbt")
"""Where most is half done: a package of dlt and a warehouse. `make torture PART=kills` has all phases, ten times."""


@pytest.mark.timeout(900)  # three whole runs, one after the other
def test_killed_while_landing_and_while_building_a_clean_run_makes_everything_right(tmp_path: Path) -> None:
    result = play(tmp_path / "home", 3, PHASES, random.Random(3))
    assert result.differences == []
    assert result.kills == Counter(PHASES)
