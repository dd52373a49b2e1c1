"""From what went wrong to one line for a person."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.core.dbt_cli_invocation import DbtCliInvocation
from packaging.version import Version

from ingestion import unread
from ingestion.errors import DiskFullError, ProdopsError, SettingsError, SourceError, SourceErrors
from ingestion.sources import SOURCES
from orchestration import dbt_process, steps
from orchestration.dbt_process import problems_of
from orchestration.dbt_tests import name_of
from orchestration.failures import EXIT_CODE, failure
from orchestration.versions import fingerprint
from tests.environment import forget_settings

BROKEN = SourceErrors([SourceError("jira", "issues", "gone"), SourceError("jira", "users", "forbidden", status=403)])


@pytest.mark.parametrize(
    ("error", "streams"),
    [
        pytest.param(BROKEN, {"issues", "users"}, id="two streams"),
        pytest.param(SourceError("jira", "boards", "slow"), {"boards"}, id="one stream"),
        pytest.param(
            SettingsError("X", "missing"), {stream.name for stream in SOURCES["jira"].streams}, id="before any stream"
        ),
        pytest.param(DiskFullError("/"), {stream.name for stream in SOURCES["jira"].streams}, id="wherever it was"),
        # an account of several that can't be read is missing in each stream, though another one landed
        pytest.param(
            SourceErrors([SourceError("jira", "myself", "no").within("account eu")]),
            {stream.name for stream in SOURCES["jira"].streams},
            id="what is no stream",
        ),
    ],
)
def test_an_error_names_the_streams_that_failed(error: ProdopsError, streams: set[str]) -> None:
    assert unread.by_stream(SOURCES["jira"], error).keys() == streams


def test_a_failed_step_says_what_the_error_says_and_carries_its_exit_code() -> None:
    reported = failure(BROKEN)
    assert reported.description == "jira.issues: gone\njira.users (status 403): forbidden"
    assert reported.metadata[EXIT_CODE].value == 3


def test_dbts_failures_are_one_line_each(tmp_path: Path) -> None:
    results = tmp_path / "run_results.json"
    rows = [
        {
            "unique_id": "test.prodops.unique_x.1a2b",
            "status": "fail",
            "message": "Got 2 results,\n  configured to fail",
        },
        {"unique_id": "model.prodops.mart_x", "status": "error", "message": "Binder Error"},
        {"unique_id": "model.prodops.mart_y", "status": "success", "message": "OK"},
        {
            "unique_id": "model.prodops.int_z",
            "status": "error",
            "message": "Runtime Error in model int_z (models/int_z.sql)\n  Invalid Input Error: no rate of JPY",
        },
    ]
    results.write_text(json.dumps({"results": rows}))
    assert problems_of(results, "exit code 1") == [
        "unique_x: Got 2 results, configured to fail (logs/dbt.log)",
        "mart_x: Binder Error (logs/dbt.log)",
        "int_z: no rate of JPY (logs/dbt.log)",
    ]
    assert problems_of(results, None, "<{}>".format)[1] == "<model.prodops.mart_x>: Binder Error (logs/dbt.log)"


def test_a_red_test_of_dbt_says_what_that_means_and_what_to_look_at(parsed: Path) -> None:
    forget_settings()
    os.environ["PRODOPS_HOME"] = str(parsed)

    def said(**about: dg.MetadataValue | str) -> str:
        evaluation = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(["marts", "dim_fx_rate"]),
            check_name="exchange_rates_are_above_zero",
            passed=False,
            metadata=about,
        )
        return steps.described(evaluation)

    meaning = (
        "an exchange rate is zero or below, so every amount that it converts is wrong. Next: Product operations runs "
        "`from marts.dim_fx_rate where not coalesce(rate > 0, false)` in warehouse.duckdb."
    )
    check = "exchange_rates_are_above_zero on marts/dim_fx_rate"
    assert said(**{"dagster_dbt/failed_row_count": dg.MetadataValue.int(1)}) == f"{check}: 1 row; {meaning}"
    assert said(**{"dagster_dbt/failed_row_count": dg.MetadataValue.int(2)}) == f"{check}: 2 rows; {meaning}"
    assert said(status="error") == f"{check}: could not be run (logs/dbt.log); {meaning}"


def test_a_test_of_dbt_is_known_by_its_kind_and_column_or_by_the_name_that_yml_gives_it() -> None:
    found = {"name": "not_null", "kwargs": {"column_name": "customer_id"}}
    assert name_of({"fqn": ["a", "not_null_mart_arr_customer_id"], "test_metadata": found}) == "not_null_customer_id"
    grain = {"name": "unique_grain", "kwargs": {"columns": ["a", "b"]}}
    assert name_of({"fqn": ["unique_grain_mart_arr_a__b"], "test_metadata": grain}) == "unique_grain"
    holds = {"name": "holds", "kwargs": {"condition": "a > 0"}}
    assert name_of({"fqn": ["rates_are_above_zero"], "test_metadata": holds}) == "rates_are_above_zero"
    assert name_of({"fqn": ["assert_ledger_balances"]}) == "assert_ledger_balances"


def test_a_dbt_that_did_not_come_to_run_anything_is_reported_too(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "none.json", "could not\nconnect") == ["dbt: could not connect (logs/dbt.log)"]
    assert problems_of(tmp_path / "none.json", None) == []


def test_the_fingerprint_follows_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("select 1")
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "a.sql").write_text("select 2")
    changed = fingerprint(tmp_path)
    (tmp_path / "a.sql").rename(tmp_path / "b.sql")
    assert len({before, changed, fingerprint(tmp_path)}) == 3


def test_a_caller_that_stops_reading_ends_dbt_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Dagster can't write an event where the disk is full: a person then reads one line, and none of dagster-dbt's."""
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    line = json.dumps({"info": {"level": "info", "name": "LogTestResult", "msg": "PASS"}, "data": {}})
    # A process that ignores or holds back SIGTERM hands that on.
    heeds = (
        "signal.signal(signal.SIGTERM, signal.SIG_DFL); signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})"
    )
    prints = f"print('{line}', flush=True)"
    says = f"import signal, time; {heeds}; {prints}; {prints}; time.sleep(60)"
    ignored: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    with subprocess.Popen([sys.executable, "-c", says], stdout=subprocess.PIPE) as process:
        invocation = DbtCliInvocation(
            process,
            {},
            DagsterDbtTranslator(),
            tmp_path,
            tmp_path,
            raise_on_error=False,
            cli_version=Version("1.11.16"),
        )
        events = dbt_process.events(invocation)
        assert str(next(events)) == "PASS"
        events.close()
        assert process.returncode == -signal.SIGTERM
    assert not ignored
