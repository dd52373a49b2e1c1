"""One process at a time.

Belongs here: the lock of the kernel on a file. Does not: what is locked (landing.py, tokens.py, lease.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingestion.errors import LeaseError
from ingestion.home import private_files

POLL_SECONDS = 0.2


@contextmanager
def locked(path: Path, refusal: str = "", wait_seconds: float | None = 0.0) -> Iterator[None]:
    """Holds a lock that the kernel frees when its holder ends, however.

    What stands in the file is its holder's. Raises ``LeaseError`` when it is held elsewhere for longer than
    ``wait_seconds``; None waits for as long as it takes. A file system without ``flock`` is an error: a lock that is
    only a file would outlive a kill.
    """
    with private_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire(-1 if wait_seconds is None else wait_seconds, poll_interval=POLL_SECONDS)
        except Timeout:
            raise LeaseError(refusal) from None
    try:
        yield
    finally:
        lock.release()
