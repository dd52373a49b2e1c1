"""Packs as folders of the home: when one is due, that it is written whole."""

from pathlib import Path

import pytest

from serving.board import forms, packs
from serving.published import Snapshot
from tests.serving.board import made


def written(home: Path, snapshot: Snapshot, audience: str) -> Path:
    pack = packs.make(snapshot, audience)
    return packs.write(home, pack, forms.rendered(pack, {}))


def test_a_pack_is_due_until_it_is_there_and_once_more_when_the_books_are_closed(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    assert packs.due(tmp_path, snapshot) == ["company", "shop", "tools"]
    folder = written(tmp_path, snapshot, "company")
    assert folder == tmp_path / "board" / "FY26-Q2" / "company"
    assert packs.due(tmp_path, snapshot) == ["shop", "tools"]
    sidecar = folder / packs.SIDECAR
    sidecar.write_text(sidecar.read_text().replace('"is_final": true', '"is_final": false'))
    assert packs.due(tmp_path, snapshot) == ["company", "shop", "tools"], "it was a draft"


def test_nothing_is_due_where_no_quarter_is_over(tmp_path: Path) -> None:
    assert packs.due(tmp_path, made.snapshot(tmp_path, is_complete=False)) == []


def test_a_pack_names_its_snapshot_and_is_the_same_bytes_again(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    first = written(tmp_path, snapshot, "product:long")
    before = {file.name: file.read_bytes() for file in first.iterdir()}
    assert {*before} == {*forms.FORMS, packs.SIDECAR}
    again = written(tmp_path, snapshot, "product:long")
    assert {file.name: file.read_bytes() for file in again.iterdir()} == before
    ((path, said),) = packs.written(tmp_path)
    assert (path, said["snapshot_id"], said["audience"]) == (first, snapshot.snapshot_id, "product:long")
    assert [one.name for one in (tmp_path / "board").rglob("*") if one.is_dir()] == ["FY26-Q2", "product%3Along"]
    assert {file.stat().st_mode & 0o777 for file in first.iterdir()} == {0o600}


def test_a_kill_between_two_packs_leaves_the_one_before(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    there = written(tmp_path, snapshot, "company")
    put_aside = tmp_path / "board" / packs.BEFORE / "FY26-Q2"
    put_aside.mkdir(parents=True)
    there.rename(put_aside / "company")  # as a kill leaves it
    packs.recover(tmp_path)
    assert {file.name for file in there.iterdir()} == {*forms.FORMS, packs.SIDECAR}
    assert not (tmp_path / "board" / packs.BEFORE).exists()


def test_a_pack_that_can_not_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    there = written(tmp_path, snapshot, "company")
    before = {file.name: file.read_bytes() for file in there.iterdir()}
    with pytest.raises(TypeError):
        packs.write(tmp_path, packs.make(snapshot, "company"), {"board.pptx": b"new", "board.xlsx": None})  # type: ignore
    assert {file.name: file.read_bytes() for file in there.iterdir()} == before
