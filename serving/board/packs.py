"""Packs: making one of an audience and period, and where its files lie.

Belongs here: that a pack is written whole or not at all, when one is due. Does not: pages (pages/), files (forms.py),
who writes packs (orchestration/).

``board/<period>/<audience>/board.<form>`` in the home; ``board.json`` names the snapshot, which stays as long as the
pack does.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ingestion.home import private_files
from ingestion.writes import fsync_folder
from serving.board.book import Book, PackError, audience_of, every_audience
from serving.board.page import Pack, figures
from serving.board.pages import pages
from serving.board.pages.parts import name
from serving.published import Snapshot

SIDECAR = "board.json"
BESIDE, BEFORE = ".writing", ".before"
"""Where in board/ a pack is written, and where the one that it replaces waits until it is there."""


def folder(home: Path, period: str, audience: str) -> Path:
    return home / "board" / period / quote(audience, safe="")


def make(snapshot: Snapshot, audience: str, period: str | None = None) -> Pack:
    """The pack of what an audience may see. Raises ``SettingsError`` for an audience or period that is not there,
    ``PackError`` where there is nothing to make one of."""
    whose = audience_of(snapshot, audience)
    with Book(snapshot, whose, period) as book:
        made, _ = pages(book)
        return Pack(
            period=book.period,
            audience=audience,
            audience_name=", ".join(dict.fromkeys([name(snapshot.manifest.get("company", "")), name(whose.name)])),
            title=f"Board pack {book.period}",
            company=name(snapshot.manifest.get("company", "")),
            is_made_up=bool(snapshot.manifest.get("is_made_up")),
            snapshot_id=snapshot.snapshot_id,
            published_at=str(snapshot.manifest["published_at"]),
            as_of=book.as_of(figure for one in made for _, figure in figures(one)),
            code_version=str(snapshot.manifest["code_version"]),
            is_final=book.is_final,
            pages=made,
        )


def due(home: Path, snapshot: Snapshot) -> list[str]:
    """The audiences whose pack of the newest quarter is not there, or was written before its books were closed. None
    where no quarter is over."""
    found = []
    for audience in every_audience(snapshot):
        try:
            with Book(snapshot, audience_of(snapshot, audience)) as book:
                there = folder(home, book.period, audience) / SIDECAR
                if not there.exists() or (book.is_final and not json.loads(there.read_text())["is_final"]):
                    found.append(audience)
        except PackError:
            continue  # nothing to make one of; who asks for a pack reads why
    return found


def write(home: Path, pack: Pack, files: Mapping[str, bytes]) -> Path:
    """Writes a pack's files beside and swaps them in as one folder; returns it. The pack that was there before goes;
    after a kill it is there again."""
    recover(home)
    target = folder(home, pack.period, pack.audience)
    at = target.relative_to(home / "board")
    beside, before = home / "board" / BESIDE / at, home / "board" / BEFORE / at
    with private_files():
        for parent in (beside, before.parent, target.parent):
            parent.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (beside / file).write_bytes(content)
        if target.exists():
            os.rename(target, before)
        os.rename(beside, target)
        fsync_folder(target.parent)
    recover(home)
    return target


def recover(home: Path) -> None:
    """Brings back packs that a killed writing has put aside, and removes what it left."""
    board = home / "board"
    for put_aside in (board / BEFORE).glob("*/*"):
        target = board / put_aside.relative_to(board / BEFORE)
        if not target.exists():
            os.rename(put_aside, target)
    for left in (board / BESIDE, board / BEFORE):
        if left.exists():
            shutil.rmtree(left)


def written(home: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each pack that is there, with what its ``board.json`` says."""
    for path in sorted((home / "board").glob(f"*/*/{SIDECAR}")):
        yield path.parent, json.loads(path.read_text())
