"""The event log that keeps its files open, against Dagster's own."""

import os
import queue
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from orchestration import event_log
from orchestration.event_log import KEPT_OPEN, EventLog

SETTINGS = Path(event_log.__file__).with_name("dagster.yaml")


@dg.op
def speak(context: dg.OpExecutionContext) -> None:
    context.log.info("spoken")


@dg.job
def talk() -> None:
    speak()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dagster.yaml").write_text(SETTINGS.read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def open_files(folder: Path) -> set[str]:
    held = (os.readlink(entry.path) for entry in os.scandir("/proc/self/fd") if os.path.islink(entry.path))
    return {Path(path).name for path in held if path.startswith(str(folder / "history" / "runs"))}


def test_it_is_the_one_in_use_and_a_run_reads_the_same_through_dagsters_own(folder: Path) -> None:
    with DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        run = talk.execute_in_process(instance=instance)
        reported = [entry.message for entry in instance.all_logs(run.run_id)]
    assert "spoken" in " ".join(reported)
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}")
    with DagsterInstance.get() as instance:
        assert not isinstance(instance.event_log_storage, EventLog)
        assert [entry.message for entry in instance.all_logs(run.run_id)] == reported


def test_who_watches_a_run_from_elsewhere_hears_each_event_at_once(folder: Path) -> None:
    heard: queue.Queue[str] = queue.Queue()
    with DagsterInstance.get() as instance, DagsterInstance.get() as elsewhere:
        run = instance.create_run_for_job(talk)
        instance.report_engine_event("nobody listens yet", run)
        elsewhere.watch_event_logs(run.run_id, None, lambda entry, _: heard.put(entry.message))
        for number in range(3):
            instance.report_engine_event(f"word {number}", run)
            # without a change of the file the UI would show nothing of a run before it ends
            while heard.get(timeout=10) != f"word {number}":
                pass


def test_no_more_files_stay_open_than_are_of_use_and_none_afterwards(folder: Path) -> None:
    with DagsterInstance.get() as instance:
        for _ in range(KEPT_OPEN + 2):
            talk.execute_in_process(instance=instance)
        assert len({name for name in open_files(folder) if name.endswith(".db")}) == KEPT_OPEN
    assert not open_files(folder)


def test_no_event_waits_for_the_disk(folder: Path) -> None:
    """A failure here costs ten seconds of each first run."""
    with DagsterInstance.get() as instance:
        run = talk.execute_in_process(instance=instance)
        assert isinstance(instance.event_log_storage, EventLog)
        with instance.event_log_storage.run_connection(run.run_id) as log:
            modes = [log.exec_driver_sql(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 1]


@dg.asset
def made() -> None: ...


def test_what_a_run_plans_is_written_at_once_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    planned = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    with DagsterInstance.get() as instance:
        log = instance.event_log_storage
        assert isinstance(log, EventLog)
        run = dg.materialize([made], instance=instance)
        assert len(instance.all_logs(run.run_id, of_type=planned)) == 1
        entries = instance.all_logs(run.run_id)
        with pytest.raises(Exception, match="EventLogEntry"):
            log.store_event_batch([*entries, None])  # type: ignore[list-item]
        assert instance.all_logs(run.run_id) == entries
        log.store_event_batch(entries)
        assert len(instance.all_logs(run.run_id)) == 2 * len(entries)
