"""A disk that is full while a run lands, builds or publishes: one error names it, the last snapshot is served as it was,
and the next run after room is made is clean.

Belongs here: small file systems in memory, which only root can mount; a home whose zones lie on them; what must hold.
Does not: how often (callers).

Each zone has a disk of its own, so that it is the one that fills. ``home`` has all that is no zone: the warehouse, the
restricted database, dbt's and Dagster's files; ``all`` is everything on one disk.
"""

import random
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from serving.published import current
from tests.torture.kills import FIRST, Round, Site, differences, ended_well

MEGABYTE = 2**20
ROOMY = 2000
"""MB of a disk that is not to fill."""
ROOM = {"landing": (0.0, 0.3), "publish": (0.0, 40.0), "build": (0.5, 40.0), "all": (0.0, 60.0)}
"""MB that are left free: a snapshot of this company takes 42, a day of its records less than one."""
FULL = re.compile(r"^error: the disk is full: (\S+) has [\d,]+ of [\d,]+ MB free; make room", re.M)


@dataclass
class Filled:
    """What happened to one home: the MB that were left to each run that found the disk full, how many had enough, what
    is not as it should be."""

    room: list[float] = field(default_factory=list)
    had_room: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass
class Disk:
    """A file system in memory, and the file that fills it."""

    folder: Path

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def leave(self, megabytes: float) -> None:
        """Fills it but for so much."""
        listed = subprocess.run(["df", "--output=avail", "-k", self.folder], capture_output=True, text=True, check=True)
        size = int(listed.stdout.split()[-1]) * 1024 - int(megabytes * MEGABYTE)
        subprocess.run(["fallocate", "-l", str(max(size, 1)), self.ballast], check=True)

    def make_room(self) -> None:
        self.ballast.unlink()


@contextmanager
def mounted(folder: Path, megabytes: int = ROOMY) -> Iterator[Disk]:
    """A disk of that size in the folder, as long as the context is open."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)


def filled(phase: str, times: int, seed: int) -> Filled:
    """A company whose every second run finds a disk full, at random room, and each of whose others must be clean."""
    rng, result = random.Random(f"{phase} {seed}"), Filled()
    with tempfile.TemporaryDirectory() as name, ExitStack() as disks:
        home = Path(name) / "home"
        disk = disks.enter_context(mounted(home))
        if phase != "all":
            zones = {zone: disks.enter_context(mounted(home / zone)) for zone in ("landing", "published")}
            disk = {"landing": zones["landing"], "publish": zones["published"], "build": disk}[phase]
        with Site(home, seed).served() as site:
            left, days = times, iter(range(0, 400, 7))
            result.differences += clean(site, FIRST)
            while left and not result.differences:
                day = FIRST + timedelta(days=next(days) + 1)
                room = round(rng.uniform(*ROOM[phase]), 2)
                if found := fill(site, disk, room, day):
                    left -= 1
                    result.room.append(room)
                    result.differences += [f"{phase} with {room} MB: {one}" for one in found if one]
                else:
                    result.had_room += 1
                result.differences += clean(site, day)
    print(f"full disk, {phase}, seed {seed}: {result.room} MB left, {result.differences or 'exact'}", flush=True)
    return result


def clean(site: Site, day: datetime) -> list[str]:
    """What is not as it should be after a run with room on all disks."""
    done = Round(0)
    ended_well(site, site.run(_text(day)), done)
    if done.restated and not done.differences:
        ended_well(site, site.run(_text(day)), done)
    return done.differences or differences(site.home, site.reported)


def fill(site: Site, disk: Disk, room: float, day: datetime) -> list[str]:
    """A run with so little room; nothing where that was enough, else what is wrong, an empty text where nothing is."""
    before, rows = current(site.home), _figures(site.home)
    disk.leave(room)
    try:
        code, said = site.run(_text(day)).ended()
    finally:
        disk.make_room()
    if code in (0, 1):
        return []
    after = current(site.home)
    named = set(FULL.findall(said))
    problems = [
        f"ended with {code} and said {said[-1500:]}" if code != 5 or len(named) != 1 else "",
        "a traceback" if "Traceback" in said else "",
        "another snapshot is served" if before != after else "",
        "what is served has other rows" if rows != _figures(site.home) else "",
    ]
    return [one for one in problems if one] or [""]


def _figures(home: Path) -> list[object]:
    """A line of each mart that is served."""
    served = current(home)
    assert served is not None
    with served.connect() as marts:
        names = [name for (name,) in marts.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        return [
            marts.execute(f"select '{name}', count(*), bit_xor(hash(t)) from {name} as t").fetchone() for name in names
        ]


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
