"""What published versions say of pay, kept for the audit of the next one.

Belongs here: files. Does not: what is in them (disclosure_published); without the solver, which takes half a second to
import. They hold pay, and lie in the restricted folder.
"""

import gzip
import os
from pathlib import Path

from ingestion.writes import write_atomically

FOLDER = "restricted/disclosure"
NEXT = "next.json.gz"
KEPT = 5
"""As many as there are snapshots."""


def note(home: Path, version: bytes) -> None:
    """What was audited last, and may be published."""
    write_atomically(home / FOLDER / NEXT, gzip.compress(version, compresslevel=1))


def keep(home: Path, snapshot_id: str) -> None:
    """What was audited last is published, in this snapshot."""
    if (noted := home / FOLDER / NEXT).exists():
        os.replace(noted, noted.with_name(f"{snapshot_id}.json.gz"))
    for old in _published(home)[KEPT:]:
        old.unlink()


def published(home: Path) -> list[bytes]:
    """The versions that were published, the newest first."""
    return [gzip.decompress(file.read_bytes()) for file in _published(home)]


def _published(home: Path) -> list[Path]:
    found = [file for file in (home / FOLDER).glob("*.json.gz") if file.name != NEXT]
    return sorted(found, key=lambda file: int(file.name.split(".")[0].rpartition("-")[2]), reverse=True)
