"""Days of upload as partitions: which there are, which a load has read. What a click does is in test_run.py."""

from datetime import UTC, date, datetime

import pytest

from ingestion.landing import Landed
from ingestion.sources import SOURCES
from orchestration.partitions import days_read, upload_days
from tests.environment import forget_settings


def test_only_days_that_are_partitions_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings()
    monkeypatch.setenv("SOURCES__AMPLITUDE__START", "2026-10-01")
    monkeypatch.setenv("PRODOPS_NOW", datetime(2026, 10, 15, 6, tzinfo=UTC).isoformat())
    days = upload_days(SOURCES["amplitude"])
    part = Landed("amplitude", "events", 9, 7, 0, "1", (date(2026, 9, 29), date(2026, 10, 3)))
    later = Landed("amplitude", "events", 5, 5, 0, "2", (date(2026, 10, 15), date(2026, 10, 16)))
    nothing = Landed("amplitude", "cohorts", 1, 1, 0, "3")
    assert days_read([part, later, nothing], days) == ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-15"]


def test_definitions_load_whatever_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings()
    monkeypatch.setenv("SOURCES__AMPLITUDE__START", "some day")
    days = upload_days(SOURCES["amplitude"])
    assert days.get_first_partition_key() == "2000-01-01"
    assert days.get_last_partition_key() == datetime.now(UTC).date().isoformat()
