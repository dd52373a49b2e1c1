"""Points at which a test may kill or stop the process.

Belongs here: the harness of the proof "killed between any two file operations, or stopped and overtaken". Does not:
what runs without it.

``PRODOPS_KILL=publish:3`` ends the process, as kill -9 would, when it passes the point ``publish`` the third time;
``PRODOPS_STOP=publish:3`` stops it there, as kill -STOP would, until somebody has it continue.
"""

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """A place between two file operations."""
    _passed[name] += 1
    if _is_due("PRODOPS_KILL", name):
        os._exit(137)
    if _is_due("PRODOPS_STOP", name):
        os.kill(os.getpid(), signal.SIGSTOP)


def _is_due(setting: str, name: str) -> bool:
    wanted, _, count = os.environ.get(setting, "").partition(":")
    return wanted == name and _passed[name] == int(count or 1)
