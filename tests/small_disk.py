"""Small disks: file systems in memory that a test fills.

Belongs here: mounting them, which only root may, and filling them. Does not: what a full one must lead to.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOMY = 2_000_000
"""KB of a disk that is not to fill."""


@dataclass
class Disk:
    """A file system in memory, and the file that fills it."""

    folder: Path

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def leave(self, kilobytes: int) -> None:
        """Fills it but for so much."""
        listed = subprocess.run(["df", "--output=avail", "-k", self.folder], capture_output=True, text=True, check=True)
        size = int(listed.stdout.split()[-1]) - kilobytes
        subprocess.run(["fallocate", "-l", f"{max(size, 1)}k", self.ballast], check=True)

    def make_room(self) -> None:
        self.ballast.unlink()


@contextmanager
def mounted(folder: Path, kilobytes: int = ROOMY) -> Iterator[Disk]:
    """A disk of that size in the folder, as long as the context is open."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
