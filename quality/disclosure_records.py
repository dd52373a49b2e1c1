"""What published versions say of pay, kept for the audit of the next one.

Belongs here: files. Does not: what is in them (disclosure_published); without the solver, which takes half a second to
import. They hold pay, and lie in the restricted folder.
"""

import gzip
import json
import os
from collections.abc import Collection
from pathlib import Path

from ingestion.writes import write_atomically

FOLDER = "restricted/disclosure"
NEXT = "next.json.gz"


def note(home: Path, version: bytes) -> None:
    """What was audited last, and may be published."""
    write_atomically(home / FOLDER / NEXT, gzip.compress(version, compresslevel=1))


def keep(home: Path, snapshot_id: str, shown: Collection[str], held: Collection[str] = ()) -> None:
    """What was audited last is published, in this snapshot, but for the figures of models whose marts are held back:
    figures of theirs that no reader has seen would make the next version look like a second one. Versions are kept
    whose rows a snapshot in ``shown`` has: a board pack may keep one for years, and a reader can compare the two."""
    if (noted := home / FOLDER / NEXT).exists():
        figures, *known = json.loads(gzip.decompress(noted.read_bytes()))
        seen = [figure for figure in figures if figure[0].partition(" ")[0] not in held]
        note(home, json.dumps([seen, *known]).encode())
        os.replace(noted, noted.with_name(f"{snapshot_id}.json.gz"))
    for old in _published(home):
        if old.name.split(".")[0] not in {snapshot_id, *shown}:
            old.unlink()


def published(home: Path) -> list[bytes]:
    """The versions that were published, the newest first."""
    return [gzip.decompress(file.read_bytes()) for file in _published(home)]


def _published(home: Path) -> list[Path]:
    found = [file for file in (home / FOLDER).glob("*.json.gz") if file.name != NEXT]
    return sorted(found, key=lambda file: int(file.name.split(".")[0].rpartition("-")[2]), reverse=True)
