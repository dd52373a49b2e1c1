"""A disk that is full while a run lands, builds or publishes: one error names it, the last snapshot stays as it was,
and the next run after room is made is clean.

Belongs here: a home whose zones lie on small disks (tests/small_disk.py), and what must hold. Does not: how often
(callers).

Each zone has a disk of its own, so that it is the one that fills. ``home`` has all that is no zone: the warehouse, the
restricted database, dbt's and Dagster's files; ``all`` is everything on one disk.
"""

import random
import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from serving.published import current
from tests.small_disk import Disk, mounted
from tests.torture.kills import FIRST, LAST, Round, Site, differences, settled

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


def filled(phase: str, times: int, seed: int) -> Filled:
    """A company whose every second run may find a disk full, at random room, and each of whose others must end well."""
    rng, result = random.Random(f"{phase} {seed}"), Filled()
    with tempfile.TemporaryDirectory() as name, ExitStack() as disks:
        home = Path(name) / "home"
        disk = disks.enter_context(mounted(home))
        if phase != "all":
            zones = {zone: disks.enter_context(mounted(home / zone)) for zone in ("landing", "published")}
            disk = {"landing": zones["landing"], "publish": zones["published"], "build": disk}[phase]
        with Site(home, seed).served() as site:
            days = [LAST - timedelta(days=3 * back) for back in reversed(range(2 * times + 3))]
            result.differences += clean(site, FIRST)
            while days and len(result.room) < times and not result.differences:
                room = round(rng.uniform(*ROOM[phase]), 2)
                if found := fill(site, disk, room, day := days.pop(0)):
                    result.room.append(room)
                    result.differences += [f"{phase} with {room} MB: {one}" for one in found if one]
                else:
                    result.had_room += 1
                result.differences += clean(site, day)
            result.differences = result.differences or clean(site, LAST) or differences(home, site.reported)
    print(f"full disk, {phase}, seed {seed}: {result.room} MB left, {result.differences or 'exact'}", flush=True)
    return result


def clean(site: Site, day: datetime) -> list[str]:
    """What is wrong with a run that has room on all disks."""
    done = Round(0)
    settled(site, _text(day), done)
    return done.differences


def fill(site: Site, disk: Disk, room: float, day: datetime) -> list[str]:
    """A run with so little room; nothing where that was enough, else what is wrong, an empty text where nothing is."""
    before, rows = current(site.home), figures(site.home)
    disk.leave(round(room * 1024))
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
        "what is served has other rows" if rows != figures(site.home) else "",
    ]
    return [one for one in problems if one] or [""]


def figures(home: Path) -> list[object]:
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
