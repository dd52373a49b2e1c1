"""What is dear to make, made once for all processes of a test run.

Belongs here: the place and the waiting. Does not: what is made.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_SHARED: list[Path] = []


def share(folder: Path) -> None:
    """All processes of a test run name the same folder; one that names none shares with nobody."""
    _SHARED[:] = [folder]


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder of that name, made by the first process that asks for it; the others wait for it."""
    if not _SHARED:
        share(Path(tempfile.mkdtemp()))
        atexit.register(shutil.rmtree, _SHARED[0])
    place = _SHARED[0] / name
    with FileLock(f"{place}.lock"):
        if not place.exists():
            unfinished = place.with_name(f"{name}.unfinished")
            make(unfinished)
            unfinished.rename(place)
    return place
