"""One writer per home.

Belongs here: who may land, build and publish. Does not: the locks of single sources (landing.py).

The lease is a lock of the kernel on a file, so that nothing is left to clean after a kill: the holder's end frees it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import LeaseError
from ingestion.locks import locked

PATIENCE_SECONDS = 3600.0
"""How long a step of a run that a schedule started waits for another writer of the same home."""

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
    with ExitStack() as held:
        try:
            held.enter_context(locked(path, wait_seconds=wait_seconds))
        except LeaseError:
            hint = f"{holder(path)} holds the {name} of {home}; wait for it to end, then run again"
            raise LeaseError(hint) from None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        path.write_text(json.dumps({"pid": os.getpid(), "what": what, "since": now}))
        _held.add(path)
        held.callback(_held.discard, path)
        yield


def holder(path: Path) -> str:
    """Who wrote itself into the lease, in words."""
    try:
        found = json.loads(path.read_text())
        return f"{found['what']} (process {found['pid']}, since {found['since']})"
    except (OSError, ValueError, KeyError):  # between taking the lock and writing the name
        return "another run"
