"""What Dagster and dbt keep of runs.

Belongs here: which runs are forgotten, and with what. Does not: ticks (dagster.yaml), when (defs/upkeep.py).

A run stays as long as it is the last that built an asset or a partition, or the last that evaluated a check to its
end: the gate and the UI ask for these, however old they are. Others stay for six hours where they ended well, for an
hour where they looked and found nothing new, for two weeks where they failed (cadence.py); but of runs of one job that
fail one after the other, as each hour while a check is red, all but the last stay for six hours. After an hour a run
that ended well also loses what was of use only while it ran. Of a run that stays for a few assets or checks the others
lose what they have anew, as if it had gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as db
from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetEventTagsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.runs import SqlRunStorage
from dagster._core.storage.runs.schema import SnapshotsTable
from dagster._time import get_current_datetime

from orchestration import cadence, gate
from orchestration.loads import NEWS

ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.CANCELED, DagsterRunStatus.FAILURE]
LOADS = ("load", "resync_", "full_resync")
"""How the jobs that only load begin."""
BUILT = (DagsterEventType.ASSET_MATERIALIZATION.value, DagsterEventType.ASSET_OBSERVATION.value)
SPENT = (
    DagsterEventType.STEP_OUTPUT.value,
    DagsterEventType.ASSET_MATERIALIZATION_PLANNED.value,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value,
)
"""What its steps handed on and what it was to do, two fifths of what a build writes: what it did is in other events."""
EVALUATED = (DagsterEventType.ASSET_CHECK_EVALUATION.value,)
LARGEST_LOG = 10_000_000
"""Bytes of dbt's log; the one before it stays beside it."""

events, checks = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
LAST_BUILT = (
    db.select(db.func.max(events.id))
    .where(events.dagster_event_type.in_(BUILT))
    .group_by(events.asset_key, events.partition, events.dagster_event_type)
)
"""Ids of the newest event of each asset and partition."""
LAST_CHECKED = (
    db.select(db.func.max(checks.id))
    .where(checks.execution_status.in_([status.value for status in gate.ENDED]))
    .group_by(checks.asset_key, checks.check_name)
)
"""Ids of the newest evaluation of each check that came to its end."""


def prune(instance: DagsterInstance) -> int:
    """Forgets old runs with their events, and what no run needs any more; how many runs."""
    log, runs = instance.event_log_storage, instance.run_storage
    if not isinstance(log, SqlEventLogStorage) or not isinstance(runs, SqlRunStorage):
        raise TypeError("Dagster's storage must be SQLite or Postgres")
    over = ended(instance)
    old = sorted(over - needed(log))
    for run in old:
        instance.delete_run(run)
        with log.index_connection() as index:  # Dagster keeps evaluations of runs that it has deleted
            index.execute(db.delete(AssetCheckExecutionsTable).where(checks.run_id == run))
    with log.index_connection() as index:
        forget_replaced_in(index, sorted(over.difference(old)))
    for run in ended_well(instance):
        for connected in (log.index_connection(), log.run_connection(run)):
            with connected as connection:
                is_spent = db.and_(events.run_id == run, events.dagster_event_type.in_(SPENT))
                connection.execute(db.delete(SqlEventLogStorageTable).where(is_spent))
    before = get_current_datetime().replace(tzinfo=None) - cadence.FAILURES_KEPT
    for connected in (log.index_connection(), log.run_connection("")):
        with connected as connection:
            forget_replaced_outside(connection, before)
    forget_snapshots(instance, runs)
    return len(old)


def ended(instance: DagsterInstance) -> set[str]:
    """Ids of the runs that ended so long ago that they may go."""
    now, old, failed_next = get_current_datetime().timestamp(), set[str](), dict[str, bool]()
    for one in instance.get_run_records(RunsFilter(statuses=ENDED)):  # the newest first
        run = one.dagster_run
        stays = kept(run, is_repeated=failed_next.get(run.job_name, False))
        failed_next[run.job_name] = run.status == DagsterRunStatus.FAILURE
        if one.end_time and now - one.end_time > stays.total_seconds():
            old.add(run.run_id)
    return old


def ended_well(instance: DagsterInstance) -> list[str]:
    """Ids of the runs that ended well more than an hour ago; who looks at one just ended sees all of it."""
    before = get_current_datetime() - cadence.QUIET_KEPT
    found = instance.get_run_records(RunsFilter(statuses=[DagsterRunStatus.SUCCESS], updated_before=before))
    return [one.dagster_run.run_id for one in found]


def kept(run: DagsterRun, *, is_repeated: bool) -> timedelta:
    """How long a run that ended is kept. ``is_repeated``: the next one of its job failed."""
    if run.status == DagsterRunStatus.FAILURE and not is_repeated:
        return cadence.FAILURES_KEPT
    is_quiet = run.job_name.startswith(LOADS) and not NEWS.items() <= run.tags.items()
    return cadence.QUIET_KEPT if is_quiet else cadence.RUNS_KEPT


def needed(log: SqlEventLogStorage) -> set[str]:
    """Ids of the runs that hold the last event of an asset, a partition or a check."""
    with log.index_connection() as index:
        return {
            *index.scalars(db.select(events.run_id).where(events.id.in_(LAST_BUILT))),
            *index.scalars(db.select(checks.run_id).where(checks.id.in_(LAST_CHECKED))),
        }


def forget_replaced_in(index: db.Connection, runs: Sequence[str]) -> None:
    """Forgets what assets and checks have of these runs and got anew from later ones."""
    index.execute(db.delete(AssetCheckExecutionsTable).where(checks.run_id.in_(runs), checks.id.not_in(LAST_CHECKED)))
    evaluated = db.select(checks.evaluation_event_storage_id).where(checks.evaluation_event_storage_id.is_not(None))
    for kinds, kept in ((BUILT, LAST_BUILT), (EVALUATED, evaluated)):
        is_old = db.and_(events.run_id.in_(runs), events.dagster_event_type.in_(kinds), events.id.not_in(kept))
        index.execute(db.delete(SqlEventLogStorageTable).where(is_old))
    index.execute(db.delete(AssetEventTagsTable).where(AssetEventTagsTable.c.event_id.not_in(db.select(events.id))))


def forget_replaced_outside(connection: db.Connection, before: datetime) -> None:
    """Forgets events of no run, such as changes of freshness, that later ones of the same kind have replaced."""
    last = db.select(db.func.max(events.id)).where(events.run_id == "")
    last = last.group_by(events.asset_key, events.partition, events.dagster_event_type)
    is_old = db.and_(events.run_id == "", events.timestamp < before, events.id.not_in(last))
    connection.execute(db.delete(SqlEventLogStorageTable).where(is_old))


def forget_snapshots(instance: DagsterInstance, runs: SqlRunStorage) -> None:
    """Forgets snapshots of jobs and plans that no run has: each new set of what is due makes two."""
    kept_runs = instance.get_runs()
    of_jobs = {one.job_snapshot_id for one in kept_runs}
    of_plans = {one.execution_plan_snapshot_id for one in kept_runs}
    lineages = (instance.get_job_snapshot(one).lineage_snapshot for one in of_jobs if one)
    parents = {lineage.parent_snapshot_id for lineage in lineages if lineage}
    used = {one for one in of_jobs | of_plans | parents if one}
    with runs.connect() as connection:
        there = set(connection.scalars(db.select(SnapshotsTable.c.snapshot_id)))
        for one in there - used:
            connection.execute(db.delete(SnapshotsTable).where(SnapshotsTable.c.snapshot_id == one))


def turn(log: Path) -> None:
    """Begins a log anew that has grown large."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.1"))
