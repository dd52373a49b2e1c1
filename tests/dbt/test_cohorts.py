"""What is retained of any balances and movements, by the SQL of the model itself, against the truth.

A failure here means that a board reads how many customers stay, and it is other ones. What a currency without a planned
rate does to cohorts and to sizes of markets is tested here too.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sandbox.company.calendar import Period
from sandbox.truth.recurring import RecurringPolicy
from sandbox.truth.retained import retained
from sandbox.truth.revenue import Balance, Movement, Revenue, RevenueCell
from tests.dbt.conftest import Warehouse
from tests.in_process_dbt import dbt

Tables = dict[str, list[dict[str, Any]]]
EURO_PLANS = {"FY1": Fraction(11, 10), "FY2": Fraction(13, 12)}


class Company(Revenue):
    """Customers of families that change, with any balances and movements, in two years of which the rates differ."""

    def __init__(self, random: Random, policy: RecurringPolicy) -> None:
        begins = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(19)]
        self.periods = [
            Period(f"P{number:02}", "Q", f"FY{1 + number // 12}", first, after - timedelta(days=1))
            for number, (first, after) in enumerate(pairwise(begins))
        ]
        self.today, self.policy, self.exchange = date(2025, 6, 20), policy, self  # type: ignore[assignment]
        self.customers = [f"C{number:02}" for number in range(40)]
        self.parents = {
            (customer, period.name): random.choice(self.customers[:number] or [""]) if random.random() < 0.3 else ""
            for number, customer in enumerate(self.customers)
            for period in self.periods
        }
        self.reported, self.moved = [], []
        for period in self.periods:
            cells = {RevenueCell(random.choice(self.customers), *self._place(random)) for _ in range(120)}
            for cell in sorted(cells):
                minor_units = random.randrange(1, 60)
                self.reported.append(
                    Balance(period.name, cell, minor_units, self._minor_units(minor_units, cell, period), 0)
                )
            for cell in random.sample(sorted(cells), 10):
                company, product = (random.choice(("logo_churn", "contraction", "reactivation")) for _ in "cp")
                is_within = random.random() < 0.2
                self.moved.append(Movement(period.name, cell, company, product, is_within, False, -1, -1, -1))

    def _place(self, random: Random) -> tuple[str, str, str, str]:
        return random.choice("pqr"), random.choice("SML"), random.choice("XY"), random.choice(("EUR", "USD"))

    def _minor_units(self, minor_units: int, cell: RevenueCell, period: Period) -> int:
        return round(minor_units * self.planned(cell.currency, period.year))

    # -- as the truth asks

    def planned(self, currency: str, year: str) -> Fraction:
        return EURO_PLANS[year] if currency == "EUR" else Fraction(1)

    def row(self, customer_id: str, day: date) -> dict[str, str]:
        period = next(one for one in self.periods if one.first <= day <= one.last)
        return {"parent_id": self.parents[customer_id, period.name]}

    # -- as the warehouse has it

    @cached_property
    def tables(self) -> Tables:
        plans = {(c, p): self.planned(c, p.year).as_integer_ratio() for c in ("EUR", "USD") for p in self.periods}
        families = []
        for period in self.periods:
            for customer in self.customers:
                above, distance = customer, 0
                while above := self.parents[above, period.name]:
                    distance += 1
                    days = {"valid_from": period.first, "valid_to": period.last + timedelta(days=1)}
                    families.append({"customer_id": customer, "ancestor_id": above, "distance": distance} | days)
        return {
            "int_policies_read": [{"reactivation_retains": self.policy.reactivation_retains}],
            "int_revenue_periods_ranged": [
                {"fiscal_period": one.name, "first_date": one.first, "as_of_date": self.day(one)}
                for one in self.periods
            ],
            "int_customer_families_ranged": families,
            "int_revenue_rates_resolved": [
                {
                    "fiscal_period": one.name,
                    "currency": currency,
                    "plan_numerator": plan[0],
                    "plan_denominator": plan[1],
                }
                for (currency, one), plan in plans.items()
            ],
            "fct_mrr_balance": [
                {"fiscal_period": one.fiscal_period, "mrr_minor": one.mrr, "mrr_plan_minor": one.mrr_plan}
                | {name: getattr(one.cell, name) for name in RevenueCell.__slots__}
                for one in self.reported
            ],
            "fct_mrr_movement": [
                {name: getattr(one, name) for name in ("fiscal_period", "company_type", "product_type")}
                | {"is_intra_period": one.is_intra_period}
                | {name: getattr(one.cell, name) for name in RevenueCell.__slots__}
                for one in self.moved
            ],
        }


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The models as dbt compiles them for DuckDB."""
    warehouse = Warehouse(tmp_path_factory.mktemp("cohorts") / "home")
    compiled = dbt(warehouse.home, "compile", "--select", "int_cohort_logos_retained", "mart_market").result
    return {result.node.name: result.node.compiled_code for result in compiled}


def answer(sql: str, tables: Tables) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema warehouse.{schema}")
        for name, rows in tables.items():
            reported = pa.Table.from_pylist(rows)
            schema = {"stg": "staging", "dim": "marts"}.get(name[:3], "intermediate")
            connection.register("reported", reported)
            connection.execute(f"create table warehouse.{schema}.{name} as from reported")
        found: list[dict[str, Any]] = connection.execute(sql).to_arrow_table().to_pylist()
        return found


@pytest.mark.parametrize("seed", range(4))
def test_any_cohort_is_retained_as_it_truly_is(sql: dict[str, str], seed: int) -> None:
    """Families part and join, customers are in several places at once, and the second year has another plan."""
    company = Company(Random(seed), RecurringPolicy(reactivation_retains=seed == 3))
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 4)
    for row in answer(sql["int_cohort_logos_retained"], company.tables):
        for kind, value in (("all", "ALL"), ("segment", row["segment"]), ("market", row["market"])):
            more = (1, row["start_minor"], row["net_minor"], row["gross_minor"])
            known = sums[row["fiscal_period"], row["product_id"], kind, value]
            known[:] = [so_far + one for so_far, one in zip(known, more, strict=True)]
    true = {
        (one.fiscal_period, one.product_id, one.slice_type, one.slice_value): [one.logos, one.start, one.net, one.gross]
        for one in retained(company, company.reported, company.moved)
    }
    assert sums == true
    assert len(true) > 100
    assert len({tuple(one) for one in true.values()}) > 100


def test_a_cohort_in_a_currency_without_a_planned_rate_stops_the_build_and_is_named(sql: dict[str, str]) -> None:
    tables = Company(Random(1), RecurringPolicy()).tables
    of_euros = {"fiscal_period": "P14", "currency": "EUR"}
    rates = [row for row in tables["int_revenue_rates_resolved"] if not of_euros.items() <= row.items()]
    with pytest.raises(duckdb.Error, match=r"no planned rate of EUR for P14 \(fill in fx_plan.csv in the folder"):
        answer(sql["int_cohort_logos_retained"], tables | {"int_revenue_rates_resolved": rates})


def test_a_size_in_a_currency_without_a_planned_rate_stops_the_build_and_is_named(sql: dict[str, str]) -> None:
    day = date(2024, 1, 31)
    ends = {"fiscal_year": "FY1", "prior_fiscal_period": "", "last_date": day, "as_of_date": day, "is_complete": True}
    size = {"market": "X", "segment": "S", "product_id": "p", "calendar_year": 2024}
    always = {"valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)}
    new = datetime(2024, 2, 1)
    clock = {"reporting_currency": "EUR", "data_as_of": new, "loaded_at": new}
    cell = {"product_id": "p", "segment": "S", "market": "X"}
    world: Tables = {
        "stg_files__market_sizes": [size | {"tam_amount": Decimal(400), "sam_amount": Decimal(80), "currency": "GBP"}],
        "int_stripe_clocks_read": [clock],
        "int_revenue_periods_ranged": [{"fiscal_period": "P00"} | ends],
        "int_revenue_rates_resolved": [
            {"fiscal_period": "P00", "currency": "GBP", "plan_numerator": 5, "plan_denominator": 4}
        ],
        "int_product_ancestors_ranged": [{"product_id": "p", "ancestor_id": "p"} | always],
        "int_product_portfolios_ranged": [{"product_id": "p", "portfolio_id": "apps"} | always],
        "fct_mrr_balance": [{"fiscal_period": "P00", "mrr_plan_minor": 1_000} | cell],
        "dim_currency": [{"currency": one, "minor_unit_exponent": 2} for one in ("EUR", "GBP")],
        "dim_product": [
            {"product_id": "p", "product_name": "P", "product_level": "product"}
            | {"portfolio_id": "apps", "portfolio_name": "Apps"}
        ],
        "int_product_rollups_ranged": [{"product_id": "apps"} | always],
        "int_slices_named": [{"slice_type": "segment", "slice_value": "S", "slice_name": "Small"}],
    }
    shown = {
        row["slice_value"]: (row["arr"], row["tam"], row["sam_share_ratio"], row["is_rollup"])
        for row in answer(sql["mart_market"], world)
    }
    assert shown == {"S": (120, 500, 1.2, True), "ALL": (120, None, None, False)}
    unplanned = [row | {"currency": "USD"} for row in world["int_revenue_rates_resolved"]]
    with pytest.raises(duckdb.Error, match=r"no planned rate of GBP for P00 \(fill in fx_plan.csv in the folder"):
        answer(sql["mart_market"], world | {"int_revenue_rates_resolved": unplanned})
