"""Budgets and people of products as other companies have them: cases of tests/cases/cost, by the SQL of the models
themselves on rows that say what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Does not: files that are refused (tests/ingestion/sources/test_cost_cases.py), how HR is read (test_people_cases.py).
A failure means that a company with such plans or people publishes a wrong variance, forecast or ratio.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

FOLDER = Path(__file__).parents[1] / "cases/cost"
BUDGET, STAFF = (json.loads(next(FOLDER.glob(f"{name}-*.json")).read_text()) for name in ("bud16", "rat22"))
MODELS = ("mart_budget", "int_product_heads_counted", "mart_product_staffing")
SCHEMAS = {"mart": "marts", "dim": "marts", "stg": "staging", "int": "intermediate"}
RESTRICTED = ("int_worker_days_placed", "int_product_heads_counted", "int_heads_counted")
NOW = "2026-07-10 06:00:00"
Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    warehouse = Warehouse(tmp_path_factory.mktemp("cases") / "home")
    done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *MODELS)
    return {one.node.name: one.node.compiled_code for one in done.result if one.node.name in MODELS}


def months(first: date, last: date) -> list[Row]:
    """Fiscal periods that are months, all of them over."""
    found, day = list[Row](), first
    while day <= last:
        after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        name = f"FY{day.year % 100}-P{day.month:02d}"
        ends = {"last_date": after - timedelta(days=1), "as_of_date": after - timedelta(days=1)}
        before = found[-1]["fiscal_period"] if found else ""
        found.append(
            {"fiscal_period": name, "fiscal_year": name[:4], "first_date": day, "prior_fiscal_period": before, **ends}
        )
        day = after
    return [row | {"is_complete": True} for row in found]


def beside(periods: Sequence[Row], **policy: object) -> dict[str, list[Row]]:
    """What every mart reads: the calendar, policies, clocks, the currency; a catalogue of nobody."""
    clock = [{"data_as_of": NOW, "loaded_at": NOW}]
    names = dict.fromkeys(("product_name", "product_level", "portfolio_id", "portfolio_name"), "")
    return {
        "int_fiscal_periods_begun": list(periods),
        "stg_files__fiscal_periods": list(periods),
        "int_policies_read": [{"reporting_currency": "EUR", "ratio_min_n": 3, "fte_average": "days", **policy}],
        "int_files_clocks_read": clock,
        "int_bamboohr_clocks_read": clock,
        "dim_currency": [{"currency": "EUR", "minor_unit_exponent": 2}],
        "dim_product": [{"product_id": "nobody's", **names}],
        "int_product_portfolios_ranged": [
            {"product_id": "nobody's", "portfolio_id": "", "valid_from": date.min, "valid_to": date.max}
        ],
        "stg_quickbooks__preferences": [{"book_close_date": date(2026, 1, 31)}],
        "stg_files__plan_rates": [{"currency": "USD", "fiscal_year": "FY26", "rate": Decimal("1.10")}],
    }


def profit(period: str, product: str, **lines: object) -> Row:
    names = (
        *("recognised_revenue", "cost_of_revenue", "operating_expense", "research_and_development_direct"),
        *("research_and_development_shared", "sales_and_marketing", "general_and_administrative"),
    )
    amounts = {name: Decimal(str(lines.get(name, 0))).quantize(Decimal("0.0001")) for name in names}
    return {
        "fiscal_period": period,
        "product_id": product,
        "currency": "EUR",
        "data_as_of": NOW,
        "loaded_at": NOW,
        **amounts,
    }


def made(sql: str, tables: Tables) -> list[Row]:
    """What a model makes of rows of the models that it reads."""
    with duckdb.connect() as connection:
        for database in ("warehouse", "restricted"):
            connection.execute(f"attach ':memory:' as {database}")
            for schema in SCHEMAS.values():
                connection.execute(f"create schema if not exists {database}.{schema}")
        for model, rows in tables.items():
            connection.register("given", pa.Table.from_pylist(list(rows)))
            database = "restricted" if model in RESTRICTED else "warehouse"
            connection.execute(f"create table {database}.{SCHEMAS[model.split('_')[0]]}.{model} as from given")
            connection.unregister("given")
        connection.execute("use warehouse")
        return connection.execute(sql).to_arrow_table().to_pylist()


# -- bud16


@pytest.fixture(scope="module")
def budgets(compiled: dict[str, str]) -> dict[tuple[str, str], Row]:
    """Lines of operating expense by product and period."""
    rows = [line.split(",") for line in BUDGET["input"]["variants"]["C"][1:]]
    actual = BUDGET["input"]["actual operating_expense"]
    tables = beside(months(date(2026, 4, 1), date(2026, 6, 30))) | {
        "stg_files__budgets": [
            {"account_group": group, "product_id": product or None, "fiscal_period": period, "amount": Decimal(amount)}
            for group, product, period, amount in rows
        ],
        "mart_product_pnl": [
            profit(period, product, operating_expense=amount)
            for period, products in actual.items()
            for product, amount in products.items()
        ],
    }
    found = made(compiled["mart_budget"], tables)
    assert {row["account_group"] for row in found} == {"operating_expense"}
    return {(row["product_id"], row["fiscal_period"]): row for row in found}


RIGHT = BUDGET["right"]["C"]["variance = actual - budget"]


def test_a_variance_is_actual_less_budget_by_product_and_what_is_planned_for_none_is_the_companys(
    budgets: dict[tuple[str, str], Row],
) -> None:
    names = {"company": "COMPANY"}
    for place, right in RIGHT.items():
        product, period = place.split(" ")
        if period.endswith("Q2"):
            continue
        row, wanted = (
            budgets[names.get(product, product), period],
            right if isinstance(right, dict) else {"variance": right},
        )
        for name in ("actual", "budget", "variance"):
            if name in wanted:
                assert row[name] == (None if wanted[name] is None else Decimal(wanted[name])), place
        if "of budget" in wanted:
            assert row["variance_ratio"] == pytest.approx(float(wanted["of budget"]))
        reason = wanted.get("reason", "").replace(" ", "_") or None
        assert row["variance_ratio_suppressed_reason"] == reason, place
    assert len(RIGHT) == 6


def test_a_quarter_is_the_sum_of_its_periods(budgets: dict[tuple[str, str], Row]) -> None:
    rows, right = [row for (product, _), row in budgets.items() if product == "payments"], RIGHT["payments FY26-Q2"]
    sums = {name: sum(row[name] for row in rows) for name in ("actual", "budget", "variance")}
    assert sums == {name: Decimal(right[name]) for name in sums}
    assert round(sums["variance"] / sums["budget"], 6) == Decimal(right["of budget"])


def test_no_row_without_a_product_is_spread_or_set_against_what_is_unallocated(
    budgets: dict[tuple[str, str], Row],
) -> None:
    planned = {place: row["budget"] for place, row in budgets.items() if row["budget"] is not None}
    april = {product: amount for (product, period), amount in planned.items() if period == "FY26-P04"}
    assert april == {"payments": 30_000, "COMPANY": 80_000}
    assert {row["is_rollup"] for (product, _), row in budgets.items() if product != "COMPANY"} == {False}


# -- rat22


def staffed(
    compiled: dict[str, str], workers: Sequence[Row], periods: Sequence[Row], **policy: object
) -> dict[str, Row]:
    """Rows of June by product, of people whose team is a product and works for it alone."""
    teams = sorted({row["team_id"] for row in workers})
    tables = beside(periods, **policy) | {
        "int_worker_days_placed": [row | {"is_head": True} for row in workers],
        "int_team_products_ranged": [
            {
                "team_id": team,
                "product_id": team,
                "share_millionths": 1_000_000,
                "valid_from": date.min,
                "valid_to": date.max,
            }
            for team in teams
        ],
    }
    heads = made(compiled["int_product_heads_counted"], tables)
    revenue = Decimal(STAFF["right"]["revenue_per_fte storefront"]["numerator"]) / 12
    tables |= {
        "int_product_heads_counted": heads,
        "int_heads_counted": [row | {"team_id": row["product_id"], "opening_headcount": 0} for row in heads],
        "mart_product_pnl": [profit(row["fiscal_period"], "storefront", recognised_revenue=revenue) for row in periods],
    }
    found = made(compiled["mart_product_staffing"], tables)
    return {row["product_id"]: row for row in found if row["fiscal_period"] == "FY26-P06"}


def worker_days(product: str, function: str, share: str, days: Sequence[date]) -> list[Row]:
    return [
        {"work_date": day, "fiscal_period": f"FY{day.year % 100}-P{day.month:02d}", "team_id": product}
        | {"function_name": function.title(), "fte": Decimal(share)}
        for day in days
    ]


def test_people_of_a_product_are_set_against_its_product_managers(compiled: dict[str, str]) -> None:
    last = date(2026, 6, 30)
    workers = [
        row
        for product, functions in STAFF["input"]["fte on 2026-06-30 by product and function"].items()
        for function, shares in functions.items()
        for share in shares
        for row in worker_days(product, function, share, [last])
    ]
    rows, right = staffed(compiled, workers, months(date(2026, 6, 1), last)), STAFF["right"]
    columns = {"engineering": "engineering_fte", "product": "product_management_fte", "design": "design_fte"}
    found = {function: rows["payments"][column] for function, column in columns.items()}
    assert found == {function: float(fte) for function, fte in right["payments"]["fte"].items()}
    ratio = "engineering_per_product_manager_ratio"
    assert (rows["payments"][ratio], right["payments"]["engineering per product manager"]) == (None, None)
    assert rows["payments"][f"{ratio}_suppressed_reason"] == right["payments"]["reason"].replace(" ", "_").replace(
        "no_p", "no_p"
    )
    storefront = right["storefront"]
    assert rows["storefront"][ratio] == float(storefront["engineering per product manager"])
    assert rows["storefront"]["design_per_product_manager_ratio"] == float(storefront["design per product manager"])


@pytest.mark.parametrize(("average", "switch"), [("days", "average FTE by days"), ("ends", "average of begin and end")])
def test_revenue_is_set_against_the_average_of_twelve_months(
    compiled: dict[str, str], average: str, switch: str
) -> None:
    spans = STAFF["input"]["storefront fte"]
    first, last = date(2025, 7, 1), date(2026, 6, 30)
    days = {first - timedelta(days=1): next(iter(spans.values()))}  # as on the day after
    for span, share in spans.items():
        since, until = (date.fromisoformat(day) for day in span.split(".."))
        days |= {since + timedelta(days=number): share for number in range((until - since).days + 1)}
    workers = [
        row
        for day, share in days.items()
        for number in range(int(float(share)))
        for row in worker_days("storefront", f"function {number}", "1", [day])
    ]
    rows = staffed(compiled, workers, months(first, last), fte_average=average)
    (right,) = (
        value
        for name, value in STAFF["right"]["revenue_per_fte storefront"]["by_switch"].items()
        if name.startswith(switch)
    )
    for product in ("storefront", "COMPANY"):
        assert round(rows[product]["revenue_per_fte"], 2) == float(right["ratio"])
        fte = float(right["fte"]) if "fte" in right else float(right["fte_days"]) / right["days"]
        assert rows[product]["average_fte_12m"] == pytest.approx(fte)
