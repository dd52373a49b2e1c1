"""Where a company's files live.

Belongs here: the project's folder, the home and the zones in it. Does not: what the zones hold.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.errors import SettingsError

PROJECT = Path(__file__).parents[1]
"""The folder of this software: ``.env``, the company's files and the home are looked for from here."""

PEOPLE = "restricted/people.duckdb"
"""Where in a home dbt keeps what it builds of what is restricted."""


def of_project(path: str | Path) -> Path:
    """A path as a setting gives it: a relative one begins in the project, wherever a command was typed."""
    return PROJECT / path


def home() -> Path:
    """The folder that holds everything a run makes (``PRODOPS_HOME``)."""
    setting = os.environ.get("PRODOPS_HOME")
    if not setting:
        raise SettingsError(
            "PRODOPS_HOME", "name the folder that holds the landing, the warehouse and what is published"
        )
    return of_project(setting)


def company_folder() -> Path:
    """The folder of the company's own files (``PRODOPS_COMPANY``, default ``company`` in the project)."""
    return of_project(os.environ.get("PRODOPS_COMPANY") or "company")


def restricted() -> Path:
    """The folder of what its owner alone may see: people's pay, tokens. Made so whatever the umask, and never
    elsewhere than in the home."""
    folder = home() / "restricted"
    with private_files():
        folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def landing_url() -> str:
    """The landing zone: a folder or an object-store URL (``PRODOPS_LANDING``, default ``landing`` in the home)."""
    return os.environ.get("PRODOPS_LANDING") or str(home() / "landing")


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever is written inside is for its owner alone: vendors' records name people."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
