"""The environment of this process: what a test or a fixture changes is put back.

Belongs here: keeping it. Does not: which settings a room needs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

SETTINGS = ("PRODOPS_", "SOURCES__", "DAGSTER_", "DBT_")
"""How the names of all settings of a run begin."""

OF_TESTS = {"PRODOPS_ENV_FILE": os.devnull}
"""What every test has instead of the settings of the person who runs it."""


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
