"""From an error that a person must act on to a failed step and an exit code.

Belongs here: how errors of the rooms show in Dagster. Does not: the errors themselves (ingestion/errors.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ingestion import disk
from ingestion.errors import ProdopsError

EXIT_CODE = "exit_code"


def failure(error: ProdopsError) -> dg.Failure:
    """The step failure that says what the error says; no traceback is needed to act on it."""
    return dg.Failure(str(error), metadata={EXIT_CODE: error.exit_code}, allow_retries=False)


@contextmanager
def reported() -> Iterator[None]:
    """What a room raises inside for a person is the failure of the step."""
    try:
        with disk.named():
            yield
    except ProdopsError as error:
        raise failure(error) from None
