"""A home with a pack, made once for all tests that read its files."""

from pathlib import Path

import pytest

from serving.board import forms, packs
from tests.once import once
from tests.serving.board import made


@pytest.fixture(scope="module")
def home() -> Path:
    """With a published snapshot and a pack of it in the folder ``pack``."""

    def make(folder: Path) -> None:
        folder.mkdir()
        published = made.snapshot(folder)
        pack = packs.make(published, "company")
        written = packs.write(folder, pack, forms.rendered(pack, published.manifest["load_ids"]))
        (folder / "pack").symlink_to(written.relative_to(folder))

    return once("board_pack", make)
