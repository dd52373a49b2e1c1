"""What a schedule tries again by itself, and what waits for a person. Over HTTP, with Dagster's own retries."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingestion.errors import SourceError, SourceErrors
from ingestion.sources import SOURCES
from orchestration import clocks
from orchestration.defs import expectations, ingest, loading
from orchestration.loads import NEWS, load_config
from sandbox import server, vendors
from sandbox.company import Company

NOW = "2026-10-15T06:00:00Z"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, list[Any], dg.DagsterInstance]]:
    """Lands exchange rates from a vendor with faults; the run, what the vendor was asked, Dagster's instance."""
    monkeypatch.setattr(ingest, "BACK_OFF", timedelta(0))

    def load(fault: dict[str, Any], retries: int) -> tuple[Any, list[Any], dg.DagsterInstance]:
        application = server.app(Company(1, "tiny"), now=NOW, faults=[{"source": "fx", **fault}])
        instance = dg.DagsterInstance.ephemeral()
        with server.serve_in_thread(application) as url:
            os.environ.update(
                {
                    **vendors.settings(url),
                    "PRODOPS_HOME": str(tmp_path / "home"),
                    "PRODOPS_NOW": NOW,
                    "SOURCES__FX__ATTEMPTS": "1",
                }
            )
            done = (
                loading.alone(tmp_path)
                .resolve_job_def("load_fx")
                .execute_in_process(
                    instance=instance,
                    run_config=load_config(census=False, sources=["fx"], retries=retries),
                    raise_on_error=False,
                )
            )
        return done, [line["status"] for line in application.log], instance

    return load


def test_what_may_pass_is_tried_again_and_the_run_ends_well(
    load: Callable[..., tuple[Any, list[Any], dg.DagsterInstance]],
) -> None:
    done, asked, instance = load({"fault": "status", "status": 503, "count": 2}, retries=2)
    assert done.success
    assert asked[:2] == [503, 503]
    assert set(asked[2:]) == {200}
    (run,) = instance.get_runs()
    assert NEWS.items() <= run.tags.items()
    waited = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_UP_FOR_RETRY)
    assert len(waited) == 2


@pytest.mark.parametrize(
    ("status", "retries", "asked"),
    [
        pytest.param(401, 2, 1, id="credentials that are wrong stay wrong"),
        pytest.param(503, 2, 3, id="a vendor that stays down is given up"),
        pytest.param(503, 0, 1, id="where a person waits nothing is tried again"),
    ],
)
def test_what_does_not_pass_ends_the_run(
    load: Callable[..., tuple[Any, list[Any], dg.DagsterInstance]], status: int, retries: int, asked: int
) -> None:
    done, given, instance = load({"fault": "status", "status": status, "count": "always"}, retries)
    assert not done.success
    assert given == [status] * asked
    (failed,) = done.get_step_failure_events()
    assert f"fx.rates (status {status})" in failed.step_failure_data.user_failure_data.description
    (run,) = instance.get_runs()
    assert not NEWS.items() <= run.tags.items()


def test_of_several_streams_one_that_may_pass_is_enough() -> None:
    passing, lasting = SourceError("jira", "issues", "x", may_pass=True), SourceError("jira", "boards", "y")
    assert SourceErrors([lasting, passing.within("account eu")]).may_pass
    assert not SourceErrors([lasting]).may_pass


def test_a_source_that_is_off_is_in_no_scheduled_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    monkeypatch.setenv("SOURCES__FX__PATH", str(tmp_path / "rates.csv"))
    schedules = {one.name: one for one in loading.defs().schedules or ()}
    asked = schedules["census"].evaluate_tick(dg.build_schedule_context()).run_requests
    assert asked is not None
    (request,) = asked
    assert {key.path[0] for key in request.asset_selection or ()} == {"fx"}
    assert request.run_config == load_config(census=True, sources=["fx"], retries=2)
    assert "load_hourly" not in schedules


def test_a_scheduled_load_runs_no_check_but_whether_data_is_late(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A failure here is every expectation evaluated and written down each hour, also of loads that brought nothing."""
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    monkeypatch.setenv("SOURCES__FX__PATH", str(tmp_path / "rates.csv"))
    expected = dg.Definitions(asset_checks=[expectations.of_source(SOURCES["fx"])])
    job = dg.Definitions.merge(loading.alone(tmp_path), expected).resolve_job_def("load")
    for schedule in loading.defs().schedules or ():
        for request in schedule.evaluate_tick(dg.build_schedule_context()).run_requests or ():
            assets, checks = request.asset_selection, request.asset_check_keys
            run = job.get_subset(
                asset_selection=None if assets is None else frozenset(assets),
                asset_check_selection=None if checks is None else frozenset(checks),
            )
            assert run.asset_layer.asset_graph.asset_check_keys == clocks.checks(), schedule.name
