"""The pack as data: every page and figure with its tags, what they come from, and what the other files are.

Belongs here: what stands in the JSON beside the other files. Does not: what a pack is made of (page.py).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from serving.board.carried import sealed
from serving.board.page import Pack


class Sidecar(Pack, frozen=True, kw_only=True):
    """``made_from``: the loads, the code and the mapping behind the snapshot; ``files``: by name the
    SHA-256 of each file that was made with it."""

    made_from: Mapping[str, Any]
    files: Mapping[str, str]


def render(pack: Pack, made_from: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The JSON; the same pack and files make the same bytes."""
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return f"{sealed(Sidecar(**msgspec.structs.asdict(pack), made_from=made_from, files=sums), indent=1)}\n".encode()
