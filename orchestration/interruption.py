"""Control-C and SIGTERM: a run that somebody ends is canceled, not failed.

Belongs here: noticing that this process is asked to end, the executor that has Dagster record it. Does not: what a
person reads of it (cli), how the children of a run end (dbt_child.py, ingestion/side_by_side.py).

Dagster raises an interruption inside a step and calls the run failed, unless a request to cancel it is on record
first: a failed run marks what is served as stale and alerts people. So the executor records the request. Dagster
forgets an interruption that comes after a run's last step and raises none while a step waits for its pool; dagster-dbt
drops one that comes while it reads a line. So Python writes the signals to a socket too, where nothing forgets them.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor

from orchestration import progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT_CODE = 130
GRACE_SECONDS = 10.0
"""So long a process may take to end by itself. Then it ends at once, as by a kill, which every run survives."""
LOOKS_EVERY = 0.2
CANCELED = (
    "Interrupted by control-c or SIGTERM. Nothing is wrong with what is served; what landed and was built counts, and "
    "the next run does the rest."
)

_is_asked: list[Callable[[], bool]] = []


def is_asked() -> bool:
    """Whether this process, inside ``noticed``, was asked to end."""
    return any(asked() for asked in _is_asked)


def raise_if_asked() -> None:
    """Raises ``KeyboardInterrupt`` for an interruption that something on the way has dropped."""
    if is_asked():
        raise KeyboardInterrupt


@contextmanager
def noticed() -> Iterator[None]:
    """Inside, SIGTERM ends the process as control-c does, and either is noticed whatever else happens to it. Also where
    a shell started the process in the background, with control-c ignored."""
    read, written = socket.socketpair()
    seen, lock, is_over = set[int](), threading.Lock(), threading.Event()

    def asked() -> bool:
        with lock, suppress(BlockingIOError):
            seen.update(read.recv(4096))
        return not seen.isdisjoint(SIGNALS)

    def end_after_grace() -> None:
        while not asked():
            if is_over.wait(LOOKS_EVERY):
                return
        if not is_over.wait(GRACE_SECONDS):
            sys.stderr.write("interrupted, and ended at once; run the same command again to continue\n")
            sys.stderr.flush()
            os._exit(EXIT_CODE)

    read.setblocking(False)
    written.setblocking(False)
    watching = threading.Thread(target=end_after_grace, name="interruption", daemon=True)
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    fd = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    _is_asked.append(asked)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()
        _is_asked.remove(asked)
        signal.set_wakeup_fd(fd)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        read.close()
        written.close()


class _Canceling(InProcessExecutor):
    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[DagsterEvent]:
        begun = 0
        try:
            for event in super().execute(plan_context, execution_plan):
                if event.is_step_start:
                    begun += 1
                    progress.begin(str(event.step_key), begun, len(execution_plan.step_keys_to_execute))
                yield event
                if is_asked():
                    if event.is_step_up_for_retry:  # Dagster retries what was interrupted
                        raise DagsterExecutionInterruptedError
                    signal.raise_signal(signal.SIGINT)  # again, should it have been dropped: the step raises it
        except (KeyboardInterrupt, DagsterExecutionInterruptedError):
            run = plan_context.instance.get_run_by_id(plan_context.run_id)
            if run and run.status != dg.DagsterRunStatus.CANCELING:  # as it is where somebody did so in the UI
                plan_context.instance.report_run_canceling(run, CANCELED)
            raise


@dg.executor(name="in_process")
def in_process(_: dg.InitExecutorContext) -> InProcessExecutor:
    """One step after the other in the process of the run; an interruption cancels the run."""
    return _Canceling(RetryMode.ENABLED)
