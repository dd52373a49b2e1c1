"""Days of upload as partitions: a run without one goes on from the cursor, a run for a day reads that day again."""

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion.landing import Landed, Landing
from ingestion.sources import SOURCES
from orchestration import company, steps
from orchestration.definitions import of_home
from orchestration.partitions import days_read, upload_days
from tests.orchestration.conftest import Ended, clear_settings

EVENTS = dg.AssetKey(["amplitude", "events"])


def landed_days(instance: dg.DagsterInstance) -> set[str]:
    return set(instance.get_materialized_partitions(EVENTS))


def through() -> dict[str, str | None]:
    with Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        return {project: landing.through(f"events/{project}") for project in ("100001", "100002", "100003")}


def test_the_days_a_run_read_are_marked_and_a_day_again_moves_no_cursor(ended: Ended, tmp_path: Path) -> None:
    clear_settings()
    home = tmp_path / "home"
    shutil.copytree(ended.home, home, symlinks=True)
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny"})
    settled = company.settle()
    with company.sources_reachable(settled), steps.instance() as instance:
        definitions = of_home(home)
        days = definitions.resolve_asset_graph().get(EVENTS).partitions_def
        assert isinstance(days, dg.DailyPartitionsDefinition)
        assert (days.get_first_partition_key(), days.get_last_partition_key()) == ("2025-10-01", "2026-10-15")
        assert landed_days(instance) == set(days.get_partition_keys())
        before = through()
        assert {datetime.fromisoformat(hour or "") for hour in before.values()} == {
            datetime(2026, 10, 15, 3, tzinfo=UTC)
        }
        shutil.rmtree(home / "landing" / "amplitude" / "events")
        shutil.rmtree(home / "landing" / "amplitude" / "_manifests")
        result = definitions.resolve_job_def("load_amplitude").execute_in_process(
            instance=instance,
            asset_selection=[EVENTS],
            partition_key="2026-03-03",
            run_config={"loggers": {"progress": {}}},
        )
        assert result.success
        (event,) = result.get_asset_materialization_events()
        assert event.partition == "2026-03-03"
        assert int(event.materialization.metadata["landed"].value) > 0  # type: ignore[arg-type]
        days_of_a_range = {
            "dagster/asset_partition_range_start": "2026-03-02",
            "dagster/asset_partition_range_end": "2026-03-04",
        }
        result = definitions.resolve_job_def("load_amplitude").execute_in_process(
            instance=instance,
            asset_selection=[EVENTS],
            tags=days_of_a_range,
            run_config={"loggers": {"progress": {}}},
        )
        found = {event.partition for event in result.get_asset_materialization_events()}
        assert found == {"2026-03-02", "2026-03-03", "2026-03-04"}
        assert through() == before


def test_only_days_that_are_partitions_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_settings()
    monkeypatch.setenv("SOURCES__AMPLITUDE__START", "2026-10-01")
    monkeypatch.setenv("PRODOPS_NOW", datetime(2026, 10, 15, 6, tzinfo=UTC).isoformat())
    days = upload_days(SOURCES["amplitude"])
    part = Landed("amplitude", "events", 9, 7, 0, "1", (date(2026, 9, 29), date(2026, 10, 3)))
    later = Landed("amplitude", "events", 5, 5, 0, "2", (date(2026, 10, 15), date(2026, 10, 16)))
    nothing = Landed("amplitude", "cohorts", 1, 1, 0, "3")
    assert days_read([part, later, nothing], days) == ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-15"]


def test_definitions_load_whatever_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_settings()
    monkeypatch.setenv("SOURCES__AMPLITUDE__START", "some day")
    days = upload_days(SOURCES["amplitude"])
    assert days.get_first_partition_key() == "2000-01-01"
    assert days.get_last_partition_key() == datetime.now(UTC).date().isoformat()
