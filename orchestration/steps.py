"""Running a job in this process, on the home's Dagster instance.

Belongs here: what happens around a run: the lease, runs that a kill left, the outcome in words. Does not: what jobs do
(defs/), how an outcome is shown (cli/show.py).
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.errors import DagsterError
from dagster._core.execution.api import execute_run
from dagster._core.execution.execution_result import ExecutionResult
from dagster._core.storage.tags import MAX_RETRIES_TAG, REPOSITORY_LABEL_TAG

from ingestion import manifests, unread
from ingestion.errors import DiskFullError, LeaseError, SettingsError
from ingestion.home import home
from ingestion.sources import SOURCES, streams_by_source
from orchestration import built, dbt_process, gate, interruption, manifest, plan, retention, state, warehouse
from orchestration.definitions import of_home
from orchestration.defs import board, loading, publish
from orchestration.failures import described, is_red, reasons
from orchestration.progress import Listener, listening
from serving.published import current

BY = {"prodops/by": "command line"}
OF_JOB = {REPOSITORY_LABEL_TAG: f"{SINGLETON_REPOSITORY_NAME}@prodops"}
"""What the UI knows the runs of a job by: repository and code location (pyproject.toml). Runs that it starts have it
from Dagster; without it the page of a job says "No runs found" (dagster#17707)."""
ALONE = {MAX_RETRIES_TAG: "0"}
"""A person starts it again; Dagster's daemon does not."""
UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
ORPHAN_SECONDS = 30.0
DAMAGED = (
    "Corrupt database",
    "not a valid DuckDB database",
    "checksum",
    "replaying WAL",
    "Serialization Error",
    "enough bytes",
)
"""How DuckDB words a file that it can't read; everything else that keeps it from opening is for a person to mend."""
WRITTEN_BY = {"files": "; prodops init writes the company's files"}


class _Nobody(Listener):
    """Follows a run of which nothing is shown."""


SILENT = _Nobody()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: rows landed per stream and what loads had to say, models built, checks passed and failed, errors
    in words with their exit code. ``nothing_new``: since when there was nothing to do, where that was so. ``packs``:
    folders of packs that were written."""

    run_id: str
    job: str
    seconds: float
    exit_code: int
    errors: tuple[str, ...]
    landed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    checks_passed: int = 0
    checks_failed: tuple[str, ...] = ()
    built: int = 0
    snapshot: str | None = None
    nothing_new: str | None = None
    packs: tuple[str, ...] = ()


def run(
    job: str,
    *,
    config: Mapping[str, Any] | None = None,
    sources: Sequence[str] = (),
    report: Listener = SILENT,
) -> Outcome:
    """Runs a job to its end, or of its landings only those of the sources named; never raises for what goes wrong
    inside a step."""
    landed = {dg.AssetKey([name, stream.name]) for name in sources for stream in SOURCES[name].streams}
    return _run(job, landed, None, config or {}, report)


def run_due(job: str, report: Listener = SILENT) -> Outcome:
    """Runs of a job that builds what is due, and no more; with nothing due it does not start.

    The run is of just those assets and checks, so that Dagster shows what was built and plans nothing that is not.
    """
    started = time.monotonic()
    publishes = job == "main"
    with instance() as dagster:
        due = plan.due(dagster)
        if not due and not (publishes and publish.is_due()):
            return Outcome("", job, time.monotonic() - started, 0, (), nothing_new=_since(publishes))
    assets, checks = due.assets, due.checks
    if publishes:
        assets, checks = assets | {publish.KEY}, checks | {publish.CHECK.key}
    done = _run(job, assets, checks, {}, report)
    # Where a disk is full nothing goes on: what is published stays as it is, which is what its error says.
    is_for_the_rest = publishes and done.snapshot is None and done.exit_code not in (0, DiskFullError.exit_code)
    return _with_the_rest(done, report) if is_for_the_rest else done


def _with_the_rest(failed: Outcome, report: Listener) -> Outcome:
    """A run that failed before it published, and what does not need what failed: checked, if that was left out, and
    published."""
    with instance() as dagster:
        unproven = gate.gaps(dagster) & gate.proofs().keys()
    proven = _run("check", set(), unproven, {}, report) if unproven else None
    published = run("publish", report=report)
    later = [one for one in (proven, published) if one]
    return replace(
        failed,
        seconds=failed.seconds + sum(one.seconds for one in later),
        errors=tuple(dict.fromkeys([*failed.errors, *_unsaid(failed.errors, later)])),
        checks_passed=failed.checks_passed + sum(one.checks_passed for one in later),
        checks_failed=tuple(dict.fromkeys(red for one in (failed, *later) for red in one.checks_failed)),
        snapshot=published.snapshot,
    )


def after(loaded: Outcome, done: Outcome) -> Outcome:
    """A run that loaded, and what was then built and published: of a source that failed, the error of its load comes
    first, and what it holds back is not said again."""
    return replace(
        done,
        seconds=loaded.seconds + done.seconds,
        exit_code=loaded.exit_code or done.exit_code,
        errors=(*loaded.errors, *_unsaid(loaded.errors, [done])),
        landed=loaded.landed,
        notes=tuple(dict.fromkeys([*loaded.notes, *done.notes])),
    )


def lacks_pack() -> bool:
    """Whether the newest quarter has no pack yet for somebody, or one from before its books were closed."""
    return bool(board.due())


def write_packs(period: str | None, audiences: Sequence[str], report: Listener = SILENT) -> Outcome:
    """Writes packs anew: of a period for these audiences, or for all that get one by themselves."""
    wanted = {"period": period, "audiences": [*audiences], "anew": True}
    return run(board.JOB.name, config={"ops": {board.STEP: {"config": wanted}}}, report=report)


def with_packs(done: Outcome, packed: Outcome) -> Outcome:
    """A run, and the packs that were written after it."""
    return replace(
        done,
        seconds=done.seconds + packed.seconds,
        exit_code=done.exit_code or packed.exit_code,
        errors=(*done.errors, *packed.errors),
        packs=packed.packs,
    )


def rest_may_move() -> bool:
    """Whether sources failed and there are marts that need nothing of what could not be read."""
    failed = unread.known(SOURCES)
    behind = {mart for one in failed for mart in manifest.marts_behind(one.source, one.streams)}
    return bool(failed) and any(mart.name not in behind for mart in manifest.marts())


def _unsaid(said: Collection[str], later: Iterable[Outcome]) -> Iterator[str]:
    """Errors that do not repeat what an earlier one says: that marts are held back because a model failed."""
    causes = [error.partition(": ")[2].removesuffix(" (logs/dbt.log)") for error in said]
    for error in (error for one in later for error in one.errors):
        if not any(cause and cause in error for cause in causes):
            yield error


def _run(
    job: str,
    assets: Set[dg.AssetKey],
    checks: Set[dg.AssetCheckKey] | None,
    config: Mapping[str, Any],
    report: Listener,
) -> Outcome:
    started = time.monotonic()
    if job == "load":
        definitions = loading.alone(home())
    else:
        dbt_process.prepare()
        manifests.recover(streams_by_source())
        definitions = of_home(home())
    whole = definitions.resolve_job_def(job)
    selected = whole.get_subset(asset_selection=assets, asset_check_selection=checks)
    with instance() as dagster, listening(report):
        # Not execute_in_process: it has an executor of its own, which calls a run failed that was interrupted.
        made = dagster.create_run_for_job(
            selected,
            run_config={**(whole.run_config or {}), **config, "loggers": {"progress": {}}},
            tags={**BY, **OF_JOB, **ALONE},
        )
        result = execute_run(InMemoryJob(selected), made, dagster)
    interruption.raise_if_asked()
    return outcome(job, result, time.monotonic() - started)


def _since(is_published: bool) -> str:
    """Since when everything is as it should be."""
    build, served = built.last(), current(home())
    at = served.manifest["published_at"] if is_published and served else build.at if build else None
    return str(at)


@contextmanager
def instance() -> Iterator[DagsterInstance]:
    """The home's Dagster instance."""
    with state.opened() as dagster:
        yield dagster


def outcome(job: str, result: ExecutionResult, seconds: float) -> Outcome:
    """Reads a run's events."""
    evaluations = result.get_asset_check_evaluations()
    red = [found for found in evaluations if is_red(found)]
    why = reasons(result.get_step_failure_events(), red)
    notes = [described(found) for found in evaluations if not found.passed and found not in red and found.description]
    landed, snapshot, models_built, packs = {}, None, 0, ()
    for event in result.get_asset_materialization_events():
        materialization = event.materialization
        name = materialization.asset_key.to_user_string()
        metadata = {key: value.value for key, value in materialization.metadata.items()}
        if "landed" in metadata:
            landed[name] = {key: metadata[key] for key in ("seen", "landed", "deleted")}
            notes += [f"{materialization.asset_key.path[0]}: {metadata['note']}"] if metadata["note"] else []
        if "snapshot" in metadata:
            snapshot = metadata["snapshot"]
        if "packs" in metadata:
            packs = tuple(metadata["packs"])
        is_model = materialization.asset_key.path[0] not in streams_by_source()
        models_built += is_model and not {"snapshot", "packs"} & metadata.keys()
    failed = not result.success or bool(red)
    return Outcome(
        result.run_id,
        job,
        seconds,
        exit_code=why.exit_code if failed else 0,
        errors=why.errors,
        landed=landed,
        notes=tuple(dict.fromkeys([*notes, *(without_sources() if models_built else [])])),
        checks_passed=sum(found.passed for found in evaluations),
        checks_failed=why.red,
        built=models_built,
        snapshot=snapshot,
        packs=packs,
    )


def without_sources() -> list[str]:
    """What marts lack because nothing of a source has landed yet, one line a source."""
    landed = {stream.partition("/")[0] for stream in built.now().streams}
    lacking = {
        source.name: manifest.marts_behind(source.name, {stream.name for stream in source.streams})
        for source in SOURCES.values()
        if source.name not in landed
    }
    return [
        f"{name}: nothing has landed; these marts are without it: {', '.join(marts)}{WRITTEN_BY.get(name, '')}"
        for name, marts in lacking.items()
        if marts
    ]


def cancel_launched() -> None:
    """Asks the runs to end that the services of the UI have started."""
    with instance() as dagster:
        for found in dagster.get_runs(RunsFilter(statuses=UNFINISHED)):
            if BY.items() <= found.tags.items():
                continue
            dagster.report_run_canceling(found, interruption.CANCELED)
            try:
                dagster.run_launcher.terminate(found.run_id)
            except DagsterError as error:  # its process ends with the services, and end_dead_runs says so
                dagster.report_engine_event(f"It could not be asked to end: {error}", found)


def end_dead_runs(*, of_all: bool = False, interrupted: bool = False) -> int:
    """Marks runs failed that a kill left unfinished, or canceled that an interruption did; the caller holds the lease,
    so no run of a command is alive.

    ``of_all``: runs of schedules too, when no daemon is up. Their pool slots are freed, or the next run would wait for
    ever.
    """
    with instance() as dagster:
        dead = dagster.get_runs(RunsFilter(statuses=UNFINISHED, tags={} if of_all else BY))
        for found in dead:
            if interrupted:
                dagster.report_run_canceled(found, interruption.CANCELED)
            else:
                dagster.report_run_failed(found, "This run was killed; found unfinished by the next one.")
            dagster.event_log_storage.free_concurrency_slots_for_run(found.run_id)
        return len(dead)


def forget_old_runs() -> None:
    """What the daemon does four times a day, for a home where only commands run."""
    with instance() as dagster:
        retention.prune(dagster)


def wait_for_warehouse(built: Path) -> str | None:
    """Waits, within bounds, for a process that still has the warehouse open, such as a killed run's dbt child.

    A damaged file is put aside: it holds nothing that landing does not, and the next build makes it again. Returns what
    was done about it, in words.
    """
    deadline = time.monotonic() + ORPHAN_SECONDS
    reported = (_wait_for(file, built, deadline) for file in warehouse.files(built))
    return next((text for text in reported if text), None)


def _wait_for(file: Path, built: Path, deadline: float) -> str | None:
    while file.exists():
        try:
            duckdb.connect(str(file), read_only=True).close()
        except duckdb.Error as error:
            text = " ".join(str(error).split())
            if any(sign in text for sign in DAMAGED):
                warehouse.discard(built)
                return f"the warehouse was damaged and is built again from landing ({text[:160]})"
            if "set lock on file" not in text:
                hint = f"the warehouse can't be opened: {text[:200]}"
                raise SettingsError(f"PRODOPS_HOME={built.parent}", hint) from None
            if time.monotonic() > deadline:
                raise LeaseError(f"the warehouse is open elsewhere for {ORPHAN_SECONDS:.0f} s: {text}") from None
            time.sleep(0.2)
        else:
            return None
    return None
