"""The environment of this process: what a test or a fixture changes is put back.

Belongs here: keeping it. Does not: which settings a room needs.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = ("PRODOPS_", "SOURCES__", "DAGSTER_", "DBT_")
"""How the names of all settings of a run begin."""

OF_TESTS = {"PRODOPS_ENV_FILE": os.devnull}
"""What every test has instead of the settings of the person who runs it."""

MEMORY, ROOM = Path("/dev/shm"), 12 * 2**30
"""Where a file system is in memory, and how much must be free there and in all: a whole run fills 4 GB."""


def work_in_memory() -> None:
    """Homes of tests lie in memory where there is room. DuckDB and SQLite wait for the disk at each commit: a small
    table takes DuckDB 9.2 ms on a disk, of which 3.7 are CPU, and 1.2 in memory."""
    meminfo = Path("/proc/meminfo")
    if MEMORY.is_dir() and meminfo.exists() and shutil.disk_usage(MEMORY).free > ROOM:
        (available,) = re.findall(r"MemAvailable: +(\d+) kB", meminfo.read_text())
        if int(available) * 1024 > ROOM:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@contextmanager
def environment_kept() -> Iterator[None]:
    """Whatever happens to the environment inside is undone at the end."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def without_settings() -> dict[str, str]:
    """This environment less what would set up a run."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}, **OF_TESTS}


def forget_settings(*kept: str) -> None:
    """Takes all settings of a run away, but those that are kept."""
    for name in list(os.environ):
        if name.startswith(SETTINGS) and name not in kept:
            del os.environ[name]
    os.environ.update(OF_TESTS)
