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
from typing import NamedTuple

from ingestion.errors import DiskFullError, ProdopsError

ERRNOS = (errno.ENOSPC, errno.EDQUOT)
WORDS = (*map(os.strerror, ERRNOS), "database or disk is full")
LIBRARIES = ("_duckdb", "duckdb", "sqlite3", "sqlalchemy", "dbt")
"""Whose errors are read for these words; texts of others may hold payloads."""
SQLITE = "disk I/O error"
"""What SQLite says where its log can't grow; a broken disk has the same words and room."""
MEGABYTE = 2**20


class _Usage(NamedTuple):
    """Bytes of a disk, in the order of ``shutil.disk_usage``."""

    total: int
    used: int
    free: int


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
        is_read = isinstance(error, ProdopsError) or type(error).__module__.split(".")[0] in LIBRARIES
        said = str(error) if is_read else ""
        is_full = isinstance(error, OSError) and error.errno in ERRNOS
        if is_full or any(word in said for word in WORDS) or (SQLITE in said and _fullest()[1].free < MEGABYTE):
            place, room = _fullest()
            free, total = room.free // MEGABYTE, room.total // MEGABYTE
            return DiskFullError(f"{place} has {free:,} of {total:,} MB free")
        error = error.__cause__ or error.__context__
    return None


def _fullest() -> tuple[Path, _Usage]:
    """The folder of a run whose disk has the least room. What noticed it may have given some back."""
    home = os.environ.get("PRODOPS_HOME", ".")
    places = [Path(home, name) for name in ("", "landing", "restricted", "published", "dagster")]
    landing = os.environ.get("PRODOPS_LANDING", "")
    places += [Path(place) for place in (landing, os.environ.get("TMPDIR", "/tmp")) if place and "://" not in place]
    room = [(place, _Usage(*shutil.disk_usage(place))) for place in places if place.is_dir()]
    return min(room, key=lambda one: one[1].free)
