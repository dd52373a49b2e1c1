"""The forms that a pack is written in.

Belongs here: which there are, by the name of their file. Does not: how one is made (a module each), where they lie
(packs.py). Its libraries take a second to import, so nothing imports it before a pack is written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from serving.board import html, pptx, sidecar, xlsx
from serving.board.packs import SIDECAR
from serving.board.page import Pack

FORMS: dict[str, Callable[[Pack], bytes]] = {
    "board.pptx": pptx.render,
    "board.xlsx": xlsx.render,
    "board.html": html.render,
}
"""Of each file that people open what makes it."""


def rendered(pack: Pack, made_from: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a pack by name, with the data beside them. ``made_from``: what the snapshot was made from."""
    files = {name: render(pack) for name, render in FORMS.items()}
    return {**files, SIDECAR: sidecar.render(pack, made_from, files)}
