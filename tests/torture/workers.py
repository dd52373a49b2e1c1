"""kill -9 of the process that runs what Dagster's daemon launched: marked failed, tried again once, published once.

Belongs here: a real webserver, daemon, code server and run worker, and a kill from outside. Does not: kills of
commands (kills.py), how often (callers).

Each round launches the main job as the UI does. The worker is killed at a random time; what it leaves must be seen by
the daemon, and the run that the daemon starts in its place must publish what the made-up company's truth says. In the
last round that one is killed too: then no third run may start, what is served stays whole and is marked stale.
"""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

from cli.sandbox import published
from ingestion import clock
from sandbox.company import Company
from sandbox.compare import compare
from sandbox.truth import truth
from serving.published import current, status
from tests.environment import environment_kept, without_settings
from tests.torture.processes import cpu_seconds, descendants, is_alive

PATIENCE = 1800.0
LATEST = 50.0
"""CPU-seconds into a run: one of everything takes 70."""
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
MAIN = {"repositoryLocationName": "prodops", "repositoryName": "__repository__", "jobName": "main"}
T = TypeVar("T")


@dataclass
class Round:
    """Kills, how long it took until a run was marked failed, and all that was not as it should be."""

    kills: int = 0
    killed_in: list[str] = field(default_factory=list)
    seconds_to_failed: list[float] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def killed(home: Path, kills: int, seed: int) -> Round:
    """So many rounds in one home."""
    rng, done = random.Random(seed), Round()
    settings = {**without_settings(), "PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny"}
    subprocess.run([sys.executable, "-m", "cli.main", "run"], env=settings, check=True, stdout=subprocess.DEVNULL)
    with environment_kept(), user_interface(home, settings) as (launch, _):
        os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")})
        with DagsterInstance.get() as instance:
            for _ in range(kills - 2):
                one_round(instance, launch, rng, done)
                done.differences += differences(home)
            given_up(instance, home, launch, rng, done)
            left_alone = launch()
            last = waited(lambda: ended(instance, left_alone), "the end of the last run")
            if not last.is_success:
                done.differences.append(f"the run that was left alone ended {last.status}")
        done.differences += differences(home)
    return done


def one_round(instance: DagsterInstance, launch: Callable[[], str], rng: random.Random, done: Round) -> None:
    """One run killed, and the one in its place left alone."""
    first = launch()
    kill(instance, first, rng, done)
    again = waited(lambda: retries(instance, first), "a run in place of the killed one")
    last = waited(lambda: ended(instance, again[0].run_id), "its end")
    if not last.is_success:
        done.differences.append(f"the run in place of the killed one ended {last.status}")
    if len(retries(instance, first)) != 1:
        done.differences.append(f"tried again {len(retries(instance, first))} times")


def given_up(instance: DagsterInstance, home: Path, launch: Callable[[], str], rng: random.Random, done: Round) -> None:
    """One run killed, and the one in its place too, before it has published."""
    served = current(home)
    first = launch()
    kill(instance, first, rng, done)
    (again,) = waited(lambda: retries(instance, first), "a run in place of the killed one")
    kill(instance, again.run_id, rng, done)
    waited(lambda: status(home).is_stale, "the mark that what is served is stale")
    time.sleep(20)  # the daemon looks every five seconds
    if len(retries(instance, first)) != 1:
        done.differences.append("tried again more than once")
    still = current(home)
    if served is None or still is None or served.snapshot_id != still.snapshot_id:
        done.differences.append("published though both runs were killed")


def kill(instance: DagsterInstance, run_id: str, rng: random.Random, done: Round) -> None:
    """Kills the process of a run at a random time in it, and waits until that is seen."""
    worker = waited(lambda: process_of(instance, run_id), "a worker")
    latest = cpu_seconds(worker) + rng.uniform(0, LATEST)
    while cpu_seconds(worker) < latest and not ended(instance, run_id):
        time.sleep(0.1)
    if ended(instance, run_id):
        raise RuntimeError("the run ended before it could be killed; begin with another seed")
    steps = [entry.step_key for entry in instance.all_logs(run_id) if entry.step_key]
    others = descendants(worker)
    os.kill(worker, signal.SIGKILL)
    done.kills += 1
    done.killed_in.append(steps[-1] if steps else "start")
    killed_at = time.monotonic()
    found = waited(lambda: ended(instance, run_id), "the mark that it failed")
    done.seconds_to_failed.append(round(time.monotonic() - killed_at, 1))
    if found.status != DagsterRunStatus.FAILURE:
        done.differences.append(f"a killed run is {found.status}")
    left = waited(lambda: not [one for one in others if is_alive(one)], "the end of its children")
    if not left:
        done.differences.append("children of the killed worker live on")


def process_of(instance: DagsterInstance, run_id: str) -> int | None:
    """The process of a run, once it executes steps."""
    said = (entry.message for entry in instance.all_logs(run_id))
    found = (re.search(r"Executing steps in process \(pid: (\d+)\)", one) for one in said)
    return next((int(one[1]) for one in found if one), None)


def ended(instance: DagsterInstance, run_id: str) -> DagsterRun | None:
    run = instance.get_run_by_id(run_id)
    return run if run and run.is_finished else None


def retries(instance: DagsterInstance, run_id: str) -> list[DagsterRun]:
    return list(instance.get_runs(RunsFilter(tags={"dagster/root_run_id": run_id})))


def differences(home: Path) -> list[str]:
    """What is served and is not the truth, or is not whole."""
    served = current(home)
    if served is None:
        return ["nothing is served"]
    at = served.manifest["published_at"]
    with environment_kept():
        os.environ["PRODOPS_NOW"] = clock.iso(clock.parse(at))
        report = compare(truth(Company(1, "tiny"), os.environ["PRODOPS_NOW"]), published(served))
    found = [example for mart in report.marts for example in mart.examples]
    left = [*(home / "published").glob(".*"), *(home / "published" / "snapshots").glob(".*")]
    found += [f"left behind: {path.name}" for path in left]
    return found + ([f"stale: {status(home).reason}"] if status(home).is_stale else [])


def waited(look: Callable[[], T | None], what: str) -> T:
    """What is found, as soon as it is."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{what} did not come within {PATIENCE:.0f} s")


@contextmanager
def user_interface(home: Path, settings: dict[str, str]) -> Iterator[tuple[Callable[[], str], int]]:
    """`prodops ui`, with what launches the main job; ended with all its processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with home.with_name(f"{home.name}-ui.log").open("w") as log:
        ui = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "ui", "--port", str(port)], env=settings, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}/graphql"

    def answer(query: str, **variables: Any) -> dict[str, Any] | None:
        with contextlib.suppress(requests.ConnectionError):
            return dict(requests.post(url, json={"query": query, "variables": variables}, timeout=60).json()["data"])
        return None

    def launch() -> str:
        said = answer(LAUNCH, params={"selector": MAIN, "runConfigData": {}})
        if not said or said["launchRun"]["__typename"] != "LaunchRunSuccess":
            raise RuntimeError(f"not launched: {said}")
        return str(said["launchRun"]["run"]["runId"])

    try:
        waited(lambda: answer("{ version }"), "the webserver")
        yield launch, ui.pid
    finally:
        ui.send_signal(signal.SIGINT)
        ui.wait(PATIENCE)
