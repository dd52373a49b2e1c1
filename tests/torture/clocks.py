"""Late, stuck and wrong clocks of every source, in companies of several seeds: which marts notice.

Belongs here: all faults on each company. Does not: the faults (tests/orchestration/clock_faults.py).
"""

import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.end_to_end.claims import played
from tests.orchestration.clock_faults import ALL, differences


def flipped(seeds: Collection[int]) -> dict[str, object]:
    """How often exactly the marts behind a source were late, over all faults of all sources."""
    wrong: list[str] = []
    made = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            with played(Path(folder) / "company", seed, runs=1) as company:
                number, found = differences(company.home, Path(folder), ALL)
            made += number
            wrong += [f"seed {seed}, {problem}" for problem in found]
    return {"clock_seeds": [*seeds], "clock_faults": made, "clock_differences": wrong}
