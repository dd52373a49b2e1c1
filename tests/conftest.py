"""What all tests share: no test sees the settings of the person who runs it, and none leaves its own behind."""

import os
from collections.abc import Iterator

import pytest

MEANT_FOR_TESTS = ("PRODOPS_SHARED",)

for name in list(os.environ):
    if name.startswith(("PRODOPS_", "SOURCES__", "DAGSTER_", "DBT_")) and name not in MEANT_FOR_TESTS:
        del os.environ[name]


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    mask = os.umask(0o077)
    os.umask(mask)
    yield
    os.umask(mask)
    os.environ.clear()
    os.environ.update(before)
