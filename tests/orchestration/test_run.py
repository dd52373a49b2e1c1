"""A whole run, and what comes after it; in order, in one home, because a run takes most of a minute."""

import csv
import json
import os
import shutil
import stat
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster import DagsterRunStatus

from cli import whatif
from ingestion.landing import Landing
from ingestion.sources import SOURCES
from ingestion.sources.files.checks import CompanyFiles
from orchestration import deployment, steps
from orchestration.definitions import of_home
from orchestration.defs.jobs import load_config
from planning import price_scenarios
from sandbox.company import Company as Made
from sandbox.timestamps import ms
from sandbox.truth.price import Prices
from sandbox.truth.revenue import Revenue, RevenueCell
from serving.published import current, status
from tests.orchestration.conftest import NOW, Ended, clear_settings, prodops

EVENTS = dg.AssetKey(["amplitude", "events"])


def landed_days(instance: dg.DagsterInstance) -> set[str]:
    return set(instance.get_materialized_partitions(EVENTS))


def through() -> dict[str, str | None]:
    with Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        return {project: landing.through(f"events/{project}") for project in ("100001", "100002", "100003")}


def test_a_newcomer_sees_what_happened_and_where_to_look(ended: Ended) -> None:
    assert ended.code == 0, ended.err + ended.out
    for reported in ("jira/issues", "passed, 0 red", "delivery, last weeks", "mapping_coverage", "make ui"):
        assert reported in ended.out
    assert str(ended.home / "published" / "current") in ended.out
    assert "\x1b" not in ended.out, "colours where there is no terminal"
    assert ended.err == ""


def test_what_is_published_is_the_truth(ended: Ended) -> None:
    reported = prodops(ended.home, "sandbox", "compare")
    assert reported.exit_code == 0, reported.output
    served = current(ended.home)
    assert served is not None
    assert all(check["passed"] for check in served.manifest["checks"])
    assert len(served.manifest["checks"]) > 40
    assert served.manifest["marts"]["mart_delivery"]["key"] == ["week_start_date", "product_id", "team_id"]
    assert served.manifest["load_ids"]["base_jira__issues"]["loads"] >= 1


def what_if(ended: Ended, file: Path, *row: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """What other prices change, by mart, period, product, segment, market and column."""
    file.write_text(f"product_id,market,segment,currency,fiscal_period,change_percent,list_price\n{','.join(row)}\n")
    reported = prodops(ended.home, "whatif", "price", "--file", str(file), "--format", "csv")
    assert reported.exit_code == 0, reported.output
    header, *rows = csv.reader(reported.output.splitlines())
    assert header == ["mart", "fiscal_period", "product_id", "segment", "market", "measure", "before", "after"]
    return {tuple(row[:6]): (row[6], row[7]) for row in rows}


def test_a_what_if_that_changes_no_price_changes_nothing_and_leaves_nothing(ended: Ended, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in ended.home.rglob("*") if path.suffix == ".duckdb"}
    assert what_if(ended, tmp_path / "same.csv", "insights", "", "", "", "FY27-P05", "0", "") == {}
    assert {path: path.stat().st_mtime_ns for path in ended.home.rglob("*") if path.suffix == ".duckdb"} == before
    assert not (ended.home / "whatif").exists()


def test_the_rules_of_a_what_if_hold_on_examples_worked_by_hand(ended: Ended) -> None:
    with whatif.copied(ended.home) as copy:
        with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
            price_scenarios.assume(warehouse, [("insights", None, None, None, "FY27-P05", 110_000_000)])
        whatif.build(copy)
        examples = "int_price_factors_resolved int_active_items_assumed fct_price_observation,a_what_if_observes*"
        whatif.dbt(copy, "test", "--select", *(f"{one},test_type:unit" for one in examples.split()))
        results = json.loads((copy / "dbt" / "run_results.json").read_text())["results"]
    tested = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert tested == ["pass"] * 3


def test_a_dearer_product_changes_what_it_brings_in_the_market_that_is_named_and_nowhere_else(
    ended: Ended, tmp_path: Path
) -> None:
    """Ten per cent more on each item, to the minor unit; and of figures that compare markets, those of the same
    product."""
    changes = what_if(ended, tmp_path / "dearer.csv", "insights", "DACH", "", "", "FY27-P05", "10", "")
    revenue = Revenue(Made(1, "tiny"), ms(NOW))
    recurring: dict[tuple[str, ...], int] = defaultdict(int)
    billed: dict[tuple[str, ...], int] = defaultdict(int)
    for period in revenue.periods:
        dearer: dict[RevenueCell, int] = defaultdict(int)
        for contract in revenue.contracts.values():
            for held in contract.before(revenue.end(period)):
                for cell, minor_units in revenue.cells(held, revenue.day(period)).items():
                    dearer[cell] += round(Fraction(minor_units * 11, 10))
        for cell, minor_units in dearer.items():
            if period.name >= "FY27-P05" and (cell.product_id, cell.market) == ("insights", "DACH"):
                place = (period.name, cell.product_id, cell.segment, cell.market)
                recurring[place] += round(minor_units * revenue.rates(cell.currency, period)[0])
    for one in Prices(revenue).observations():
        if one.fiscal_period >= "FY27-P05" and (one.product_id, one.market) == ("insights", "DACH"):
            place = (one.fiscal_period, one.product_id, one.segment, one.market)
            billed[place] += round(round(Fraction(one.amounts["invoice"] * 11, 10)) * one.plan_rate)
    assert len(recurring) > 10
    for mart, column, true in (("mart_arr", "closing_mrr", recurring), ("mart_pricing", "invoice_amount", billed)):
        found = {key[1:5]: after for key, (_, after) in changes.items() if (key[0], key[5]) == (mart, column)}
        assert {place: Fraction(amount) * 100 for place, amount in found.items()} == true
    elsewhere = {key for key in changes if key[1:5] not in recurring}
    assert {key[2] for key in elsewhere} == {"insights"}
    assert {key[5] for key in elsewhere} <= {
        "price_index",
        *(f"{of}_price_ratio{bound}" for of in ("market", "segment") for bound in ("", "_low", "_high")),
    }


def test_a_home_is_for_its_owner_alone(ended: Ended) -> None:
    for path in (ended.home, *ended.home.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert path.is_symlink() or mode & 0o077 == 0, f"{path} {mode:o}"


def test_the_run_shows_in_dagster_with_rows_and_places(ended: Ended) -> None:
    os.environ["DAGSTER_HOME"] = str(ended.home / "dagster")
    with steps.instance() as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == ("main", DagsterRunStatus.SUCCESS)
        for key in (["jira", "issues"], ["staging", "base_jira__issues"], ["marts", "mart_delivery"]):
            event = instance.get_latest_materialization_event(dg.AssetKey(key))
            assert event is not None
            assert event.asset_materialization is not None
            assert int(event.asset_materialization.metadata["dagster/row_count"].value) > 0  # type: ignore[arg-type]
        landed = instance.get_latest_materialization_event(dg.AssetKey(["jira", "issues"]))
        assert landed is not None
        assert landed.asset_materialization is not None
        assert {"seen", "landed", "deleted", "load_id", "path"} <= set(landed.asset_materialization.metadata)


def test_the_days_a_run_read_are_marked_and_a_day_again_moves_no_cursor(ended: Ended, tmp_path: Path) -> None:
    clear_settings()
    home = tmp_path / "home"
    shutil.copytree(ended.home, home, symlinks=True)
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny"})
    settled = deployment.settle()
    with deployment.sources_reachable(settled), steps.instance() as instance:
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


def test_runs_that_a_kill_left_are_marked_failed(ended: Ended) -> None:
    os.environ["DAGSTER_HOME"] = str(ended.home / "dagster")
    with steps.instance() as instance:
        left = instance.create_run_for_job(
            dg.job(name="left")(lambda: None), tags=steps.BY, status=DagsterRunStatus.STARTED
        )
        assert steps.end_dead_runs() == 1
        found = instance.get_run_by_id(left.run_id)
        assert found is not None
        assert found.status == DagsterRunStatus.FAILURE
        assert steps.end_dead_runs() == 0


def keys(reported: str) -> list[dict[str, str]]:
    return list(csv.DictReader(reported.splitlines()))


def test_every_gap_of_the_made_up_company_is_reported_the_largest_first(ended: Ended) -> None:
    reported = prodops(ended.home, "mapping", COLUMNS="200")
    assert reported.exit_code == 0, reported.output
    for known in ("Legacy Connector", "Laboratory", "100003", "Travel", "Evertide Support", "Lowmoor Steel"):
        assert known in reported.output, known
    lines = [line for line in reported.output.splitlines() if line.startswith("│ quickbooks account")]
    amounts = [int(line.split("│")[4].split(" in ")[0].replace(",", "")) for line in lines]
    assert len(amounts) > 1
    assert amounts == sorted(amounts, reverse=True)


def test_rows_of_one_file_come_as_csv_and_are_accepted_once_completed(
    ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = prodops(ended.home, "mapping", "product_map", "--format", "csv")
    assert reported.exit_code == 0, reported.output
    found = keys(reported.stdout)
    assert {row["source"] for row in found} == {"amplitude", "jira", "quickbooks", "stripe"}
    folder = shutil.copytree(ended.home / "sandbox" / "company", tmp_path / "company")
    with (folder / "product_map.csv").open("a") as file:
        csv.DictWriter(file, list(found[0]), lineterminator="\n").writerows(
            {**row, "product_id": row["product_id"] or "core"} for row in found
        )
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    assert len(CompanyFiles(folder, {}).tables["product_map"].rows) > len(found)


def test_what_can_not_be_reported_is_said(ended: Ended, new_home: Callable[[], Path]) -> None:
    reported = prodops(ended.home, "mapping", "--format", "csv")
    assert (reported.exit_code, reported.stdout) == (2, "")
    assert "name one file, its columns differ: product_map, customer_map" in reported.stderr
    reported = prodops(ended.home, "mapping", "budget")
    assert reported.exit_code == 2
    assert "no such file of keys; there are product_map" in reported.stderr
    reported = prodops(new_home(), "mapping")
    assert reported.exit_code == 2
    assert "the warehouse is not built yet: prodops run" in reported.stderr


def test_a_red_proof_stops_the_publish_step_until_it_is_green_again(ended: Ended) -> None:
    before = current(ended.home)
    assert before is not None
    with duckdb.connect(str(ended.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "delete from staging.base_jira__worklogs where record_id = "
            "(select min(record_id) from staging.base_jira__worklogs where not is_deleted)"
        )
    red = prodops(ended.home, "check")
    assert red.exit_code == 1
    proof = "red: jira_worklogs_landed_is_staged on marts/mart_data_health: "
    assert [line for line in red.stderr.splitlines() if line.startswith(proof)], red.stderr
    assert "error:" not in red.stderr, "a red check is reported once"
    refused = prodops(ended.home, "publish")
    assert refused.exit_code == 1
    assert "jira_worklogs_landed_is_staged on marts/mart_data_health is red" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    served = current(ended.home)
    assert served is not None
    assert served.snapshot_id == before.snapshot_id
    assert status(ended.home).is_stale
    # Built by other models it is built anew, whole: what they kept, this lost row too, need not be what these expect.
    (ended.home / "dbt" / "built_by").write_text("other models")
    partly = prodops(ended.home, "check")
    assert partly.exit_code == 1
    assert "the warehouse was built by other models; build all of it: prodops rebuild" in partly.stderr
    healed = prodops(ended.home, "build")
    assert healed.exit_code == 0, healed.output
    published = prodops(ended.home, "publish")
    assert published.exit_code == 0, published.output
    assert not status(ended.home).is_stale
    reported = prodops(ended.home, "sandbox", "compare")
    assert reported.exit_code == 0, reported.output


def test_a_damaged_warehouse_is_put_aside(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(b"a damaged file")
    assert "the warehouse was damaged and is built again" in str(steps.wait_for_warehouse(warehouse))
    assert not warehouse.exists()
    assert steps.wait_for_warehouse(warehouse) is None


def test_another_company_does_not_enter_this_home(ended: Ended) -> None:
    other = prodops(ended.home, "load", "--seed", "2")
    assert other.exit_code == 2
    assert "holds the data of sandbox-1-tiny, but this run is for sandbox-2-tiny" in other.stderr
    real = prodops(
        ended.home,
        "load",
        SOURCES__JIRA__BASE_URL="https://example.atlassian.net",
        SOURCES__JIRA__EMAIL="a@example.com",
        SOURCES__JIRA__API_TOKEN="t",
    )
    assert real.exit_code == 2
    assert "but this run is for company" in real.stderr


@pytest.mark.parametrize("sources", [["jira"], None])
def test_load_config_names_ops_that_exist(ended: Ended, sources: list[str] | None) -> None:
    os.environ.update({"PRODOPS_HOME": str(ended.home), "DAGSTER_HOME": str(ended.home / "dagster")})
    job = of_home(ended.home).resolve_job_def("load_jira" if sources else "full_resync")
    config = load_config(census=False, resync=True, sources=sources)
    assert dg.validate_run_config(job, config)["ops"]["land_jira"]["config"] == {"census": False, "resync": True}


def test_the_clock_of_a_made_up_company_never_goes_back(tmp_path: Path) -> None:
    from ingestion import clock

    os.environ["PRODOPS_HOME"] = str(tmp_path)
    settled = deployment.settle()
    assert clock.now() == datetime(2026, 10, 15, 6, tzinfo=UTC)
    deployment.start_clock(settled)
    del os.environ["PRODOPS_NOW"]
    for name in [name for name in os.environ if name.startswith("SOURCES__")]:
        del os.environ[name]
    deployment.settle()
    assert "@" in os.environ["PRODOPS_NOW"]
    assert clock.now() > datetime(2026, 10, 15, 6, tzinfo=UTC)
