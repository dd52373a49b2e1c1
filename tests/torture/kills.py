"""kill -9 during `prodops run`, then one clean run: nothing lost, nothing twice, no manual step.

Belongs here: finding out where a run is, ending it there, and what must hold afterwards. Does not: how often (callers).

A kill is aimed at a phase: the run is watched from outside, stopped with SIGSTOP at a random moment of the phase,
looked at once more, and killed only if it is still there. A run that ended by itself is no kill.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from sandbox.compare import compare
from sandbox.truth import truth
from tests.end_to_end.play import Play
from tests.torture.processes import descendants

PHASES = ("extract", "load", "dbt", "checks", "publish")
LANDING = ("extract", "load")
VENDORS = ("amplitude", "jira", "stripe")
"""Sources whose landing lasts long enough to be met in it."""
DELAYS = {
    "extract": (0, 0.05, 0.2, 0.5, 1.0, 2.0),
    "load": (0, 0, 0.002, 0.01),
    "dbt": (0, 0.5, 1.0, 2.0, 4.0),
    "checks": (0, 0.02, 0.1, 0.3),
    "publish": (0, 0.01, 0.05, 0.1),
}
"""Seconds into a phase at which a kill is tried: phases last from 20 ms (a package being loaded) to ten seconds."""
PATIENCE = 240.0
FIRST = datetime(2025, 6, 2, 7, tzinfo=UTC)
LAST = datetime(2026, 10, 15, 6, tzinfo=UTC)


@dataclass
class Round:
    """What one home went through: kills by phase, those while landing by source, tries that came too late."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    landing: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    differences: list[str] = field(default_factory=list)


class Run:
    """One `prodops run` in a process of its own."""

    def __init__(self, home: Path, seed: int, now: str) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        settings = {"PRODOPS_HOME": str(home), "PRODOPS_NOW": now, "PRODOPS_SCALE": "tiny", "PYTHONUNBUFFERED": "1"}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SOURCES__", "PRODOPS_"))}
        home.parent.mkdir(parents=True, exist_ok=True)
        self.started = time.time()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "orchestration.cli", "run", "--seed", str(seed)],
                env={**clean, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def phase(self) -> str | None:
        """Where the run is, by what it said and left on disk and whether dbt runs; None before it lands anything.

        While it lands, the source stands beside the phase."""
        said = self.log.read_text()
        sources = re.findall(r"\(land_(\w+)\)", said)
        if not sources:
            return None
        if "build_warehouse" not in said:
            waiting = self.home / "dlt" / sources[-1] / sources[-1] / "load" / "normalized"
            return f"{'load' if waiting.is_dir() and any(waiting.iterdir()) else 'extract'} {sources[-1]}"
        if any("orchestration.dbt_child" in command for command in descendants(self.process.pid).values()):
            return "dbt"
        if any((self.home / "published" / "snapshots").glob(".building-*")):
            return "publish"
        results = self.home / "dbt" / "run_results.json"
        return "checks" if results.exists() and results.stat().st_mtime > self.started else None

    def kill_in(self, phase: str, rng: random.Random) -> bool:
        """Kills the run in a phase; False when it ended before that could be."""
        while self.process.poll() is None and time.time() < self.started + PATIENCE:
            if self.phase() == phase:
                # phases last from 20 ms (a package being loaded) to seconds
                time.sleep(rng.choice(DELAYS[phase.split()[0]]))
                self.process.send_signal(signal.SIGSTOP)
                if self.process.poll() is None and self.phase() == phase:
                    self.process.kill()
                    self.process.wait()
                    return True
                with contextlib.suppress(ProcessLookupError):
                    self.process.send_signal(signal.SIGCONT)
            time.sleep(0.02 if phase in ("dbt", "checks") else 0.002)
        self.process.wait(PATIENCE)
        return False

    def ended(self) -> tuple[int, str]:
        """The exit code, and what the run said."""
        code = self.process.wait(PATIENCE)
        return code, self.log.read_text()


def play(home: Path, seed: int, phases: Sequence[str], rng: random.Random) -> Round:
    """Kills one run after the other, each on a later day so that each has something to do; then one clean run."""
    result = Round(seed)
    days = sorted(rng.sample(range((LAST - FIRST).days), 3 * len(phases)))
    left = list(phases)
    while left and days:
        now = (FIRST + timedelta(days=days.pop(0))).isoformat().replace("+00:00", "Z")
        source = rng.choice(VENDORS)
        if Run(home, seed, now).kill_in(f"{left[0]} {source}" if left[0] in LANDING else left[0], rng):
            result.landing[source] += left[0] in LANDING
            result.kills[left.pop(0)] += 1
        else:
            result.missed += 1
    if left:
        result.differences.append(f"no run could be killed in {', '.join(left)}")
    last = LAST.isoformat().replace("+00:00", "Z")
    code, said = Run(home, seed, last).ended()
    if code:
        result.differences.append(f"the clean run ended with {code}: {said[-2000:]}")
        return result
    result.differences += differences(home, seed, last)
    return result


def differences(home: Path, seed: int, now: str) -> list[str]:
    """Everything that is not as it should be after the clean run."""
    told = Play(home, seed)
    told.now = now
    before = os.environ.get("PRODOPS_HOME")
    os.environ["PRODOPS_HOME"] = str(home)
    try:
        found = told.landed_differences()
    finally:
        os.environ.pop("PRODOPS_HOME") if before is None else os.environ.update(PRODOPS_HOME=before)
    expected = truth(told.company, now)
    with duckdb.connect(str(home / "published" / "current" / "marts.duckdb"), read_only=True) as published:
        marts = {mart: published.execute(f"from {mart}").to_arrow_table().to_pylist() for mart in expected}
    report = compare(expected, marts)
    found += [example for mart in report.marts for example in mart.examples]
    left = [*(home / "published").glob(".*"), *(home / "published" / "snapshots").glob(".*")]
    return found + [f"left behind: {path.name}" for path in left]
