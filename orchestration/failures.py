"""From an error that a person must act on to a failed step, and from a run's events to why it failed.

Belongs here: how errors of the rooms show in Dagster, and the one wording of a failure for whatever started the run:
the command line, the UI, a schedule. Does not: the errors themselves (ingestion/errors.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterInstance

from ingestion import disk
from ingestion.errors import ProdopsError
from orchestration import manifest

EXIT_CODE = "exit_code"
CHECK_STOPPED = "a blocking check failed"
HELD = {"prodops/held": "marts"}
"""The tag of a run that failed because it holds marts back: all else that it was to do is done."""
NO_STEP = (
    "no step of the run failed: its process was killed, ran out of memory, ended with the machine or could not begin "
    "(Dagster: {}); where the daemon does not start another one in its place, and that ends well: prodops run"
)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a run failed: what its steps say, a line each, and what its blocking checks found; the exit code of that."""

    errors: tuple[str, ...]
    red: tuple[str, ...]
    exit_code: int

    @property
    def first(self) -> str | None:
        """What is said where there is room for one."""
        return next(iter([*self.errors, *self.red]), None)


def failure(error: ProdopsError) -> dg.Failure:
    """The step failure that says what the error says; no traceback is needed to act on it."""
    return dg.Failure(str(error), metadata={EXIT_CODE: error.exit_code}, allow_retries=False)


@contextmanager
def reported() -> Iterator[None]:
    """What a room raises inside for a person is the failure of the step."""
    try:
        with disk.named():
            yield
    except ProdopsError as error:
        raise failure(error) from None


def reasons(failures: Iterable[DagsterEvent], red: Sequence[dg.AssetCheckEvaluation]) -> Reasons:
    """Why a run failed, by its step failures and the blocking checks that did not pass."""
    errors, codes = [], []
    for event in failures:
        data = event.step_failure_data
        reported = data.user_failure_data
        code = reported.metadata.get(EXIT_CODE) if reported else None
        codes.append(int(code.value) if code is not None else 1)
        errors.extend(
            (reported.description or "").splitlines() if reported else [unforeseen(event.step_key, data.error)]
        )
    # A red check is reported as such; its step says it a second time, Dagster's own error a third.
    reported_already = (*(f"{manifest.on_asset(found.asset_check_key)}: " for found in red), CHECK_STOPPED)
    errors = [error for error in errors if not error.startswith(reported_already)]
    return Reasons(tuple(dict.fromkeys(errors)), tuple(described(found) for found in red), max(codes, default=1))


def why(instance: DagsterInstance, run_id: str) -> Reasons:
    """What a run that is recorded failed of; nothing where no step of it did, as when it was killed."""
    kinds = {DagsterEventType.STEP_FAILURE, DagsterEventType.ASSET_CHECK_EVALUATION}
    events = [log.get_dagster_event() for log in instance.all_logs(run_id, of_type=kinds)]
    evaluations = [one.asset_check_evaluation_data for one in events if not one.is_step_failure]
    return reasons([one for one in events if one.is_step_failure], [*filter(is_red, evaluations)])


def is_red(found: dg.AssetCheckEvaluation) -> bool:
    """Whether a check holds something back."""
    return not found.passed and found.severity == dg.AssetCheckSeverity.ERROR


def described(red: dg.AssetCheckEvaluation) -> str:
    """Which check, on what, what it found; of a test of dbt, which knows only how many rows, what that means."""
    key, about = red.asset_check_key, {name: one.value for name, one in red.metadata.items()}
    rows = about.get("dagster_dbt/failed_row_count")
    counted = "could not be run (logs/dbt.log)" if about.get("status") == "error" else f"{rows} row{'s' * (rows != 1)}"
    meaning = manifest.project().words.get(key, "").partition(": ")[2]
    return f"{manifest.on_asset(key)}: {red.description or counted}" + (f"; {meaning}" if meaning else "")


def unforeseen(step: str | None, error: Any) -> str:
    """One line for an error that no room named: its innermost cause."""
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
        return CHECK_STOPPED
    return f"{step}: {' '.join(error.message.split())[:300] if error else 'failed'}"
