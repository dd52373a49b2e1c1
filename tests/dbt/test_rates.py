"""A missing rate of a currency, by the SQL of the model itself.

A failure here means that money in one currency is added to money in another, or that it is shown at a rate nobody gave.
Unit tests beside the model say what a rate is where there is one.
"""

import duckdb
import pytest

from tests.dbt.conftest import Warehouse
from tests.in_process_dbt import dbt

MODEL = "int_revenue_rates_resolved"
CONTRACT = "('PLN', timestamp '2025-05-01', cast(null as timestamp))"
WORLD = """
attach ':memory:' as warehouse;
create schema warehouse.staging;
create schema warehouse.intermediate;
use warehouse.staging;
create table currencies as select * from (values ('EUR', 2), ('PLN', 2)) as rows(currency, minor_unit_exponent);
create table stg_stripe__invoices as select 'PLN' as currency;
create table stg_stripe__subscriptions as
    select * from (values {contract}) as rows(currency, started_at, ended_at);
create table stg_files__plan_rates as select * from (values {planned}) as rows(currency, fiscal_year, rate);
create table stg_fx__rates as select 'PLN' as currency, date '{rate_date}' as rate_date, 4.25 as rate;
create table warehouse.intermediate.int_stripe_clocks_read as select 'EUR' as reporting_currency;
create table warehouse.intermediate.int_revenue_periods_ranged as select
    'FY26-P01' as fiscal_period, 'FY26' as fiscal_year, date '2026-01-14' as as_of_date,
    timestamp '2026-01-01' as starts_at, timestamp '2026-01-14 12:00:00.001' as ends_at;
"""


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model as dbt compiles it for DuckDB."""
    warehouse = Warehouse(tmp_path_factory.mktemp("rates") / "home")
    compiled: str = dbt(warehouse.home, "compile", "--select", MODEL).result[0].node.compiled_code
    return compiled


def resolved(
    sql: str,
    planned: str = "('EUR', 'FY26', 1), ('PLN', 'FY26', 4)",
    rate_date: str = "2026-01-07",
    contract: str = CONTRACT,
) -> dict[str, tuple[int | None, ...]]:
    """Both rates by currency, of a company that reports in EUR and has a contract in PLN, on 14 January 2026."""
    with duckdb.connect() as connection:
        connection.execute(WORLD.format(planned=planned, rate_date=rate_date, contract=contract))
        return {currency: tuple(rates) for _, currency, *rates in connection.execute(sql).fetchall()}


def test_a_planned_rate_that_is_missing_stops_the_build_and_is_named(sql: str) -> None:
    with pytest.raises(duckdb.Error, match=r"no planned rate of PLN for FY26 \(fill in fx_plan.csv in the folder"):
        resolved(sql, planned="('EUR', 'FY26', 1), ('PLN', 'FY25', 4)")


def test_a_rate_of_seven_days_ago_holds_and_one_of_eight_stops_the_build_and_is_named(sql: str) -> None:
    assert resolved(sql) == {"EUR": (1, 1, 1, 1), "PLN": (1, 4, 4, 17)}
    with pytest.raises(duckdb.Error, match=r"no rate of PLN in the 7 days up to 2026-01-14 \(fill in SOURCES__FX__U"):
        resolved(sql, rate_date="2026-01-06")


def test_a_currency_whose_last_contract_is_over_needs_no_rate_any_more(sql: str) -> None:
    over = "('PLN', timestamp '2025-05-01', timestamp '2025-12-31')"
    assert resolved(sql, rate_date="2025-12-31", contract=over)["PLN"] == (1, 4, None, None)


def test_all_rates_that_are_missing_are_named_at_once(sql: str) -> None:
    with pytest.raises(duckdb.Error) as stopped:
        resolved(sql, planned="('EUR', 'FY25', 1)", rate_date="2026-01-06")
    file = "fill in fx_plan.csv in the folder of PRODOPS_COMPANY"
    assert f"no planned rate of PLN for FY26 ({file}); no rate of PLN in the 7 days" in str(stopped.value)
