"""Control-c and SIGTERM at random times of `prodops run` and `prodops ui`, and two runs of one home at once.

Belongs here: ending commands so, and what must hold afterwards. Does not: how often (callers), kill -9 (kills.py).

In a terminal control-c reaches all processes of a command, SIGTERM that of the command alone; which it is, is drawn.
After each interruption nothing is left running, no run is open or failed, nothing served is called stale, and the next
run publishes by itself. QuickBooks gives another refresh token at each refresh, so that one lost token would show.
"""

import os
import random
import signal
import socket
import sqlite3
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from serving.published import current, status
from tests.torture.kills import FIRST, LAST, Round, Run, Site, differences, settled
from tests.torture.processes import cpu_seconds, descendants, is_alive

LATEST = {"run": 40.0, "ui": 60.0}
"""CPU-seconds into a command within which it is interrupted: later a run has mostly ended, and the UI has begun one.
Those of a clock would all lie in the loads where the machine has other work."""
ENDED_WITHIN = 15.0
"""Seconds, of which ten are for what does not end by itself; on a machine that has nothing else to do it took seven."""
RESULTS = ("SUCCESS", "CANCELED")
EARLIEST = 140
"""Days: before them a company has nothing yet of some of what vendors say, of which the truth says that it agrees."""


@dataclass
class Ended:
    """What interruptions found: how many by command and signal, Dagster's runs that they met by job and state, seconds
    that commands took to end, and everything that was not as it should be."""

    seed: int
    interrupted: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    too_late: int = 0
    differences: list[str] = field(default_factory=list)


def interrupted(seed: int, times: int) -> Ended:
    """Interrupts a command so many times in a home of its own, half of them `run`, each on another day so that there
    is something to do."""
    with tempfile.TemporaryDirectory() as folder:
        found = play(Path(folder) / "home", seed, times)
    print(f"seed {seed}: {dict(found.interrupted)}, {dict(found.met)}, {found.differences or 'exact'}", flush=True)
    return found


def play(home: Path, seed: int, times: int) -> Ended:
    rng, found = random.Random(seed), Ended(seed)
    commands = [("run", "ui")[number % 2] for number in range(times)]
    days = count(rng.randrange(EARLIEST, (LAST - FIRST).days - 3 * times))
    with Site(home, seed).served() as site:
        publishes(site, day(next(days)), found)
        while commands and not found.differences:
            now = day(next(days))
            if commands[0] == "ui":  # which builds what has landed, without being asked
                site.run(now, "load").ended()
            if one(site, now, commands[0], rng, found):
                commands.pop(0)
            publishes(site, now, found)
        if not found.differences:
            found.differences += differences(home, site.reported)
    return found


def one(site: Site, now: str, command: str, rng: random.Random, found: Ended) -> bool:
    """Interrupts one command; False if it ended before that."""
    what, after = rng.choice([signal.SIGINT, signal.SIGTERM]), rng.uniform(0.5, LATEST[command])
    before = runs(site.home).keys()
    run = site.run(now, command, *(["--port", str(free_port())] if command == "ui" else []))
    while run.process.poll() is None and cpu_seconds(run.process.pid) < after:
        time.sleep(0.05)
    others = descendants(run.process.pid)
    if run.process.poll() is not None:
        found.too_late += 1
        return False
    asked = time.time()
    (os.killpg if what == signal.SIGINT else os.kill)(run.process.pid, what)
    code, said = run.ended()
    found.seconds.append(round(time.time() - asked, 1))
    while any(map(is_alive, others)) and time.time() < asked + ENDED_WITHIN:
        time.sleep(0.1)
    found.interrupted[f"{command} {what.name}"] += 1
    met = [ran for number, ran in runs(site.home).items() if number not in before]
    found.met.update(f"{job} {state}" for job, state in met)
    where = f"{command}, {what.name} after {after:.1f} CPU-s"
    if code != 130 and not (what == signal.SIGTERM and code == -what):  # before anything was begun
        found.differences.append(f"{where}: ended with {code}: {said[-1000:]}")
    if command == "run" and "Traceback" in said:  # of the UI Dagster's own log is on the screen
        found.differences.append(f"{where}: a traceback: {said[-1000:]}")
    if found.seconds[-1] > ENDED_WITHIN:
        found.differences.append(f"{where}: took {found.seconds[-1]} s to end")
    left = [name for process, name in others.items() if is_alive(process)]
    found.differences += [f"{where}: still runs: {name}" for name in left]
    found.differences += [f"{where}: a run of {job} is {state}" for job, state in met if state not in RESULTS]
    if (mark := status(site.home)).is_stale:
        found.differences.append(f"{where}: what is served is called stale: {mark.reason}")
    return True


def publishes(site: Site, now: str, found: Ended) -> None:
    """Whether a run that is left alone publishes what is new; no refresh token may be lost before it."""
    result = Round(found.seed)
    settled(site, now, result)
    found.differences += result.differences
    if result.reconnected:
        found.differences.append("a refresh token was lost")
    served = current(site.home)
    if served is None or status(site.home).is_stale or served.held:
        found.differences.append(f"the run of {now} left {status(site.home)}")


def at_once(seed: int, times: int, news: int) -> Ended:
    """Begins two runs of a home within two seconds of each other, so many times; every ``news``-th time on the next
    day."""
    rng, found = random.Random(seed), Ended(seed)
    first_day = rng.randrange(EARLIEST, (LAST - FIRST).days - times)
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "home", seed).served() as site:
        publishes(site, day(first_day), found)
        for number in range(times):
            now = day(first_day + 1 + number // news)
            first = site.run(now)
            time.sleep(rng.uniform(0, 2))
            second = Run(site.home, {**site.settings, "PRODOPS_NOW": now})
            ends = sorted([first.ended(), second.ended()])
            codes = " and ".join(str(code) for code, _ in ends)
            found.interrupted[codes] += 1
            refused = next((said for code, said in ends if code == 4), None)
            if refused is not None and "holds the lease" not in refused.splitlines()[-1]:
                found.differences.append(f"refused without saying by whom: {refused[-500:]}")
            if codes not in ("0 and 4", "0 and 0"):
                publishes(site, now, found)
                if codes not in ("1 and 4", "0 and 1"):  # 1: closed periods that would change
                    found.differences.append(f"ended with {codes}: {[said[-500:] for _, said in ends]}")
            if found.differences:
                break
        publishes(site, now, found)
        if not found.differences:
            found.differences += differences(site.home, site.reported)
    print(f"seed {seed}: {dict(found.interrupted)}, {found.differences or 'exact'}", flush=True)
    return found


def runs(home: Path) -> dict[int, tuple[str, str]]:
    """Job and state of each of Dagster's runs by its number; old ones may have been forgotten."""
    with sqlite3.connect(home / "dagster" / "history" / "runs.db") as file:
        found = file.execute("select id, pipeline_name, status from runs order by id")
        return {number: (job, state) for number, job, state in found}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat().replace("+00:00", "Z")
