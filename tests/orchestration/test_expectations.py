"""Which expectations are due, what a red one holds back, and how it shows."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from orchestration import built, gate, manifest, plan
from orchestration.built import Built
from orchestration.defs import publish
from orchestration.defs.expectations import of_source, results
from quality.expectations import catalogue
from quality.expectations.suites import Found
from tests.ingestion.file_packages import written_by

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
STATUSES = dg.AssetKey(["jira", "statuses"])
KNOWN = dg.AssetCheckKey(STATUSES, "status_category_is_known")


@pytest.fixture
def home(new_home: Callable[[], Path]) -> Path:
    os.environ["PRODOPS_HOME"] = str(place := new_home())
    with written_by("files"), Landing("jira", SOURCES["jira"].streams) as landing:
        payloads = [{"id": "1", "name": "To do", "statusCategory": {"key": "made-up"}}]
        landing.land("statuses", [Record(str(one["id"]), json.dumps(one), NOW) for one in payloads])
    return place


def looked(*names: str) -> dict[str, bool]:
    """Runs checks of the stream, all of them unless named."""
    source = of_source(SOURCES["jira"])
    asked = [key for key in source.check_keys if key.asset_key == STATUSES and (not names or key.name in names)]
    selection = dg.AssetSelection.checks(*asked)
    job = dg.Definitions(asset_checks=[source], jobs=[dg.define_asset_job("look", selection)]).resolve_job_def("look")
    done = job.execute_in_process(instance=dg.DagsterInstance.ephemeral())
    return {one.check_name: one.passed for one in done.get_asset_check_evaluations()}


def test_expectations_of_a_stream_are_due_until_all_of_them_looked_at_its_loads(home: Path) -> None:
    """Not run, they would say nothing of the load; run each time, a command without news would cost seconds."""
    due = plan._due(None, built.now(), ()).proofs | gate.unseen(built.now().streams)
    assert {key for key in due if key.asset_key == STATUSES} == {
        key for key in gate.expectations() if key.asset_key == STATUSES
    }
    assert looked("status_category_is_known") == {"status_category_is_known": False}
    assert gate.unseen(built.now().streams), "one that a person ran alone says nothing of the others"
    found = looked()
    assert len(found) == 6
    assert [name for name, passed in found.items() if not passed] == ["status_category_is_known"]
    assert gate.unseen(built.now().streams) == set()


def test_marts_wait_for_what_is_expected_of_the_loads_that_they_are_made_of(home: Path) -> None:
    build = Built("code", "engine", built.now().streams)
    assert publish.due(build) >= {KNOWN}
    looked()
    assert publish.due(build) == set()


def test_a_red_landing_holds_back_the_marts_of_its_stream_and_no_others(parsed: Path) -> None:
    os.environ["PRODOPS_HOME"] = str(parsed)
    held = gate.held_by(KNOWN, gate.RED)
    assert held == manifest.marts_behind("jira", ["statuses"])
    assert "mart_delivery" in held
    assert "mart_revenue" not in held
    mart = dg.AssetCheckKey(dg.AssetKey(["marts", "mart_usage"]), catalogue.COUNTS.name)
    assert "mart_usage" in gate.held_by(mart, gate.RED)
    assert "mart_delivery" not in gate.held_by(mart, gate.RED)


def test_what_holds_nothing_back_is_a_warning(parsed: Path) -> None:
    os.environ["PRODOPS_HOME"] = str(parsed)
    found, blocking = [], gate.beside_dbt()
    for key, one in gate.expectations().items():
        assert (key in blocking) == one.rule.is_blocking
        found += results([key], [Found(one, one.source, ("row 7",))])
    assert {one.severity for one in found} == {dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN}
    for one in found:
        assert not one.passed
        assert "row 7. Next: " in str(one.description)
        blocks = dg.AssetCheckKey(one.asset_key, one.check_name) in blocking
        assert (one.severity == dg.AssetCheckSeverity.ERROR) == blocks
