"""A full disk, by whatever noticed it.

Belongs here: how the system and the libraries word it, and the one error that it becomes. Does not: handling; callers
leave no half-made file and go on from what is complete.

It is met in many places and words: dlt's and our own files (OSError), DuckDB, SQLite under Dagster, dbt's report of a
model. A person must do one thing about all of them.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.errors import DiskFullError, ProdopsError

ERRNOS = (errno.ENOSPC, errno.EDQUOT)
WORDS = (*map(os.strerror, ERRNOS), "database or disk is full")
LIBRARIES = ("_duckdb", "duckdb", "sqlite3", "sqlalchemy", "dbt")
"""Whose errors are read for these words; texts of others may hold payloads."""
MEGABYTE = 2**20


@contextmanager
def named() -> Iterator[None]:
    """Whatever a full disk made fail inside is raised as ``DiskFullError``, all else as it is."""
    try:
        yield
    except Exception as error:
        if (full := full_disk(error)) is None:
            raise
        raise full from None


def full_disk(error: BaseException | None) -> DiskFullError | None:
    """The error as one of a full disk, where it is one or was raised because of one."""
    while error is not None:
        if isinstance(error, DiskFullError):
            return error
        if isinstance(error, OSError) and error.errno in ERRNOS:
            return DiskFullError(_fullest())
        is_read = isinstance(error, ProdopsError) or type(error).__module__.split(".")[0] in LIBRARIES
        if is_read and any(word in str(error) for word in WORDS):
            return DiskFullError(_fullest())
        error = error.__cause__ or error.__context__
    return None


def _fullest() -> str:
    """The folder of a run whose disk has the least room, in words. What noticed it may have given some back."""
    home = os.environ.get("PRODOPS_HOME", ".")
    places = [Path(home, name) for name in ("", "landing", "restricted", "published", "dagster")]
    landing = os.environ.get("PRODOPS_LANDING", "")
    places += [Path(place) for place in (landing, os.environ.get("TMPDIR", "/tmp")) if place and "://" not in place]
    free = {place: shutil.disk_usage(place) for place in places if place.is_dir()}
    place = min(free, key=lambda one: free[one].free)
    return f"{place} has {free[place].free // MEGABYTE:,} of {free[place].total // MEGABYTE:,} MB free"
