"""Where Dagster keeps its state: files in the home, or a PostgreSQL database that webservers and daemon share.

Belongs here: the choice, Dagster's settings as they are written into a home, opening its instance. Does not: what is in
the state (event_log.py), the settings themselves (dagster.yaml).

``PRODOPS_DAGSTER_POSTGRES`` is an address without a password, so that ``dagster.yaml`` may hold it:
``postgresql:///dagster`` by the socket of this machine, where PostgreSQL knows the user, or
``postgresql://prodops@db.example.com/dagster`` with the password in the user's ``~/.pgpass``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from ingestion.errors import SettingsError
from ingestion.home import private_files

if TYPE_CHECKING:
    from dagster import DagsterInstance

SETTING = "PRODOPS_DAGSTER_POSTGRES"
SETTINGS = Path(__file__).parent / "dagster.yaml"
OF_FILES = ("event_log_storage",)
"""What of the settings is about files in the home."""


def refuse_bad() -> Iterator[SettingsError]:
    """What is wrong with the setting; asks no database."""
    address = os.environ.get(SETTING)
    if not address:
        return
    url = urlsplit(address)
    if url.scheme != "postgresql":
        yield SettingsError(SETTING, "must be an address like postgresql://prodops@db.example.com/dagster")
    elif url.password is not None:
        yield SettingsError(SETTING, "holds a password; put that into ~/.pgpass (chmod 600) and leave it out here")
    elif find_spec("dagster_postgres") is None:
        hint = "needs further packages; run: .venv/bin/python -m pip install -r requirements/postgres.txt"
        yield SettingsError(SETTING, hint)


def write_settings(folder: Path) -> None:
    """Dagster's settings, in its folder of the home; written where they differ."""
    wanted = SETTINGS.read_text()
    if address := os.environ.get(SETTING):
        settings = {name: value for name, value in yaml.safe_load(wanted).items() if name not in OF_FILES}
        # Since 2.1 SQLAlchemy takes another driver unless one is named; dagster-postgres brings this (dagster#33958).
        url = address.replace("postgresql://", "postgresql+psycopg2://", 1)
        wanted = yaml.safe_dump({**settings, "storage": {"postgres": {"postgres_url": url}}})
    path = folder / SETTINGS.name
    if not path.exists() or path.read_text() != wanted:
        with private_files():
            path.write_text(wanted)


@contextmanager
def opened() -> "Iterator[DagsterInstance]":
    """The home's Dagster instance. Raises ``SettingsError`` where its database can't be reached."""
    from dagster import DagsterInstance

    try:
        found = DagsterInstance.get()
    except Exception as error:
        if not os.environ.get(SETTING):
            raise
        said = " ".join(str(getattr(error.__cause__, "orig", error)).split())[:200]
        hint = f"Dagster's database can't be used: {said}; is it up, and may this user create tables in it?"
        raise SettingsError(f"{SETTING}={os.environ[SETTING]}", hint) from None
    with found as instance:
        yield instance
