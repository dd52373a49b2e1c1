"""kill -9 of a run's process, with Dagster's own code server, worker and daemons and this home's settings.

The run itself is a small one; runs of the product are killed in tests/torture/workers.py.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import PythonFileTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from orchestration import event_log
from orchestration.loads import LANDS
from orchestration.steps import ALONE, BY

SETTINGS = Path(event_log.__file__).with_name("dagster.yaml")
CODE = """
import os, time
import dagster as dg

@dg.op
def first(context): context.log.info("done once")

@dg.op(ins={"after": dg.In(dg.Nothing)})
def second(context):
    while not os.path.exists(os.path.join(os.environ["DAGSTER_HOME"], "go")):
        time.sleep(0.05)

@dg.job(executor_def=dg.in_process_executor)
def main(): second(first())

@dg.job(executor_def=dg.in_process_executor)
def typed(): second(first())

defs = dg.Definitions(jobs=[main, typed])
"""
T = TypeVar("T")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DagsterInstance, WorkspaceProcessContext]]:
    """An instance and what the daemons work on, with a code server in a process of its own."""
    folder = tmp_path_factory.mktemp("workers")
    (folder / "dagster.yaml").write_text(SETTINGS.read_text())
    (folder / "code.py").write_text(CODE)
    os.environ["DAGSTER_HOME"] = str(folder)
    target = PythonFileTarget(str(folder / "code.py"), None, str(folder), "prodops")
    with DagsterInstance.get() as instance, create_test_daemon_workspace_context(target, instance) as context:
        yield instance, context


class Daemons:
    """The queue and what tries runs again, each looking once when asked."""

    def __init__(self, started: tuple[DagsterInstance, WorkspaceProcessContext]) -> None:
        self.instance, self.context = started
        self.daemons: list[Any] = [EventLogConsumerDaemon(), QueuedRunCoordinatorDaemon(interval_seconds=0)]
        self.look()  # from here on

    def look(self) -> None:
        for daemon in self.daemons:
            assert [error for error in daemon.run_iteration(self.context) if error is not None] == []

    def launch(self, job: str, **tags: str) -> DagsterRun:
        workspace = self.context.create_request_context()
        (location,) = workspace.code_locations
        remote = location.get_repository("__repository__").get_full_job(job)
        plan = location.get_execution_plan(
            remote, run_config={}, step_keys_to_execute=None, known_state=None, instance=self.instance
        )
        run = self.instance.create_run(
            job_name=job,
            run_id=None,
            run_config=None,
            status=None,
            tags=tags,
            root_run_id=None,
            parent_run_id=None,
            step_keys_to_execute=None,
            execution_plan_snapshot=plan.execution_plan_snapshot,
            job_snapshot=remote.job_snapshot,
            parent_job_snapshot=remote.parent_job_snapshot,
            asset_selection=None,
            asset_check_selection=None,
            resolved_op_selection=None,
            op_selection=None,
            remote_job_origin=remote.get_remote_origin(),
            job_code_origin=remote.get_python_origin(),
            asset_graph=location.get_repository("__repository__").asset_graph,
        )
        return self.instance.submit_run(run.run_id, workspace)

    def kill(self, run_id: str) -> None:
        """In its second step; returns once that is seen."""
        self.look()
        worker = waited(lambda: process_of(self.instance, run_id))
        os.kill(worker, signal.SIGKILL)
        run = waited(lambda: found if (found := self.instance.get_run_by_id(run_id)) and found.is_finished else None)
        assert run.status == DagsterRunStatus.FAILURE
        for _ in range(3):
            self.look()

    def status(self, run: DagsterRun) -> DagsterRunStatus | None:
        found = self.instance.get_run_by_id(run.run_id)
        return found.status if found else None

    def others(self, run_id: str) -> list[DagsterRun]:
        """Runs in place of one."""
        return [run for run in self.instance.get_runs() if run.root_run_id == run_id]


def waited(look: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError


def process_of(instance: DagsterInstance, run_id: str) -> int | None:
    """The process of a run that is in its second step."""
    logs = instance.all_logs(run_id)
    said = "".join(entry.message for entry in logs)
    is_there = any(entry.step_key == "second" for entry in logs)
    found = re.search(r"Executing steps in process \(pid: (\d+)\)", said) if is_there else None
    return int(found[1]) if found else None


def test_a_run_whose_process_died_is_marked_failed_and_tried_again_once(
    started: tuple[DagsterInstance, WorkspaceProcessContext],
) -> None:
    """A failure here leaves a run that "runs" for ever and holds up all others, or one that starts again and again."""
    daemons = Daemons(started)
    first = daemons.launch("main")
    daemons.kill(first.run_id)
    (again,) = daemons.others(first.run_id)
    daemons.kill(again.run_id)
    assert len(daemons.others(first.run_id)) == 1
    steps = {entry.step_key for entry in daemons.instance.all_logs(again.run_id) if entry.step_key}
    assert steps == {"second"}, "what the dead one had finished is not done twice"


def test_of_two_loads_one_waits_and_a_dead_run_of_a_command_is_left_to_the_person_who_typed_it(
    started: tuple[DagsterInstance, WorkspaceProcessContext],
) -> None:
    """Two processes that read a source at once would land its records twice, or refuse each other hour by hour."""
    daemons = Daemons(started)
    typed, later = daemons.launch("typed", **BY, **ALONE, **LANDS), daemons.launch("main", **LANDS)
    daemons.look()
    assert daemons.status(later) == DagsterRunStatus.QUEUED
    daemons.kill(typed.run_id)
    assert [run.run_id for run in daemons.others(typed.run_id)] == []
    (Path(os.environ["DAGSTER_HOME"]) / "go").touch()
    waited(lambda: daemons.status(later) == DagsterRunStatus.SUCCESS)
