"""Writing a file whole.

Belongs here: how a file is replaced so that a kill or a power cut leaves the old one or the new one. Does not: where
files lie (home.py), object stores (manifests.py).
"""

import os
from pathlib import Path

from ingestion.home import private_files


def write_atomically(path: Path, content: str | bytes, group: int | None = None) -> None:
    """Replaces a file, for its owner alone or for a group to read: readers see the old or the new one, also after a
    power cut.

    A kill leaves at most ``<name>.<pid>.tmp`` beside it.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with private_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                if group is not None:
                    os.fchown(file.fileno(), -1, group)
                    os.fchmod(file.fileno(), 0o640)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)  # a full disk is not to be kept full by what did not fit
            raise
    fsync_folder(path.parent)


def fsync_folder(folder: Path) -> None:
    """Makes a rename in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
