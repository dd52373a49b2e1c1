"""Every kind of wrong body at every request of every vendor.

Belongs here: all rounds of what two rounds of `make test` begin. Does not: what must hold
(tests/ingestion/sources/test_wrong_bodies.py).
"""

import tempfile
from pathlib import Path

import pytest

from tests.ingestion.file_packages import written_by
from tests.ingestion.sources.test_wrong_bodies import BODIES, VENDORS


def taken_for_right() -> list[str]:
    """The vendor and the first kind of each round in which a wrong body changed what is alive or passed unnamed."""
    found = []
    for test in VENDORS:
        for first, kind in enumerate(BODIES):
            with (
                tempfile.TemporaryDirectory() as folder,
                pytest.MonkeyPatch.context() as environment,
                written_by("files"),
            ):
                try:
                    test(Path(folder), environment, first)
                except AssertionError as error:
                    found.append(f"{test.__name__}, {kind} first: {error}")
    return found
