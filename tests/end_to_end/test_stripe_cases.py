"""Billing as other companies have it: each case of tests/cases/stripe is served, loaded and built, and what recurs is
what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as one Stripe account. Does not: the made-up company (test_company_2.py).
A failure means that a company with such a bill publishes a wrong ARR.
"""

import json
import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.sources import LoadOptions, load_source
from tests.environment import environment_kept
from tests.in_process_dbt import dbt
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.stripe_account import CHILDREN, PATHS, Account

CASES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[1] / "cases/stripe").glob("*.json")
}
SINCE, YEARS = "2016-01-01", range(25, 29)
Figures = dict[tuple[str, str], Decimal]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, set[tuple[str, str, str]]]:
    """Closing MRR by product and period, and the movements of these by type, of all cases at once."""
    home = tmp_path_factory.mktemp("stripe_cases") / "home"
    (home / "restricted" / "spill").mkdir(parents=True)
    with environment_kept(), pytest.MonkeyPatch.context() as environment:
        load(home, environment)
        flags = ("--resource-type", "model", "--resource-type", "seed")
        built = dbt(home, "build", *flags, "--select", "+mart_arr", "+mart_arr_movement")
        assert built.success, built.exception or [(one.node.name, one.message) for one in built.result]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        balances = warehouse.execute(
            "select product_id, fiscal_period, sum(closing_mrr) from marts.mart_arr group by all"
        ).fetchall()
        movements = warehouse.execute(
            "select product_id, fiscal_period, company_type from marts.mart_arr_movement "
            "where not is_intra_period group by all having sum(mrr_change) <> 0"
        ).fetchall()
    return {(product, period): mrr for product, period, mrr in balances}, set(movements)


def load(home: Path, environment: pytest.MonkeyPatch) -> None:
    """Every case's objects as one account, and the company's files that name their products and customers."""
    (start,), (now,) = ({case[key] for case in CASES.values()} for key in ("start", "now"))
    account = Account(home, environment)
    account.now = int(datetime.fromisoformat(now).timestamp())
    account.set(START=start)
    streams = {path: stream for stream, path in PATHS.items()}
    for case in CASES.values():
        for path, records in case["objects"].items():
            stream = streams.get(path, path)
            known = account.records.setdefault(stream, {})
            assert not known.keys() & {record["id"] for record in records}, "cases share an id"
            known.update({record["id"]: unfolded(record, stream) for record in records})
    write_files(home / "company", date.fromisoformat(now[:10]))
    os.environ.update(
        PRODOPS_COMPANY=str(home / "company"),
        SOURCES__FX__PATH=str(home / "company" / "rates.csv"),
        SOURCES__FX__START="2025-01-01",
    )
    account.load()
    for source in ("files", "fx"):
        load_source(source, LoadOptions(), lambda landed: None)


def unfolded(record: dict[str, Any], stream: str) -> dict[str, Any]:
    """A record whose lists are lists: the account folds them as Stripe does."""
    return record | {member: record[member]["data"] for member in CHILDREN.get(stream, {}) if member in record}


def write_files(folder: Path, today: date) -> None:
    products = [product for case in CASES.values() for product in case["company"]["products"]]
    customers = [case["company"]["customer"] for case in CASES.values()]
    (plan,) = {tuple(case["company"]["fx_plan"].items()) for case in CASES.values()}
    days = [date(2025, 1, 1) + timedelta(days=day) for day in range((today - date(2025, 1, 1)).days)]
    folder.mkdir()

    def write(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    write("policy.yml", "reporting_time_zone: UTC", "reporting_currency: USD")
    write("fiscal_calendar.yml", "pattern: months", "start_month: 1", "first_fiscal_year: FY25")
    write("products.csv", files.PRODUCT, *(f"{one},{one},product,,,,{SINCE}," for one in products))
    write("product_map.csv", files.MAP, *(f"stripe,product,prod_{p},exact,{p},1,{SINCE},," for p in products))
    write("customers.csv", files.CUSTOMER, *(f"C-{one},{one},,SMB,US,US,x,{SINCE}," for one in customers))
    write("customer_map.csv", files.KEYS, *(f"stripe,cus_{one},C-{one},{SINCE}," for one in customers))
    write("segments.csv", "code,name", "SMB,Small")
    write("markets.csv", "code,name,region", "US,United States,AM")
    write("teams.csv", files.TEAM, f"T-A,A,stream,engineering,,{SINCE},")
    write("fx_plan.csv", files.PLAN, *(f"{c},FY{y},{rate}" for y in YEARS for c, rate in plan))
    write("rates.csv", "date,currency,rate", *(f"{day},{row}" for day in days for row in ("USD,1.20", "JPY,180")))


@pytest.mark.parametrize("name", sorted(CASES))
def test_recurring_revenue_of_a_billing_that_is_not_ours_is_right(
    figures: tuple[Figures, set[tuple[str, str, str]]], name: str
) -> None:
    balances, movements = figures
    expected, differences = CASES[name]["expect"], []
    for product, periods in expected["closing_mrr"].items():
        for period, value in periods.items():
            right = [Decimal(one) for one in (value if isinstance(value, list) else [value])]
            found = balances.get((product, period), Decimal(0))
            if found not in right:
                differences.append(f"{product} {period}: {found} instead of {value}")
    for product, periods in expected.get("no_movement", {}).items():
        differences += [
            f"{product} {period}: {kind}"
            for period, kinds in periods.items()
            for kind in kinds
            if (product, period, kind) in movements
        ]
    assert expected["closing_mrr"], "a case that expects nothing"
    assert not differences, CASES[name]["what"]
