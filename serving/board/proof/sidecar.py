"""What the JSON of a pack says, beside the files that it names.

Belongs here: the files that lie beside it. Does not: the pack in it, which frozen.py compares.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from serving.board.carried import opened as unsealed
from serving.board.proof.found import Opened
from serving.board.sidecar import Sidecar


def opened(document: bytes, file: Path) -> Opened:
    """The sidecar with what lies beside it."""
    sidecar, is_sealed = unsealed(document.decode(errors="replace"), Sidecar, file.name)
    return Opened(sidecar, is_sealed, dict, _beside(file.parent, sidecar))


def _beside(folder: Path, sidecar: Sidecar) -> Iterator[str]:
    for name, made in sidecar.files.items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is not beside it"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != made:
            yield f"{name} is not the file that was made with it: its SHA-256 is another one"
