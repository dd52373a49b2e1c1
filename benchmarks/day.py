"""What does a day of schedules and sensors cost, and what does it leave behind?

A made-up company whose first run is over lives on by the minute. Each minute Dagster's own daemons do what they do:
the scheduler, the sensors, the queue, and every five minutes freshness. Every run that they ask for is run, here, over
all that a run does; the clocks of Dagster and of the company are moved together. Counted: ticks, runs, how often a
load brought news, how often something was built, and how much larger the state became that Dagster and dbt keep of
runs: ``dagster/`` and ``logs/`` in the home. Goals: no more than 50 MB a day, no more builds than loads with news,
and a second day that adds next to nothing to the first.

Run: ``python -m benchmarks.day [DAYS]``, half an hour a day. Writes benchmarks/results/day.json.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dagster import DagsterInstance, DagsterRun, RepositoryDefinition
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.launcher import LaunchRunContext
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.freshness import FreshnessDaemon
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs

from benchmarks.results import write
from ingestion import clock
from orchestration import built, deployment
from sandbox import files, server, vendors
from sandbox.company import Company

SCALE = os.environ.get("PRODOPS_SCALE", "tiny")
MINUTE = timedelta(minutes=1)
QUIET = logging.getLogger("benchmarks.day")
QUIET.setLevel(logging.ERROR)


@dataclass
class Counts:
    """Of one day."""

    ticks: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    loads: int = 0
    loads_with_news: int = 0
    builds: int = 0
    nodes_built: int = 0


class Here(SyncInMemoryRunLauncher):
    """Runs what the daemons ask for at once, in this process, and counts it."""

    def __init__(self, repository: RepositoryDefinition) -> None:
        super().__init__()
        self.repository, self.counts = repository, Counts()

    def launch_run(self, context: LaunchRunContext) -> None:
        run, before = context.dagster_run, built.now().streams
        execute_run(InMemoryJob(self.repository.get_job(run.job_name)), run, self._instance)
        self._instance.event_log_storage.dispose()  # closes the run's file, as the end of a worker does
        self.count(run, is_news=built.now().streams != before)

    def count(self, run: DagsterRun, *, is_news: bool) -> None:
        ended = self._instance.get_run_by_id(run.run_id)
        self.counts.runs[run.job_name] += 1
        self.counts.failed[run.job_name] += not (ended and ended.is_success)
        if run.job_name in ("load", "full_resync"):
            self.counts.loads += 1
            self.counts.loads_with_news += is_news
        if run.job_name == "main":
            self.counts.builds += 1
            self.counts.nodes_built += len(run.asset_selection or ())


class Moving:
    """Dagster's time, which is this process's, set ahead; the company's follows."""

    def __init__(self, company_now: datetime) -> None:
        self.real, self.ahead = time.time, 0.0
        self.start, self.company_start = self.real(), company_now

    def time(self) -> float:
        return self.real() + self.ahead

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def to(self, at: float) -> None:
        """Ahead to an instant, if it is not past."""
        self.ahead += max(0.0, at - self.time())

    @property
    def company_now(self) -> datetime:
        return self.company_start + timedelta(seconds=self.time() - self.start)


@contextmanager
def daemons(home: Path) -> Iterator[tuple[WorkspaceProcessContext, Here]]:
    """What Dagster's daemons work on, with the code loaded once."""
    with DagsterInstance.get() as instance, ExitStack() as stack:
        origin = InProcessCodeLocationOrigin(
            LoadableTargetOrigin(module_name="orchestration.definitions", working_directory=str(Path.cwd())),
            location_name="prodops",
        )
        context = stack.enter_context(WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(origin)))
        (entry,) = context.create_request_context().get_code_location_entries().values()
        if entry.load_error:
            raise SystemExit(entry.load_error.to_string())
        location: Any = entry.code_location
        (repository,) = location._loaded_repositories.definitions_by_name.values()
        launcher = Here(repository)
        launcher.register_instance(instance)
        instance._run_launcher = launcher
        yield context, launcher


def look(context: WorkspaceProcessContext, at: datetime, *, is_fifth: bool) -> None:
    """One round of the daemons."""
    others: list[Any] = [EventLogConsumerDaemon(), QueuedRunCoordinatorDaemon(interval_seconds=0)]
    rounds = [
        launch_scheduled_runs(context, QUIET, at, {}),
        execute_sensor_iteration(context, QUIET, None, None),
        *(daemon.run_iteration(context) for daemon in [*others, *([FreshnessDaemon()] if is_fifth else [])]),
    ]
    for one in rounds:
        for error in one:
            if error is not None and not isinstance(error, str):
                print(f"{at:%H:%M} {getattr(error, 'message', error)}", flush=True)


def size(home: Path) -> float:
    """MB of what Dagster and dbt keep of runs."""
    kept = (file for folder in ("dagster", "logs") for file in (home / folder).rglob("*") if file.is_file())
    return round(sum(file.stat().st_size for file in kept) / 1e6, 1)


def ticks(instance: DagsterInstance) -> int:
    """How many are kept."""
    states = instance.all_instigator_state()
    return sum(len(instance.get_ticks(one.instigator_origin_id, one.selector_id)) for one in states)


def played(home: Path, days: int, minutes: int) -> Iterator[dict[str, Any]]:
    """So many days of so many minutes each; after each the figures of all until then."""
    company = deployment.settle()
    made_up, moving = Company(1, SCALE), Moving(clock.now())
    application = server.app(made_up, now=clock.iso(moving.company_now))
    folder, figures = Path(os.environ["PRODOPS_COMPANY"]), []
    with (
        server.serve_in_thread(application) as url,
        patch("time.time", moving.time),
        patch("dagster._time._mockable_get_current_timestamp", moving.time),
        patch("dagster._time._mockable_get_current_datetime", moving.now),
    ):
        os.environ.update(vendors.settings(url, folder))
        with daemons(company.home) as (context, launcher):
            figures.append({"mb": size(home)})
            at = moving.now().replace(second=0, microsecond=0)
            for day in range(days):
                launcher.counts, begun, peak = Counts(), time.perf_counter(), 0.0
                for minute in range(minutes):
                    at += MINUTE
                    moving.to(at.timestamp())
                    os.environ["PRODOPS_NOW"] = clock.iso(moving.company_now)
                    if minute % 60 == 0:
                        application.clock.advance(int(moving.company_now.timestamp() * 1000))
                        files.write(made_up, folder, os.environ["PRODOPS_NOW"])
                        peak = max(peak, size(home))
                        print(f"day {day + 1} {at:%H:%M} {size(home)} MB {launcher.counts}", flush=True)
                    look(context, at, is_fifth=minute % 5 == 0)
                figures.append(
                    {
                        "mb": size(home),
                        "peak_mb": peak,
                        "growth_mb": round(size(home) - figures[-1]["mb"], 1),
                        "ticks_kept": ticks(context.instance),
                        "loads": launcher.counts.loads,
                        "loads_with_news": launcher.counts.loads_with_news,
                        "builds": launcher.counts.builds,
                        "assets_built": launcher.counts.nodes_built,
                        "runs": dict(launcher.counts.runs),
                        "failed": {job: n for job, n in launcher.counts.failed.items() if n},
                        "minutes": round((time.perf_counter() - begun) / 60, 1),
                    }
                )
                yield {"before": figures[0], **{f"day_{number}": one for number, one in enumerate(figures[1:], 1)}}


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    minutes = int(sys.argv[2]) if len(sys.argv) > 2 else 24 * 60
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        home = Path(os.environ.get("PRODOPS_HOME", Path(scratch) / "home"))
        os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": SCALE})
        if not (home / "warehouse.duckdb").exists():
            subprocess.run([sys.executable, "-m", "cli.main", "run"], check=True, stdout=subprocess.DEVNULL)
        for figures in played(home, days, minutes):
            write("day", {"scale": SCALE, "seed": 1, **figures})


if __name__ == "__main__":
    main()
