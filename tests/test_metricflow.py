"""MetricFlow on rows made by hand: its engine answers what the registry says, and nothing where that does not add up.

Belongs here: one question of each kind of metric. Does not: every metric on a company's marts (`make torture
PART=metricflow`).
"""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import registry
from registry.semantics import name
from tests.in_process_dbt import parsed_home
from tests.metricflow import Metrics

ROWS = """
attach ':memory:' as warehouse;
create schema warehouse.marts;

create table warehouse.marts.mart_arr as
select * from (values
    (date '2026-01-31', 'app', 'ENT', false, 100.10::decimal(38, 4), 5::decimal(38, 4)),
    (date '2026-01-31', 'web', 'ENT', false, 50, 7),
    (date '2026-02-28', 'app', 'ENT', false, 120.20, 3),
    (date '2026-02-28', 'app', 'SMB', false, 30, 0)
) as r(period_end_date, product_id, segment, is_rollup, closing_arr, logo_new_mrr);

create table warehouse.marts.mart_arpa as
select * from (values
    (date '2026-02-28', 'COMPANY', 'all', 'ALL', true, 95::decimal(38, 4), 23.75::double),
    (date '2026-02-28', 'app', 'all', 'ALL', false, 75, 18.75),
    (date '2026-02-28', 'app', 'segment', 'ENT', true, 70, 23.33),
    (date '2026-02-28', 'web', 'all', 'ALL', false, 20, 20)
) as r(period_end_date, product_id, slice_type, slice_value, is_rollup, paying_mrr, arpa);

-- One of the two issues is of both products.
create table warehouse.marts.mart_delivery as
select * from (values
    (date '2026-02-02', 'app', 'T1', false, 2, 1.5::decimal(18, 6)),
    (date '2026-02-02', 'web', 'T1', false, 1, 0.5),
    (date '2026-02-09', 'app', 'T1', false, 4, 4)
) as r(week_start_date, product_id, team_id, is_rollup, throughput, throughput_split);

-- The second price is of too few customers to be shown.
create table warehouse.marts.mart_pricing as
select * from (values
    (date '2026-02-28', 'app', 'ENT', false, 100::decimal(38, 4), 90::decimal(38, 4), 0.9::double),
    (date '2026-02-28', 'app', 'SMB', false, 10, 8, null)
) as r(period_end_date, product_id, segment, is_rollup, list_amount, listed_invoice_amount, realised_ratio);
"""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parsed_home(tmp_path_factory.mktemp("metricflow") / "home") / "dbt" / "semantic_manifest.json"


@pytest.fixture(scope="module")
def metrics(manifest: Path) -> Iterator[Metrics]:
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        yield Metrics(connection, manifest)


def test_every_registered_metric_is_one_of_metricflow(manifest: Path) -> None:
    known = {one["name"]: one for one in json.loads(manifest.read_text())["metrics"]}
    for mart, column, metric in registry.metrics().published():
        assert known[name(mart, column)]["label"] == metric.name


def test_a_flow_adds_up_and_a_balance_is_that_of_the_last_day(metrics: Metrics) -> None:
    january, february = datetime(2026, 1, 31), datetime(2026, 2, 28)
    assert metrics.ask("mart_arr_logo_new_mrr") == {(): Decimal(15)}
    assert metrics.ask("mart_arr_logo_new_mrr", ["product_id"]) == {("app",): Decimal(8), ("web",): Decimal(7)}
    assert metrics.ask("mart_arr_closing_arr", ["metric_time__day"]) == {
        (january,): Decimal("150.10"),
        (february,): Decimal("150.20"),
    }
    assert metrics.ask("mart_arr_closing_arr") == {(): Decimal("150.20")}, "no sum over periods"


def test_what_other_rows_hold_as_well_is_added_up_once(metrics: Metrics) -> None:
    assert metrics.ask("mart_arpa_paying_mrr") == {(): Decimal(95)}
    assert metrics.ask("mart_arpa_paying_mrr", ["product_id"])[("app",)] == Decimal(75)


def test_a_figure_that_does_not_add_up_is_of_one_row_or_there_is_none(metrics: Metrics) -> None:
    key = ["product_id", "mart_arpa__slice_type", "mart_arpa__slice_value"]
    shown = metrics.ask("mart_arpa_arpa", key)
    assert shown[("COMPANY", "all", "ALL")] == 23.75
    assert shown[("app", "segment", "ENT")] == 23.33
    assert metrics.ask("mart_arpa_arpa") == {(): None}, "neither a sum nor the highest one"


def test_a_count_that_is_not_additive_over_products_is_of_one_product_or_there_is_none(metrics: Metrics) -> None:
    assert metrics.ask("mart_delivery_throughput", ["product_id"]) == {("app",): 6, ("web",): 1}
    assert metrics.ask("mart_delivery_throughput") == {(): None}, "an issue of two products would count twice"
    assert metrics.ask("mart_delivery_throughput_split") == {(): Decimal(6)}


def test_a_quotient_is_one_of_sums_and_of_a_single_row_what_the_mart_shows(metrics: Metrics) -> None:
    by_segment = metrics.ask("mart_pricing_realised_ratio", ["segment"])
    assert by_segment == {("ENT",): 0.9, ("SMB",): None}, "of too few"
    (ratio,) = metrics.ask("mart_pricing_realised_ratio", ["product_id"]).values()
    assert ratio == pytest.approx(98 / 110)
