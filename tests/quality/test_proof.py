"""What the proof says where a mart is not what its control says: the account, the period and the document.

A failure here means that somebody looks for a difference in a ledger of thousands of lines, or reads somebody's pay in
a message. Which mistakes it notices is proven on a company's warehouse (tests/torture/proof_mutations.py).
"""

from pathlib import Path

import duckdb
import pytest

from ingestion.home import PEOPLE
from quality.proof import PROVEN, page, proofs

# Sales of 100.00, of which invoice 7 (40.00) was not recognised; wages of which journal 9 was allocated twice. In use
# an event is missing. P2 is held back.
BOOKS = """
create schema staging; create schema intermediate; create schema marts;
create table staging.stg_quickbooks__accounts as from (values
    ('s', 'Sales'), ('w', 'Wages')
) as t(account_id, full_name);
create table intermediate.int_recognition_periods_ranged as from (values ('P1'), ('P2')) as t(fiscal_period);
create table intermediate.int_fiscal_periods_begun as from (values ('P1'), ('P2')) as t(fiscal_period);
create table intermediate.int_ledger_differences_found as from (values
    ('P2', 'trial_balance', 's', 'Sales', 'Invoice 8: 0 posted, 100 by the document'),
    (null, 'entry', null, null, null)
) as t(fiscal_period, proof, account_id, account_name, suspect);
create table intermediate.int_account_controls_measured as from (values
    ('P1', 's', 'revenue', 10000, 0, 0), ('P1', 'w', 'operating_expense', 7777, 0, 0)
) as t(fiscal_period, account_id, statement_group, reported_minor, out_of_period_minor, regrouped_minor);
create table intermediate.fct_gl_line as from (values
    ('6/1', 'P1', 's', 'Invoice', '6', 'INV-6', -6000), ('7/1', 'P1', 's', 'Invoice', '7', null, -4000),
    ('9/1', 'P1', 'w', 'JournalEntry', '9', '9', 3333), ('10/1', 'P1', 'w', 'JournalEntry', '10', '10', 4444)
) as t(gl_line_id, fiscal_period, account_id, document_type, document_id, document_number, amount_home_minor);
create table intermediate.fct_revenue_recognised as select '6/1' as gl_line_id, 'P1' as fiscal_period,
    's' as account_id, 'a' as product_id, 'S' as segment, 'M' as market, 6000 as amount_minor;
create table marts.dim_currency as select 'EUR' as currency, 2 as minor_unit_exponent;
create table marts.mart_revenue as select 'P1' as fiscal_period, 'a' as product_id, 'S' as segment, 'M' as market,
    60.00::decimal(38,4) as recognised_revenue, 'EUR' as currency;
create table marts.mart_product_cost as select 'P1' as fiscal_period, 'a' as product_id, 'operating_expense' as
    statement_group, 'team' as stage, 77.77::decimal(38,4) as cost, 'EUR' as currency;
create table marts.mart_product_pnl as select 'P1' as fiscal_period, 'a' as product_id,
    60.00::decimal(38,4) as recognised_revenue, 'EUR' as currency;
create table marts.mart_product_cost_range (cost decimal(38,4));
create table marts.mart_usage as select 1 as events;
create table marts.mart_reconciliation (
    mart_name varchar, fiscal_period varchar, account_group varchar, control_of varchar, currency varchar,
    difference decimal(38,4), status varchar, out_of_period decimal(38,4) default 0, regrouped decimal(38,4) default 0,
    unmapped decimal(38,4) default 0, not_counted decimal(38,4) default 0
);
insert into marts.mart_reconciliation by name from (values
    ('mart_revenue', 'P1', 'revenue', 'QuickBooks trial balance', 'EUR', 40.00, 'differs'),
    ('mart_revenue', 'P2', 'revenue', 'QuickBooks trial balance', 'EUR', 0.00, 'held_back'),
    ('mart_product_cost', 'P1', 'operating_expense', 'QuickBooks trial balance', 'EUR', 33.33, 'differs'),
    ('mart_product_pnl', 'P1', 'operating_expense', 'QuickBooks trial balance', 'EUR', 0.00, 'agrees'),
    ('mart_usage', 'P1', 'events', 'Amplitude export', null, 1, 'differs'),
    ('mart_arr', 'P1', 'billed_balances', 'Stripe bills', null, 1, 'differs')
) as t(mart_name, fiscal_period, account_group, control_of, currency, difference, status);
"""
PEOPLES = """
create schema intermediate;
create table intermediate.fct_allocation as from (values
    ('actual', '9/1', 'P1', 'w', 'operating_expense', 'team', 'a', 6666),
    ('actual', '10/1', 'P1', 'w', 'operating_expense', 'team', 'a', 4444),
    ('standard', 'people', 'P1', null, 'operating_expense', 'team', 'a', 7777)
) as t(scenario_id, gl_line_id, fiscal_period, account_id, statement_group, stage, product_id, amount_minor);
create table intermediate.int_cost_controls_compared as from (values
    ('P1', 'drivers', 'events/a', false), ('P1', 'drivers', 'events/b', true), ('P1', 'allocated', 'w', false),
    ('P1', 'revenue_classes', 'a', true)
) as t(fiscal_period, control_id, object_id, is_agreed);
create table intermediate.int_cost_controls_counted as select 'drivers' as control_id, 1 as agreeing, 2 as compared;
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    (tmp_path / PEOPLE).parent.mkdir()
    for file, statements in (("warehouse.duckdb", BOOKS), (PEOPLE, PEOPLES)):
        with duckdb.connect(str(tmp_path / file)) as made:
            made.execute(statements)
    return tmp_path / "warehouse.duckdb"


def test_red_names_the_account_the_period_and_the_document(warehouse: Path) -> None:
    found = {one.mart: one for one in proofs(warehouse)}
    assert [mart for mart, one in found.items() if one.is_green] == ["mart_product_cost_range", "mart_product_pnl"]
    assert found["mart_product_pnl"].text == "1 figures are what their controls say"
    assert found["mart_revenue"].text == (
        "P1 account s Sales: Invoice 7; P1 revenue is not its control's by 40. Next: docs/metrics/reconciliation.md"
    )
    assert found["mart_usage"].text.startswith(
        "P1 events is not its control's by 1: its rows are not what they are summed from"
    )


def test_of_cost_no_amount_is_named(warehouse: Path) -> None:
    (cost,) = [one for one in proofs(warehouse) if one.mart == "mart_product_cost"]
    assert cost.text == (
        "P1 account w Wages: JournalEntry 9; P1 drivers of events/a: not what it is made of; P1 operating_expense is "
        "not its control's. Next: docs/metrics/reconciliation.md"
    )


def test_a_cell_that_is_another_products_is_found_though_the_total_is_right(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as spoilt:
        spoilt.execute("update marts.mart_product_pnl set product_id = 'b'")
    (profit,) = [one for one in proofs(warehouse) if one.mart == "mart_product_pnl"]
    assert profit.text.startswith("P1 recognised_revenue of a, b: not what it is summed from")


def test_a_mart_without_any_control_is_red_and_one_without_rows_is_not(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as spoilt:
        spoilt.execute("delete from marts.mart_reconciliation")
        spoilt.execute("delete from marts.mart_usage")
    found = {one.mart: one.text for one in proofs(warehouse)}
    assert "all periods nothing was compared" in found["mart_product_pnl"]
    assert found["mart_usage"] == "0 figures are what their controls say"
    assert found.keys() == {*PROVEN}


def test_the_page_counts_by_group_and_says_why_a_period_is_held_back(warehouse: Path) -> None:
    groups, held = page(warehouse)
    counted = {(one.mart, one.account_group): (one.periods, one.agreeing, one.held_back) for one in groups}
    assert counted["mart_revenue", "revenue"] == (2, 0, 1)
    assert counted["mart_product_cost", "drivers"] == (1, 0, 0)
    assert held == [
        "P2 is held back: trial_balance of Sales, look at Invoice 8: 0 posted, 100 by the document",
        "no period is held back: entry of the ledger",
    ]
