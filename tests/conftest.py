"""What all tests share: no test sees the settings of the person who runs it, and none leaves its own behind."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import MEMORY, environment_kept, forget_settings, work_in_memory
from tests.once import share

MEANT_FOR_TESTS = ("PRODOPS_SHARED",)
LONGEST = (
    *("test_run", "test_increments", "test_canaries", "test_first_day", "test_three_mistakes", "test_company_2"),
    "test_types",
)
"""Files that take a minute or more. They begin first, so that none keeps one process busy when all else has ended."""


# Dagster, dbt and dlt leave a million objects that stay: looking through them again and again takes 5 % of the CPU.
gc.set_threshold(100_000, 50, 1000)


forget_settings(*MEANT_FOR_TESTS)
work_in_memory()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What lies in memory stays there only for who looks for what failed, until the next run."""
    made: Path | None = session.config._tmp_path_factory._basetemp  # type: ignore[attr-defined]
    if made and exitstatus == 0 and MEMORY in made.parents and "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(made)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def _shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.getbasetemp()
    share(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="module", autouse=True)
def _settings() -> Iterator[None]:
    """A home that the tests of a file share may stay in the settings until the last of them has run."""
    yield
    forget_settings(*MEANT_FOR_TESTS)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    mask = os.umask(0o077)
    os.umask(mask)
    with environment_kept():
        yield
    os.umask(mask)
