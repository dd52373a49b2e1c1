"""The made-up company's files and rates through landing and staging: every row served as what it means, or set aside.

A failure here means that a plan, a goal or a rate that somebody wrote is missing from every figure built on it.
"""

import os
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from ingestion.sources import LoadOptions, load_source
from sandbox import files
from sandbox.company import Company
from sandbox.company.goals import LISTS
from sandbox.company.structure import HEADERS
from sandbox.timestamps import ms
from sandbox.truth.landing import fx_records
from tests.dbt.conftest import Warehouse, record
from tests.sandbox.conftest import made

NOW = "2026-10-15T06:00:00Z"
SEED = 2  # its calendar is of weeks


@pytest.fixture(scope="module")
def company() -> Company:
    return made(SEED)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, company: Company) -> Iterator[Warehouse]:
    before = dict(os.environ)
    folder = tmp_path_factory.mktemp("company")
    files.write(company, folder, NOW)
    (folder / "bank.csv").write_text(bank(company))
    os.environ.update(PRODOPS_NOW=NOW, PRODOPS_COMPANY=str(folder), SOURCES__FX__PATH=str(folder / "bank.csv"))
    warehouse = Warehouse(tmp_path_factory.mktemp("files") / "home")
    for name in ("files", "fx"):
        load_source(name, LoadOptions(), lambda _: None)
    warehouse.land("fx", {"rates": [record("bent", {"date": "2026-01-02", "currency": "XXX", "rate": "1,5"})]})
    warehouse.build("--select", "staging.files", "staging.fx", "--indirect-selection", "cautious")
    yield warehouse
    os.environ.clear()
    os.environ.update(before)


def bank(company: Company) -> str:
    """All rates of the company as one plain file."""
    rows = (
        f"{key.replace('/', ',')},{record['rate']}\n" for key, record in fx_records(company, ms(NOW))["rates"].items()
    )
    return "date,currency,rate\n" + "".join(rows)


def test_every_row_of_every_file_is_staged_and_none_is_set_aside(built: Warehouse, company: Company) -> None:
    for stream in {*HEADERS, *LISTS} - {"fx_rates"}:
        ((count,),) = built.query(f"select count(*) from staging.base_files__{stream} where not is_deleted")
        assert count == len(company.rows(stream, NOW)), stream
    assert built.query("select * from staging.stg_files__quarantine") == []


def test_a_rate_that_is_none_is_set_aside_and_the_others_are_served(built: Warehouse, company: Company) -> None:
    assert built.query("select record_id, quarantine_reason from staging.stg_fx__quarantine") == [
        ("bent", "rate: not a fine_decimal: 1,5")
    ]
    served = built.query("select rate_date, currency, rate from staging.stg_fx__rates")
    assert {f"{day}/{currency}": rate for day, currency, rate in served} == {
        key: Decimal(record["rate"]) for key, record in fx_records(company, ms(NOW))["rates"].items()
    }


def test_periods_and_plans_have_their_types(built: Warehouse) -> None:
    period = "select * exclude (load_id) from staging.stg_files__fiscal_periods where fiscal_period = 'FY26-P12'"
    assert built.query(period) == [("FY26-P12", "FY26", "FY26-Q4", 12, date(2025, 12, 21), date(2026, 1, 31))]
    price = """
        select list_price, valid_from, valid_to from staging.stg_files__list_prices
        where product_id = 'insights' and segment = 'ENT' and market is null
    """
    assert built.query(price) == [(Decimal("29.00"), date(2025, 6, 1), date(9999, 12, 31))]
    size = """
        select product_id, tam_amount, currency from staging.stg_files__market_sizes
        where market = 'LATAM' and product_id is null
    """
    assert built.query(size) == [(None, Decimal(42_000_000), "USD")]
    budget = "select amount from staging.stg_files__budgets where amount < 0 and product_id is null"
    assert built.query(budget) == [(Decimal("-12500.50"),)]


def test_goals_and_decisions_have_their_types(built: Warehouse) -> None:
    result = """
        select kr_type, start_value, target_value, metric, success_at from staging.stg_files__key_results
        where kr_id like 'FY26-Q1-KR_' order by kr_id
    """
    assert built.query(result) == [
        ("increase", 1000, 1500, "mart_usage.wau", 1),
        ("decrease", Decimal("9.5"), 6, "manual", 1),
        ("stay-above", None, Decimal("99.9"), "manual", 1),
        ("stay-below", None, 5, "manual", 1),
        ("baseline", None, None, "manual", 1),
        ("binary", 0, 1, "manual", 1),
        ("decrease", 9, 3, "manual", Decimal("0.7")),
        ("stay-above", 99, 99, "manual", 1),
    ]
    dated = """
        select weight, valid_from = '0001-01-01', valid_to = '9999-12-31', status from staging.stg_files__key_results
        where kr_id in ('FY26-Q3-KR13', 'FY26-Q2-KR9') order by kr_id, valid_from
    """
    assert built.query(dated) == [
        (Decimal("0.5"), True, True, "cancelled"),
        (1, True, False, "active"),
        (Decimal("0.25"), False, True, "active"),
    ]
    several = """
        select place, checkin_value, strftime(checkin_at, '%H:%M') from staging.stg_files__checkins
        where kr_id = 'FY26-Q1-KR7' and checkin_at is not null order by place
    """
    assert [(place, value) for place, value, _ in built.query(several)] == [(1, Decimal("4.9")), (2, Decimal("4.2"))]
    overriding = "select distinct kr_id from staging.stg_files__checkins where overrides"
    assert {name[-3:] for (name,) in built.query(overriding)} == {"KR1"}
    withdrawn = "select decided_at, withdrawn_at from staging.stg_files__decisions where withdrawn_at is not null"
    assert built.query(withdrawn) == [(None, datetime(2026, 2, 20, 9))]
    decision = "select raised_at, decided_at from staging.stg_files__decisions where decision_id = 'D-AGAIN' order by 1"
    assert built.query(decision) == [
        (datetime(2025, 11, 3, 9), datetime(2025, 11, 14, 10)),
        (datetime(2026, 2, 2, 8), datetime(2026, 2, 2, 10)),
    ]


def test_rules_of_cost_hold_on_each_day_with_what_they_leave_out(built: Warehouse) -> None:
    rules = """
        select rules_version, valid_from, valid_to, shared_method, shared_driver, overhead_driver, payroll_by_function,
            classed_payroll
        from staging.stg_files__allocation_rules order by valid_from
    """
    assert built.query(rules) == [
        ("default", date(1, 1, 1), date(2025, 10, 1), "step_down", "events", "cost", True, "left_out"),
        ("2025", date(2025, 10, 1), date(2026, 2, 1), "step_down", "events", "equal", False, "ignored"),
        ("2026", date(2026, 2, 1), date(9999, 12, 31), "step_down", "equal", "fte", True, "left_out"),
    ]
    types = "select rules_version, count(*) from staging.stg_files__overhead_types group by 1 order by 1"
    assert built.query(types) == [("2026", 5), ("default", 5)], "2025 has none"


def test_bills_for_ai_and_criteria_have_their_types(built: Warehouse) -> None:
    bill = """
        select vendor_name, from_date, to_date, team_id, user_key, amount, currency from staging.stg_files__ai_bills
        where amount < 0 or user_key = 'ghost-dev' or currency = 'JPY' order by from_date
    """
    assert built.query(bill) == [
        ("Draftsmith", date(2025, 1, 15), date(2025, 1, 16), "T-CREW", None, 7, "JPY"),
        ("Askably", date(2026, 4, 1), date(2026, 5, 1), None, "ghost-dev", 20, "USD"),
        ("Pairwright", date(2026, 7, 1), date(2027, 2, 1), "T-HERON", None, -525, "GBP"),
    ]
    given_up = "select regime, met_date, approver from staging.stg_files__capex_approvals where criterion = 'abandoned'"
    assert built.query(f"{given_up} order by 2") == [
        ("all", date(2026, 1, 19), "cfo"),
        ("all", date(2026, 9, 16), "cfo"),
    ]


def test_accounts_and_vendors_of_the_books_have_their_meaning(built: Warehouse, company: Company) -> None:
    moved = """
        select statement_group, cost_type, statement_sign, valid_from from staging.stg_files__account_maps
        where account_id in (select account_id from staging.stg_files__account_maps group by 1 having count(*) > 1)
        order by valid_from
    """
    assert built.query(moved) == [
        ("operating_expense", "contractor", 1, date(2024, 10, 1)),
        ("cost_of_revenue", "contractor", 1, date(2026, 1, 1)),
    ]
    signs = "select distinct statement_sign from staging.stg_files__account_maps where statement_group = 'revenue'"
    assert built.query(signs) == [(-1,)]
    assert built.query("select worker_id, agency from staging.stg_files__vendor_maps order by all") == [
        (company.freelancer.worker_id, None),
        *((None, agency) for agency in ("Askably", "Northgate Developers", "Pairwright", "Scribewell")),
    ]
