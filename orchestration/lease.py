"""One writer per home.

Belongs here: who may write the warehouse and what is published. Does not: the locks of single sources (ingestion).

The lease is a lock of the kernel on a file, so that nothing is left to clean after a kill: the holder's end frees it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import LeaseError
from ingestion.home import private_files

_held: set[Path] = set()


@contextmanager
def hold(home: Path, what: str, wait_seconds: float = 0.0, name: str = "lease") -> Iterator[None]:
    """Holds the home's lease; inside the same process it may be taken again.

    Raises ``LeaseError``, naming the holder, when another process holds it for longer than ``wait_seconds``.
    """
    path = home / name
    if path in _held:
        yield
        return
    with private_files():
        home.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    with file:
        deadline = time.monotonic() + wait_seconds
        while not _locked(file.fileno()):
            if time.monotonic() >= deadline:
                raise LeaseError(f"{holder(path)} holds the {name} of {home}; wait for it to end, then run again")
            time.sleep(0.2)
        file.truncate(0)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "what": what, "since": now}))
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)


def holder(path: Path) -> str:
    """Who wrote itself into the lease, in words."""
    try:
        found = json.loads(path.read_text())
        return f"{found['what']} (process {found['pid']}, since {found['since']})"
    except (OSError, ValueError, KeyError):  # between taking the lock and writing the name
        return "another run"


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
