"""Looking at processes from outside."""

import os
from pathlib import Path


def descendants(parent: int) -> dict[int, str]:
    """Command lines of a process's children and theirs, by process id; one that ends meanwhile is left out."""
    found: dict[int, str] = {}
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            for child in map(int, listed.read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
                found |= descendants(child)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def cpu_seconds(process: int) -> float:
    """CPU time of a process and its children, of those too that have ended: how far it has come, also on a machine that
    has other work."""
    ticks = 0
    for one in (process, *descendants(process)):
        try:
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def is_alive(process: int) -> bool:
    """Whether it runs; one that has ended and nobody has asked for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock on the file; looking takes none."""
    try:
        node = path.stat().st_ino
    except FileNotFoundError:
        return False
    return any(int(line.split()[5].rpartition(":")[2]) == node for line in Path("/proc/locks").read_text().splitlines())
