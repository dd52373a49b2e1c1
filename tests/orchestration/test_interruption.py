"""Control-c and SIGTERM: Dagster's record says that the run was canceled, and nobody loses the signal on its way.

Red means: an interrupted run counts as failed, which marks what is served as stale and alerts people, or the command
goes on with the next job.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

from orchestration import interruption

ENDS = signal.SIGINT, signal.SIGTERM


def run_of(
    *steps: Callable[[dg.OpExecutionContext], None], logger: dg.LoggerDefinition | None = None, **settings: Any
) -> tuple[DagsterRunStatus, list[str]]:
    """How a run of these steps, one after the other, ended, and what its events say."""

    @dg.job(executor_def=interruption.in_process, logger_defs={"own": logger} if logger else None)
    def job() -> None:
        before: list[Any] = []
        for number, step in enumerate(steps):
            op = dg.op(name=f"step_{number}", ins={"before": dg.In(dg.Nothing)} if before else {}, **settings)(step)
            before = [op(*before)]

    with dg.DagsterInstance.ephemeral() as instance:
        made = instance.create_run_for_job(job, run_config={"loggers": {"own": {}}} if logger else None)
        execute_run(InMemoryJob(job), made, instance)
        ended = instance.get_run_by_id(made.run_id)
        assert ended is not None
        return ended.status, [str(log.message) for log in instance.all_logs(made.run_id)]


def interrupts(number: signal.Signals) -> Callable[[dg.OpExecutionContext], None]:
    def step(context: dg.OpExecutionContext) -> None:
        os.kill(os.getpid(), number)
        time.sleep(30)

    return step


def works(context: dg.OpExecutionContext) -> None:
    context.log.info("a step worked")


def drops(context: dg.OpExecutionContext) -> Iterator[dg.AssetObservation]:
    """As dagster-dbt does while it reads a line."""
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
    except BaseException:  # noqa: BLE001 (this is the mistake)
        yield dg.AssetObservation("read")
    context.log.info("a step went on")
    yield dg.Output(None)


@pytest.mark.parametrize("number", ENDS)
def test_an_interrupted_run_is_canceled_and_says_why(number: signal.Signals) -> None:
    with interruption.noticed():
        status, said = run_of(interrupts(number), works)
        assert status == DagsterRunStatus.CANCELED
        assert interruption.CANCELED in said
        assert "a step worked" not in said
        with pytest.raises(KeyboardInterrupt):
            interruption.raise_if_asked()


def test_a_run_that_fails_by_itself_is_no_interruption() -> None:
    def fails(context: dg.OpExecutionContext) -> None:
        raise dg.Failure("no")

    with interruption.noticed():
        status, said = run_of(fails)
        assert (status, interruption.CANCELED in said) == (DagsterRunStatus.FAILURE, False)
        interruption.raise_if_asked()


def test_an_interruption_that_a_step_drops_ends_the_run_all_the_same() -> None:
    with interruption.noticed():
        status, said = run_of(drops, works)
        assert status == DagsterRunStatus.CANCELED
        assert "a step worked" not in said


def test_what_was_interrupted_is_not_retried() -> None:
    begun = time.monotonic()
    with interruption.noticed():
        status, _ = run_of(interrupts(signal.SIGINT), retry_policy=dg.RetryPolicy(max_retries=3, delay=20))
        assert status == DagsterRunStatus.CANCELED
    assert time.monotonic() - begun < 10


def test_one_that_comes_after_the_last_step_is_not_forgotten() -> None:
    """Dagster forgets it: the next job of a command would begin."""

    class Ends(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event = getattr(record, "dagster_meta", {}).get("dagster_event")
            if event is not None and event.is_job_success:
                os.kill(os.getpid(), signal.SIGINT)

    @dg.logger
    def ends(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("ends")
        logger.addHandler(Ends())
        return logger

    with interruption.noticed():
        status, _ = run_of(works, logger=ends)
        assert status == DagsterRunStatus.SUCCESS
        with pytest.raises(KeyboardInterrupt):
            interruption.raise_if_asked()


def test_a_process_that_does_not_end_by_itself_is_ended() -> None:
    never = (
        "import os, signal, time\n"
        "from orchestration import interruption\n"
        "interruption.GRACE_SECONDS = 0.5\n"
        "with interruption.noticed():\n"
        "    while True:\n"
        "        try:\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "            time.sleep(60)\n"
        "        except KeyboardInterrupt:\n"
        "            pass\n"
    )
    ended = subprocess.run([sys.executable, "-c", never], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 130
    assert ended.stderr == "interrupted, and ended at once; run the same command again to continue\n"


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(number) for number in ENDS]
    with interruption.noticed():
        assert {signal.getsignal(number) for number in ENDS} == {signal.default_int_handler}
    assert [signal.getsignal(number) for number in ENDS] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert not interruption.is_asked()
