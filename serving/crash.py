"""Points at which a test may kill the process.

Belongs here: the harness of the proof "killed between any two file operations". Does not: what runs without it.

``PRODOPS_KILL=publish:3`` ends the process, as kill -9 would, when it passes the point ``publish`` the third time.
"""

import os
from collections import Counter

_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """A place between two file operations."""
    setting = os.environ.get("PRODOPS_KILL")
    if not setting:
        return
    wanted, _, count = setting.partition(":")
    _passed[name] += 1
    if wanted == name and _passed[name] == int(count or 1):
        os._exit(137)
