"""What does a run cost that has nothing to do?

Measures, in one go on one machine, the same command twice in one home, the sandbox included: ``prodops run`` from
scratch, and again with nothing new. Of each: wall time, CPU seconds, the peak of resident memory of dbt and of all its
processes together, sampled every 50 ms (pages that they share count in each), and how many of dbt's nodes ran. Goals:
0.2 times the wall time at scale small, 0.1 at medium, and at medium no peak of dbt above 4 GiB.

Run: ``python -m benchmarks.idle_run``, or with ``PRODOPS_SCALE=medium``. Writes
benchmarks/results/idle_run_<scale>.json.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.results import write
from tests.torture.processes import descendants

SCALE = os.environ.get("PRODOPS_SCALE", "small")
INTERVAL_SECONDS = 0.05


def resident(process: int) -> int:
    """Bytes of a process in memory; 0 for one that has ended meanwhile."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except (FileNotFoundError, ProcessLookupError):
        return 0


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def nodes_ran(home: Path, before: int | None) -> tuple[int, int]:
    """How many nodes the build ran since a change of the record, and when the record was changed."""
    record = home / "dbt" / "built.json"
    changed = record.stat().st_mtime_ns
    return (len(json.loads(record.read_text())["ran"]) if changed != before else 0), changed


def measured(settings: Mapping[str, str]) -> dict[str, float]:
    """One run of the whole command, watched from outside."""
    before, begun = cpu_seconds(), time.perf_counter()
    peak_of_all, peak_of_dbt = 0, 0
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "run"], env={**os.environ, **settings}, stdout=said, stderr=said
        )
        while child.poll() is None:
            running = {child.pid: "", **descendants(child.pid)}
            held = {process: resident(process) for process in running}
            peak_of_all = max(peak_of_all, sum(held.values()))
            is_dbt = (process for process, command in running.items() if "dbt_child" in command)
            peak_of_dbt = max([peak_of_dbt, *(held[process] for process in is_dbt)])
            time.sleep(INTERVAL_SECONDS)
        seconds = time.perf_counter() - begun
        if child.returncode:
            said.seek(0)
            raise SystemExit(said.read())
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds() - before, 2),
        "peak_mib": round(peak_of_all / 2**20),
        "peak_of_dbt_mib": round(peak_of_dbt / 2**20),
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        home = Path(scratch) / "home"
        settings = {"PRODOPS_HOME": str(home), "PRODOPS_SCALE": SCALE}
        first = measured(settings)
        first["dbt_nodes"], changed = nodes_ran(home, None)
        idle = measured(settings)
        idle["dbt_nodes"], _ = nodes_ran(home, changed)
    ratio = round(idle["seconds"] / first["seconds"], 3)
    write(f"idle_run_{SCALE}", {"scale": SCALE, "first": first, "nothing_new": idle, "ratio": ratio})


if __name__ == "__main__":
    main()
