"""What is forgotten of old runs, and what must stay however old it is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import AssetKey, DagsterEventType, DagsterInstance
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, AssetEventTagsTable
from dagster._core.storage.runs import SqlRunStorage
from dagster._core.storage.runs.schema import SnapshotsTable
from sqlalchemy import func, select

from orchestration import cadence, event_log, gate, retention
from orchestration.loads import NEWS

SETTINGS = Path(event_log.__file__).with_name("dagster.yaml")
DAYS = dg.StaticPartitionsDefinition(["monday", "tuesday"])


class Lost(dg.Config):
    passes: bool = True
    fails: bool = False


@dg.asset
def orders(config: Lost) -> None:
    if config.fails:
        raise dg.Failure("gone")


@dg.asset(partitions_def=DAYS)
def events() -> None: ...


@dg.asset_check(asset=orders)
def unique(config: Lost) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=config.passes)


BUILD = dg.define_asset_job("main", [orders])
LOAD = dg.define_asset_job("load", [events])
DEFINITIONS = dg.Definitions([orders, events], asset_checks=[unique], jobs=[BUILD, LOAD])


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    (tmp_path / "dagster.yaml").write_text(SETTINGS.read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with DagsterInstance.get() as instance:
        yield instance


def build(instance: DagsterInstance, *, passes: bool = True, fails: bool = False, checks: bool = True) -> str:
    job = DEFINITIONS.resolve_job_def("main")
    job = job if checks else job.get_subset(asset_selection={orders.key}, asset_check_selection=set())
    config = {"orders": {"config": {"fails": fails}}}
    config |= {"orders_unique": {"config": {"passes": passes}}} if checks else {}
    return job.execute_in_process(instance=instance, run_config={"ops": config}, raise_on_error=False).run_id


def load(instance: DagsterInstance, day: str, **tags: str) -> str:
    job = DEFINITIONS.resolve_job_def("load")
    return job.execute_in_process(instance=instance, partition_key=day, tags=tags).run_id


def pruned(instance: DagsterInstance, after: timedelta, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What is left when so much time has passed."""
    now = retention.get_current_datetime()
    with monkeypatch.context() as patched:
        patched.setattr(retention, "get_current_datetime", lambda: now + after)
        before = {run.run_id for run in instance.get_runs()}
        number = retention.prune(instance)
    left = {run.run_id for run in instance.get_runs()}
    assert len(before - left) == number
    return left


def counted(instance: DagsterInstance) -> tuple[int, int]:
    """Evaluations of checks, and snapshots of jobs and plans, that are kept."""
    log, runs = instance.event_log_storage, instance.run_storage
    assert isinstance(log, SqlEventLogStorage)
    assert isinstance(runs, SqlRunStorage)
    with log.index_connection() as index, runs.connect() as kept:
        checks = index.scalar(select(func.count()).select_from(AssetCheckExecutionsTable))
        snapshots = kept.scalar(select(func.count()).select_from(SnapshotsTable))
    return int(checks or 0), int(snapshots or 0)


def test_what_the_gate_asks_for_stays_however_old_it_is(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure here holds every mart back, until everything is built again."""
    checked, built = build(instance, passes=False), build(instance, checks=False)
    known: Any = gate._checked(instance, unique.check_key)
    assert not known.passed
    assert pruned(instance, timedelta(days=400), monkeypatch) == {checked, built}
    assert gate._checked(instance, unique.check_key) == known
    kept = instance.fetch_materializations(orders.key, limit=10).records
    assert [one.run_id for one in kept] == [built], "the run that is needed for its check lost what it built"
    log = instance.event_log_storage
    assert isinstance(log, SqlEventLogStorage)
    with log.index_connection() as index:
        assert {*index.scalars(select(AssetEventTagsTable.c.event_id))} == {kept[0].storage_id}
    assert DagsterEventType.ASSET_MATERIALIZATION in {one.dagster_event_type for one in instance.all_logs(checked)}


def test_runs_that_later_ones_replaced_go_with_their_files(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A failure here is a disk that fills by 50 MB a day."""
    old, new = build(instance), build(instance)
    files = tmp_path / "history" / "runs"
    assert (files / f"{old}.db").exists()
    assert pruned(instance, cadence.RUNS_KEPT - timedelta(minutes=1), monkeypatch) == {old, new}
    before = counted(instance)
    assert pruned(instance, cadence.RUNS_KEPT + timedelta(minutes=1), monkeypatch) == {new}
    assert not [path.name for path in files.iterdir() if path.name.startswith(old)]
    assert counted(instance)[0] == before[0] - 1
    assert instance.all_logs(new)
    assert build(instance), "the next run"


def test_a_failure_stays_for_two_weeks_and_a_load_without_news_for_an_hour(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed, good = build(instance, fails=True), build(instance)
    quiet, news, last = load(instance, "monday"), load(instance, "monday", **NEWS), load(instance, "monday")
    assert pruned(instance, cadence.QUIET_KEPT / 2, monkeypatch) == {failed, good, quiet, news, last}
    assert pruned(instance, cadence.QUIET_KEPT * 2, monkeypatch) == {failed, good, news, last}
    assert pruned(instance, cadence.RUNS_KEPT * 2, monkeypatch) == {failed, good, last}
    assert pruned(instance, cadence.FAILURES_KEPT * 2, monkeypatch) == {good, last}


def test_what_a_run_wrote_for_itself_goes_an_hour_after_it_ended_well(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A failed run may be tried again from where it failed, which asks for what its steps handed on."""

    def kinds(run: str) -> set[str]:
        return {one.dagster_event_type.value for one in instance.all_logs(run) if one.dagster_event_type}

    def bytes_of(run: str) -> int:
        instance.event_log_storage.dispose()
        return (tmp_path / "history" / "runs" / f"{run}.db").stat().st_size

    failed, good = build(instance, fails=True), build(instance)
    handed_on = next(one for one in instance.all_logs(good) if one.dagster_event_type == DagsterEventType.STEP_OUTPUT)
    for _ in range(30):
        instance.event_log_storage.store_event(handed_on)
    before, size = (kinds(failed), kinds(good)), bytes_of(good)
    assert {*retention.SPENT} <= before[1]
    pruned(instance, cadence.QUIET_KEPT / 2, monkeypatch)
    assert (kinds(failed), kinds(good)) == before
    pruned(instance, cadence.QUIET_KEPT * 2, monkeypatch)
    assert (kinds(failed), kinds(good)) == (before[0], before[1] - {*retention.SPENT})
    assert bytes_of(good) < size
    log = instance.event_log_storage
    assert isinstance(log, SqlEventLogStorage)
    with log.index_connection() as index:
        assert index.exec_driver_sql("pragma auto_vacuum").scalar() == 1, "the index becomes smaller too"
    assert instance.get_latest_materialization_event(orders.key)
    assert gate._checked(instance, unique.check_key).passed
    assert build(instance), "the next run"


def test_of_runs_that_fail_one_after_the_other_the_last_stays_for_two_weeks(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure here is a disk that fills while a check is red over a weekend."""
    alone, good = build(instance, fails=True), build(instance)
    first, last = build(instance, fails=True), build(instance, fails=True)
    assert pruned(instance, cadence.RUNS_KEPT / 2, monkeypatch) == {alone, good, first, last}
    assert pruned(instance, cadence.RUNS_KEPT * 2, monkeypatch) == {alone, good, last}


def test_a_partition_that_was_loaded_once_is_not_missing_later(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again, other = load(instance, "monday"), load(instance, "monday"), load(instance, "tuesday")
    assert pruned(instance, timedelta(days=400), monkeypatch) == {again, other}
    assert first not in {again, other}
    assert instance.get_materialized_partitions(AssetKey("events")) == {"monday", "tuesday"}


def test_snapshots_of_jobs_that_no_run_has_go_too(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new set of what is due is a job of its own to Dagster."""
    build(instance, checks=False)
    build(instance)
    before = counted(instance)[1]
    pruned(instance, timedelta(days=400), monkeypatch)
    assert counted(instance)[1] < before
    kept = instance.get_runs()
    assert all(one.job_snapshot_id and instance.get_job_snapshot(one.job_snapshot_id) for one in kept)


def test_events_of_no_run_go_when_later_ones_replaced_them(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        instance.report_runless_asset_event(dg.AssetMaterialization("noted", metadata={"number": number}))
    pruned(instance, cadence.FAILURES_KEPT * 2, monkeypatch)
    kept = instance.fetch_materializations(AssetKey("noted"), limit=10).records
    assert [one.asset_materialization.metadata["number"].value for one in kept if one.asset_materialization] == [2]


def test_dbts_log_begins_anew_when_it_is_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "LARGEST_LOG", 10)
    log = tmp_path / "dbt.log"
    retention.turn(log)
    log.write_text("short")
    retention.turn(log)
    assert log.read_text() == "short"
    log.write_text("longer than that")
    retention.turn(log)
    assert (log.exists(), (tmp_path / "dbt.log.1").read_text()) == (False, "longer than that")
