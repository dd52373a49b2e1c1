"""The proof of a file of a pack: it shows what the frozen snapshot holds, and no other number.

Belongs here: the forms of files, the order of the proof. Does not: what is read of each form (proof/).
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.board.carried import VerifyError
from serving.board.page import Pack, figures
from serving.board.proof import frozen, html, pptx, sidecar, xlsx
from serving.board.proof.found import Opened, differences

FORMS: Mapping[str, Callable[[bytes, Path], Opened]] = {
    ".pptx": pptx.opened,
    ".xlsx": xlsx.opened,
    ".html": html.opened,
    ".json": sidecar.opened,
}


UNREADABLE = (zipfile.BadZipFile, zlib.error, LookupError, ValueError, ArithmeticError, SyntaxError)
"""What damaged archives, XML, numbers and dates raise."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared. ``places``: texts and numbers that the file must hold; ``problems``: a line each, none where
    the file is as it was made and its snapshot holds every figure."""

    pack: Pack
    figures: int
    places: int
    problems: tuple[str, ...]


def verify(file: Path, home: Path) -> Proof:
    """Compares every number of a file with the snapshot that it names, among those published in a home. Raises
    ``VerifyError`` where a file is none of a pack, or its snapshot is gone."""
    if file.suffix.lower() not in FORMS:
        raise VerifyError(
            f"{file} is no file of a board pack; those that prodops board makes end in {', '.join(FORMS)}"
        )
    try:
        opened = FORMS[file.suffix.lower()](file.read_bytes(), file)
        edited = [] if opened.is_sealed else ["its tags were edited after prodops made them"]
        tagged = frozen.differences(frozen.snapshot_of(home, opened.pack), opened.pack)
        declared = opened.declared()
        problems = [*edited, *tagged, *differences(declared, opened.found)]
    except OSError as error:
        raise VerifyError(f"{file} can't be read: {error.strerror or error}; name a file that is there") from None
    except UNREADABLE as error:
        raise VerifyError(
            f"{file} is not as prodops wrote it: {type(error).__name__}, {error}; make the pack again: prodops board"
        ) from error
    shown = sum(1 for page in opened.pack.pages for _ in figures(page))
    return Proof(opened.pack, shown, len(declared), tuple(problems))
