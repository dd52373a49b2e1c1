"""Packs as folders of the home: when one is due, that it is written whole."""

from pathlib import Path

import pytest

from serving.board import packs
from serving.published import Snapshot
from tests.serving.board import made


def test_a_pack_is_due_until_it_is_there_and_once_more_when_the_books_are_closed(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    assert packs.due(tmp_path, snapshot) == ["company", "shop", "tools"]
    written = packs.write(tmp_path, packs.make(snapshot, "company"))
    assert written == tmp_path / "board" / "FY26-Q2" / "company"
    assert packs.due(tmp_path, snapshot) == ["shop", "tools"]
    sidecar = written / packs.SIDECAR
    sidecar.write_text(sidecar.read_text().replace('"is_final": true', '"is_final": false'))
    assert packs.due(tmp_path, snapshot) == ["company", "shop", "tools"], "it was a draft"


def test_nothing_is_due_where_no_quarter_is_over(tmp_path: Path) -> None:
    assert packs.due(tmp_path, made.snapshot(tmp_path, is_complete=False)) == []


def test_a_pack_names_its_snapshot_and_is_the_same_bytes_again(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    first = packs.write(tmp_path, packs.make(snapshot, "product:long"))
    before = {file.name: file.read_bytes() for file in first.iterdir()}
    assert {*before} == {*packs.FORMS, packs.SIDECAR}
    again = packs.write(tmp_path, packs.make(snapshot, "product:long"))
    assert {file.name: file.read_bytes() for file in again.iterdir()} == before
    ((path, said),) = packs.written(tmp_path)
    assert (path, said["snapshot_id"], said["audience"]) == (first, snapshot.snapshot_id, "product:long")
    assert [one.name for one in first.parent.iterdir()] == ["product%3Along"], "nothing of the writing is left"
    assert {file.stat().st_mode & 0o777 for file in first.iterdir()} == {0o600}


def test_a_pack_that_can_not_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_pack: object) -> bytes:
        raise OSError(28, "No space left on device")

    pack = packs.make(made.snapshot(tmp_path), "company")
    there = packs.write(tmp_path, pack)
    before = {file.name: file.read_bytes() for file in there.iterdir()}
    monkeypatch.setitem(packs.FORMS, "board.html", fail)
    with pytest.raises(OSError, match="No space"):
        packs.write(tmp_path, pack)
    assert {file.name: file.read_bytes() for file in there.iterdir()} == before


def test_current_is_what_packs_are_made_of(tmp_path: Path) -> None:
    made.snapshot(tmp_path)
    newest: Snapshot = made.snapshot(tmp_path, value=7)
    assert packs.make(newest, "company").pages[0].headline[1:3:2], "a headline has words and figures"
