"""Does loading all sources at once take no longer than it must?

Measures, in one run on one machine, ``prodops load`` from scratch at scale small, the sandbox included: each source
alone, then all of them. The bound is the larger of the slowest source alone and the CPU seconds of all at once divided
by the cores. Goal: 1.2 times the bound. What dbt needs to read its project is made before: it is no part of a load.

Run: ``python -m benchmarks.loading``. Writes benchmarks/results/loading.json.
"""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import write
from ingestion.sources import SOURCES

PREPARE = """
from orchestration import dbt_process, deployment
deployment.settle(1)
dbt_process.prepare()
"""
PR_SET_CHILD_SUBREAPER = 36


def cpu_seconds() -> float:
    """Of all processes that this one has waited for, and of those that they have."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(prepared: Path, *sources: str) -> dict[str, float]:
    """One load into a home in which nothing has landed."""
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        home = Path(scratch) / "home"
        shutil.copytree(prepared, home)
        before, begun = cpu_seconds(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "load", *sources],
            env={**os.environ, "PRODOPS_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        # what the load leaves to end by itself comes to this process, and counts when it is waited for
        while True:
            try:
                os.wait()
            except ChildProcessError:
                break
        return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu_seconds() - before, 2)}


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        prepared = Path(scratch) / "home"
        given = {**os.environ, "PRODOPS_HOME": str(prepared)}
        subprocess.run([sys.executable, "-c", PREPARE], env=given, check=True)
        alone = {name: measured(prepared, name) for name in SOURCES}
        together = measured(prepared)
    slowest = max(alone, key=lambda name: alone[name]["seconds"])
    bound = max(alone[slowest]["seconds"], together["cpu_seconds"] / (os.cpu_count() or 1))
    figures = {
        "alone": alone,
        "all": together,
        "slowest_alone": slowest,
        "bound_seconds": round(bound, 2),
        "ratio_to_bound": round(together["seconds"] / bound, 3),
        "ratio_to_one_after_the_other": round(together["seconds"] / sum(run["seconds"] for run in alone.values()), 3),
    }
    write("loading", figures)


if __name__ == "__main__":
    main()
