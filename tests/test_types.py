"""What mypy says of all rooms.

Belongs here: that it says nothing. Does not: which rules it goes by (pyproject.toml). It is a test because it keeps one
core busy for more than a minute in a new clone, and tests share the cores.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_all_types_are_right() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
