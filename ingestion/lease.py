"""One writer per home.

Belongs here: who may land, build and publish. Does not: the locks of single sources (landing.py).

The lease is a lock of the kernel on a file, so that nothing is left to clean after a kill: the holder's end frees it.
A holder can lose it all the same: the file is deleted or restored under it, or a network file system gives the lock
away while the holder's machine sleeps. So each holder writes a token of its own into the file, and asks whether it
still stands there before it does what can't be undone.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from ingestion.errors import LeaseError
from ingestion.locks import locked

PATIENCE_SECONDS = 3600.0
"""How long a step of a run that a schedule started waits for another writer of the same home."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a holder has: the file of the lease and the token that it wrote there."""

    path: Path
    token: str

    def check(self) -> None:
        """Raises ``LeaseError``, naming the new holder, when the lease is another run's by now."""
        if _read(self.path).get("token") != self.token:
            raise LeaseError(f"this run lost {self.path.parent} to {holder(self.path)}; run again after it")


_held: dict[Path, Lease] = {}


@contextmanager
def hold(home: Path, what: str, wait_seconds: float = 0.0, name: str = "lease") -> Iterator[Lease]:
    """Holds the home's lease; inside the same process it may be taken again.

    Raises ``LeaseError``, naming the holder, when another process holds it for longer than ``wait_seconds``.
    """
    path = home / name
    if path in _held:
        yield _held[path]
        return
    with ExitStack() as held:
        try:
            held.enter_context(locked(path, wait_seconds=wait_seconds))
        except LeaseError:
            hint = f"{holder(path)} holds the {name} of {home}; wait for it to end, then run again"
            raise LeaseError(hint) from None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        mine = Lease(path, uuid4().hex)
        path.write_text(json.dumps({"pid": os.getpid(), "what": what, "since": now, "token": mine.token}))
        _held[path] = mine
        held.callback(_held.pop, path)
        yield mine


def holder(path: Path) -> str:
    """Who wrote itself into the lease, in words."""
    found = _read(path)
    return f"{found['what']} (process {found['pid']}, since {found['since']})" if found else "another run"


def _read(path: Path) -> dict[str, str]:
    """What the holder wrote; empty where there is none, or between its taking the lock and writing."""
    try:
        found: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found
