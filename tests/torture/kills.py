"""kill -9 during `prodops run`, then one clean run: nothing lost, nothing twice, no manual step but one.

Belongs here: finding out where a run is, ending it there, and what must hold afterwards. Does not: how often (callers).

A kill is aimed at a phase: the run is watched from outside, stopped with SIGSTOP at a random time in the phase,
looked at once more, and killed only if it is still there. A run that ended by itself is no kill. It is killed alone, or
with all its processes, as when a machine goes down.

The vendors live on outside, as real ones do. QuickBooks gives another refresh token at each refresh, which ends the one
before: an answer that is lost to a kill is lost for good. Then the next run must say in words that the company has to
be connected again, and it is.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cli.sandbox import published
from ingestion.clock import parse
from sandbox import faults, files, vendors
from sandbox.compare import compare
from sandbox.server import serve_in_thread
from sandbox.truth import truth
from sandbox.vendors.quickbooks.tokens import token
from serving import restatements
from serving.published import current
from tests.end_to_end.play import Play
from tests.environment import environment_kept, without_settings
from tests.torture.processes import descendants, is_locked

PHASES = ("extract", "load", "refresh", "dbt", "checks", "publish")
LANDING = ("extract", "load")
VENDORS = ("amplitude", "bamboohr", "jira", "quickbooks", "stripe")
"""Sources whose landing lasts long enough to be met in it."""
DELAYS = {
    "extract": (0, 0.05, 0.2, 0.5, 1.0, 2.0),
    "load": (0, 0, 0.002, 0.01),
    "refresh": (0, 0.1, 0.2, 0.29, 0.3, 0.31),
    "dbt": (0, 0.5, 1.0, 2.0, 4.0),
    "checks": (0, 0.02, 0.1, 0.3),
    "publish": (0, 0.01, 0.05, 0.1),
}
"""Seconds into a phase at which a kill is tried: phases last from 20 ms (a package being loaded) to ten seconds."""
SLOW_TOKENS = {"fault": "silence", "source": "quickbooks", "path": "oauth2", "count": "always", "seconds": 0.3}
"""The token is given away 0.3 s before the answer that holds it: long enough to be killed in."""
CONNECT_AGAIN = "connect the app to the company again"
PATIENCE = 1800.0
"""Seconds for a run that is left alone: on a machine that has much other work one has taken six minutes."""
NUMBERS = count()
"""Of logs: two commands of one home may run at a time."""
FIRST = datetime(2025, 6, 2, 7, tzinfo=UTC)
LAST = datetime(2026, 10, 15, 6, tzinfo=UTC)


@dataclass
class Round:
    """What one home went through: kills by phase, those while landing by source, tries that came too late, how often
    a lost refresh token was replaced by a person."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    landing: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    reconnected: int = 0
    restated: int = 0
    differences: list[str] = field(default_factory=list)


class Run:
    """One `prodops run`, or another command, in a process group of its own."""

    def __init__(self, home: Path, settings: Mapping[str, str], *command: str) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}-{next(NUMBERS)}.log")
        self.started = time.time()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *(command or ("run",))],
                env={**without_settings(), **settings, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def is_in(self, phase: str, source: str) -> bool:
        """Whether the run is there now, by what it said and left on disk, whose locks are held and whether dbt runs."""
        if phase == "refresh":
            return is_locked(self.home / "restricted" / "tokens" / "quickbooks.lock")
        if phase in LANDING:
            zones = (self.home / "dlt", self.home / "restricted" / "dlt")
            waiting = (zone / source / source / "load" / "normalized" for zone in zones)
            is_loading = any(folder.is_dir() and any(folder.iterdir()) for folder in waiting)
            return is_locked(self.home / "dlt" / f"{source}.lock") and is_loading == (phase == "load")
        if "build_warehouse" not in self.log.read_text():
            return False
        is_dbt = any("orchestration.dbt_child" in command for command in descendants(self.process.pid).values())
        is_publishing = any((self.home / "published" / "snapshots").glob(".building-*"))
        results = self.home / "dbt" / "run_results.json"
        is_built = results.exists() and results.stat().st_mtime > self.started
        now = {"dbt": is_dbt, "publish": is_publishing, "checks": is_built and not is_dbt and not is_publishing}
        return now[phase]

    def kill_in(self, phase: str, source: str, rng: random.Random) -> bool:
        """Kills the run in a phase, while landing that of a source; False when it ended before that could be."""
        with_all = rng.random() < 0.5
        while self.process.poll() is None and time.time() < self.started + PATIENCE:
            if self.is_in(phase, source):
                # phases last from 20 ms (a package being loaded) to seconds
                time.sleep(rng.choice(DELAYS[phase]))
                others = descendants(self.process.pid)
                self._send(signal.SIGSTOP, self.process.pid, *others)
                if self.process.poll() is None and self.is_in(phase, source):
                    self._send(signal.SIGKILL, self.process.pid, *(others if with_all else ()))
                    self._send(signal.SIGCONT, *others)
                    self.process.wait()
                    return True
                self._send(signal.SIGCONT, self.process.pid, *others)
            time.sleep(0.02 if phase in ("dbt", "checks") else 0.002)
        self.process.wait(PATIENCE)
        return False

    def _send(self, what: signal.Signals, *processes: int) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, what)

    def ended(self) -> tuple[int, str]:
        """The exit code, and what the run said."""
        code = self.process.wait(PATIENCE)
        return code, self.log.read_text()


class Site:
    """The vendors of a made-up company, which a home knows as those of a real one."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.reported = home, Play(home, seed)
        self.company = home.with_name(f"{home.name}-company")
        self.vendors: Any = self.reported.application.vendors
        self.vendors["quickbooks"].tokens.rotates_after = 0
        self.reported.application.rules += faults.rules([SLOW_TOKENS])
        self.settings: dict[str, str] = {}

    @contextmanager
    def served(self) -> Iterator["Site"]:
        with serve_in_thread(self.reported.application) as url:
            places = {"PRODOPS_HOME": str(self.home), "PRODOPS_COMPANY": str(self.company)}
            self.settings = {**places, **vendors.settings(url, self.company)}
            yield self

    def run(self, now: str, *command: str) -> Run:
        """Begins a run, or another command, once the company has lived until then."""
        self.reported.now = now
        self.reported.application.clock.advance(int(parse(now).timestamp() * 1000))
        files.write(self.reported.company, self.company, now)
        return Run(self.home, {**self.settings, "PRODOPS_NOW": now}, *command)

    def connect(self) -> None:
        """What a person does who reads that the refresh token is lost."""
        tokens = self.vendors["quickbooks"].tokens
        fresh = token("AB", self.reported.application.clock.now(), tokens.newest + 1)
        self.settings["SOURCES__QUICKBOOKS__REFRESH_TOKEN"] = fresh


def one_round(each: int, seed: int) -> Round:
    """Kills ``each`` times in every phase, in random order, in a home of its own."""
    rng = random.Random(seed)
    phases = list(PHASES) * each
    rng.shuffle(phases)
    with tempfile.TemporaryDirectory() as folder:
        done = play(Path(folder) / "home", seed, phases, rng)
    print(f"seed {seed}: {sum(done.kills.values())} kills, {done.differences or 'exact'}", flush=True)
    return done


def play(home: Path, seed: int, phases: Sequence[str], rng: random.Random) -> Round:
    """Kills one run after the other, each on a later day so that each has something to do; then one clean run."""
    result = Round(seed)
    days = sorted(rng.sample(range((LAST - FIRST).days), 4 * len(phases)))
    left = list(phases)
    with Site(home, seed).served() as site:
        while left and days:
            run = site.run((FIRST + timedelta(days=days.pop(0))).isoformat().replace("+00:00", "Z"))
            source = rng.choice(VENDORS)
            if run.kill_in(left[0], source, rng):
                if left[0] in LANDING:
                    result.landing[source] += 1
                result.kills[left.pop(0)] += 1
            elif not ended_well(site, run, result):
                return result
            else:
                result.missed += 1
        if left:
            result.differences.append(f"no run could be killed in {', '.join(left)}")
        if settled(site, LAST.isoformat().replace("+00:00", "Z"), result):
            result.differences += differences(home, site.reported)
    return result


def settled(site: Site, now: str, result: Round) -> bool:
    """Whether a run that is left alone does what it should, and one more after each thing that a person has to do."""
    known: tuple[int, int] | None = None
    while not result.differences and known != (known := (result.reconnected, result.restated)):
        ended_well(site, site.run(now), result)
    return not result.differences


def ended_well(site: Site, run: Run, result: Round) -> bool:
    """Whether a run that was left alone did what it should. If it says that a refresh token is lost, it is replaced;
    that closed periods would change, they are accepted."""
    code, said = run.ended()
    if code == 3 and CONNECT_AGAIN in said:
        site.connect()
        result.reconnected += 1
    elif code == 1 and restatements.waiting(site.home):
        # What a person does who reads that closed periods would change, and has looked at them.
        restatements.accept(site.home, (), parse(site.reported.now))
        result.restated += 1
    elif code:
        result.differences.append(f"a run that was left alone ended with {code}: {said[-2000:]}")
    return not result.differences


def differences(home: Path, reported: Play) -> list[str]:
    """Everything in a home that is not as it should be after a clean run."""
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(home)
        found = reported.landed_differences()
    expected = truth(reported.company, reported.now)
    served = current(home)
    assert served is not None
    report = compare(expected, published(served))
    found += [example for mart in report.marts for example in mart.examples]
    left = [*(home / "published").glob(".*"), *(home / "published" / "snapshots").glob(".*")]
    return found + [f"left behind: {path.name}" for path in left]
