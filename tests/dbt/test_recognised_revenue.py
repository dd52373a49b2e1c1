"""The proofs of recognised revenue: a minor unit too many, too few or of another period is red.

A failure here means that revenue could be published that is not the ledger's.
"""

from pathlib import Path

import duckdb

from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

LEDGER = "assert_recognised_revenue_equals_the_ledger"
BALANCE = "assert_recognised_revenue_equals_the_trial_balance"
# Books of April to March in dollars. Nobody has mapped `fees`, which the books call income; `grants` are revenue since
# May only; `gains` are other income. What was posted before the calendar begins is in the balances and no revenue.
BOOKS = """
create schema if not exists staging; create schema intermediate; create schema marts;
create table marts.dim_currency as select 'USD' as currency, 2 as minor_unit_exponent;
create table intermediate.int_recognition_periods_ranged as from (values ('P1'), ('P2')) as rows(fiscal_period);
create table staging.stg_files__fiscal_periods as from (values
    ('P1', date '2026-04-01', date '2026-04-30'), ('P2', date '2026-05-01', date '2026-05-31')
) as rows(fiscal_period, first_date, last_date);
create table intermediate.int_ledger_differences_found (fiscal_period varchar, difference_date date);
create table staging.stg_quickbooks__accounts as from (values
    ('sales', 'Income'), ('fees', 'Income'), ('grants', 'Income'), ('gains', 'Other Income'), ('rent', 'Expense')
) as rows(account_id, account_type);
create table staging.stg_files__account_maps as from (values
    ('sales', 'revenue', date '0001-01-01', date '9999-12-31'),
    ('rent', 'operating_expense', date '0001-01-01', date '9999-12-31'),
    ('grants', 'other', date '0001-01-01', date '2026-05-01'),
    ('grants', 'revenue', date '2026-05-01', date '9999-12-31')
) as rows(account_id, statement_group, valid_from, valid_to);
create table intermediate.fct_gl_line as from (values
    ('0', null, date '2026-04-01', 'sales', -7),
    ('1', 'P1', date '2026-04-20', 'sales', -1000),
    ('2', 'P1', date '2026-04-20', 'grants', -50),
    ('3', 'P1', date '2026-04-21', 'rent', 300),
    ('4', 'P2', date '2026-05-10', 'sales', 200),
    ('5', 'P2', date '2026-05-11', 'fees', -30),
    ('6', 'P2', date '2026-05-12', 'grants', -5),
    ('7', 'P2', date '2026-05-12', 'gains', -9),
    ('8', 'P3', date '2026-06-01', 'sales', -4000)
) as rows(gl_line_id, fiscal_period, posting_date, account_id, amount_home_minor);
create table intermediate.fct_revenue_recognised as from (values
    ('1', date '2026-04-20', 'sales', 600),
    ('1', date '2026-04-20', 'sales', 400),
    ('4', date '2026-05-10', 'sales', -200),
    ('5', date '2026-05-11', 'fees', 30),
    ('6', date '2026-05-12', 'grants', 5)
) as rows(gl_line_id, posting_date, account_id, amount_minor);
create table marts.mart_revenue as from (values
    ('P1', 'core', 6.00, 'USD'), ('P1', 'UNMAPPED', 4.00, 'USD'), ('P2', 'core', -1.65, 'USD')
) as rows(fiscal_period, product_id, recognised_revenue, currency);
create table intermediate.fct_trial_balance as from (values
    (date '2026-04-30', 'sales', 0, 1007), (date '2026-04-30', 'grants', 0, 50), (date '2026-04-30', 'rent', 300, 0),
    (date '2026-05-31', 'sales', 0, 807), (date '2026-05-31', 'fees', 0, 30), (date '2026-05-31', 'grants', 0, 55),
    (date '2026-05-31', 'gains', 0, 9), (date '2026-05-31', 'rent', 300, 0)
) as rows(balance_date, account_id, debit_minor, credit_minor);
alter table intermediate.fct_trial_balance add column year_start_date date default date '2026-04-01';
"""
MUTATIONS = {
    "update marts.mart_revenue set recognised_revenue = 6.01 where product_id = 'core' and fiscal_period = 'P1'": {
        LEDGER
    },
    "delete from marts.mart_revenue where product_id = 'UNMAPPED'": {LEDGER},
    "update marts.mart_revenue set fiscal_period = 'P2'": {LEDGER},
    "delete from marts.mart_revenue where fiscal_period = 'P2'": {LEDGER},
    "update intermediate.fct_revenue_recognised set amount_minor = 601 where amount_minor = 600": {BALANCE},
    "delete from intermediate.fct_revenue_recognised where account_id = 'fees'": {BALANCE},
    "update intermediate.fct_revenue_recognised set posting_date = date '2026-05-01'": {BALANCE},
    "update intermediate.fct_trial_balance set credit_minor = 31 where account_id = 'fees'": {BALANCE},
    "delete from intermediate.fct_trial_balance where account_id = 'sales'": {BALANCE},
    "update staging.stg_files__account_maps set statement_group = 'other' where account_id = 'sales'": {LEDGER},
    "update staging.stg_quickbooks__accounts set account_type = 'Other Income' where account_id = 'fees'": {LEDGER},
    # A period that is held back is compared with nothing, nor is what the year came to from there on.
    """
    insert into intermediate.int_ledger_differences_found values ('P2', date '2026-05-31');
    delete from marts.mart_revenue where fiscal_period = 'P2';
    delete from intermediate.fct_revenue_recognised where posting_date >= date '2026-05-01'
    """: set(),
    """
    insert into intermediate.int_ledger_differences_found values ('P2', date '2026-05-31');
    delete from marts.mart_revenue where fiscal_period = 'P1';
    delete from intermediate.fct_revenue_recognised where posting_date < date '2026-05-01'
    """: {LEDGER, BALANCE},
    # No balance of the books is revenue's but those of its accounts.
    "update intermediate.fct_trial_balance set debit_minor = 1 where account_id in ('rent', 'gains')": set(),
}


def test_revenue_that_is_the_ledgers_is_green_and_any_other_is_red(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "home")
    warehouse.change(BOOKS)
    done = in_process_dbt.dbt(warehouse.home, "test", "--select", LEDGER, BALANCE)
    proven = [one for one in done.result if one.node.resource_type == "test"]
    assert {one.node.name: str(one.status) for one in proven} == {LEDGER: "pass", BALANCE: "pass"}
    red = {}
    with duckdb.connect(str(warehouse.home / "warehouse.duckdb")) as connection:
        for mutation in MUTATIONS:
            connection.execute(f"begin; {mutation}")
            red[mutation] = {one.node.name for one in proven if connection.execute(one.node.compiled_code).fetchall()}
            connection.rollback()
    assert red == MUTATIONS
