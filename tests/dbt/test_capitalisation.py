"""What is capitalised of an epic, by the SQL of the models themselves, from people's days to the mart: the case of
another company (tests/cases/cost, cpx17) and made-up epics of any kind.

A failure here means that an auditor finds days capitalised that the standard expenses, or the other way round. The case
was written by hand after the standards' text; the made-up epics are held to the truth of the made-up company, another
implementation of the same definitions.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sandbox.truth.epics import AFTER, BEFORE, CAPITALISED, CRITERIA, OTHER, WITHOUT, Window
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

CASE = json.loads((Path(__file__).parents[1] / "cases/cost/cpx17-before-authorisation.json").read_text())
RESTRICTED = ("int_effort_ranges_cut", "fct_effort", "int_epic_costs_shared")
MODELS = ("int_capex_windows_resolved", *RESTRICTED, "int_capex_assets_rolled", "mart_capex_opex")
FIRST, LAST = date(2026, 3, 2), date(2026, 5, 29)
PERIODS = {3: "FY26-P03", 4: "FY26-P04", 5: "FY26-P05"}
A_DAY = 40_000
LIFE = 3
Row = dict[str, Any]


@dataclass
class World:
    """Somebody who works on one epic every Monday to Friday, of a product of its own, on items of other kinds on some
    days; and what the company's file says of the epic."""

    name: str
    kinds: dict[date, str] = field(default_factory=dict)
    approvals: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def drawn(cls, number: int) -> World:
        random, world = Random(f"capitalisation {number}"), cls(f"W{number}")
        world.kinds = {day: random.choice(["bug", "other", "maintenance"]) for day in days() if random.random() < 0.2}
        for regime, criteria in [*CRITERIA.items(), ("all", {"ready_for_use", "abandoned"})]:
            for one in sorted(criteria):
                if random.random() < (0.5 if regime == "all" else 0.9):
                    day = FIRST + timedelta(days=random.randrange(-10, 100 if regime == "all" else 70))
                    row = {"regime": regime, "criterion": one, "met_on": str(day), "approver": "CFO"}
                    world.approvals.append({"epic": f"E-{world.name}"} | row)
        return world

    def expected(self, regime: str) -> Mapping[tuple[str, str], int]:
        """Minor units by period and what becomes of them."""
        own = [row for row in self.approvals if row["regime"] in (regime, "all")]
        met = {row["criterion"]: (date.fromisoformat(row["met_on"]), row["approver"]) for row in own}
        window, found = Window(regime, met), dict[tuple[str, str], int]()
        for day in days():
            said = window.says(day, self.kinds.get(day, "feature"))
            found[PERIODS[day.month], said] = found.get((PERIODS[day.month], said), 0) + A_DAY
        return found


def days() -> Iterator[date]:
    every = (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    return (day for day in every if day.weekday() < 5)


def of_the_case() -> World:
    """Its epic, with what was done in it that is no development."""
    given = CASE["input"]
    assert given["worked"] == "every Monday to Friday from 2026-03-02 to 2026-05-29, no holidays"
    assert Decimal(given["day_cost"]) * 100 == A_DAY
    world = World("case", approvals=list(csv.DictReader(given["capex_criteria.csv"])))
    for said, what in given["other_work_in_the_epic"].items():
        first, _, last = said.partition("..")
        kind = "other" if "training" in what else "bug"
        between = (day for day in days() if first <= str(day) <= (last or first))
        world.kinds |= dict.fromkeys(between, kind)
    return world


def tables(worlds: Sequence[World], chosen: str) -> dict[str, pa.Table]:
    """What the models read."""
    rows: dict[str, list[Row]] = defaultdict(list)
    clock = {"data_as_of": FIRST, "loaded_at": FIRST}
    always = {"valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)}
    rows["int_policies_read"].append({"hours_of_a_day": 8, "capex_regime": chosen, "capex_life_months": LIFE})
    for source in ("quickbooks", "bamboohr", "jira"):
        rows[f"int_{source}_clocks_read"].append(clock)
    rows["dim_currency"].append({"currency": "EUR", "minor_unit_exponent": 2})
    rows["stg_quickbooks__preferences"].append({"book_close_date": LAST})
    for name, columns in {
        "int_worker_acts_weighed": ("act_type", "worker_id", "act_date", "work_item_id", "epic_id", "initiative_id"),
        "stg_files__team_products": ("team_id", "product_id"),
        "int_product_portfolios_ranged": ("product_id", "portfolio_id"),
    }.items():
        nobodys = dict.fromkeys(columns, "-") | always | {"project_key": "-", "weight": 1, "share": 1.0}
        rows[name].append(nobodys | ({"act_date": FIRST} if "act_date" in columns else {}))
    for month, period in PERIODS.items():
        first, after = date(2026, month, 1), date(2026, month + 1, 1)
        ends = {"last_date": after - timedelta(days=1), "as_of_date": after - timedelta(days=1)}
        begun = {"fiscal_period": period, "fiscal_year": "FY26", "prior_fiscal_period": "", "first_date": first}
        rows["int_fiscal_periods_begun"].append(begun | ends | {"is_complete": True})
    for world in worlds:
        who = {"worker_id": world.name, "team_id": world.name, "function_name": "Engineering"}
        product, epic = {"product_id": world.name}, {"epic_id": f"50-{world.name}"}
        rows["int_team_products_ranged"].append(who | product | {"share_millionths": 1_000_000} | always)
        about = {"product_name": "", "product_level": "", "portfolio_id": "", "portfolio_name": ""}
        rows["dim_product"].append(product | about)
        keys = {f"E-{world.name}", *(row["epic"] for row in world.approvals)}
        rows["int_epic_keys_collected"] += [epic | {"epic_key": key} for key in sorted(keys)]
        for row in world.approvals:
            said = {"regime": row["regime"], "criterion": row["criterion"], "approver": row["approver"]}
            met = date.fromisoformat(row["met_on"])
            rows["stg_files__capex_approvals"].append(said | {"epic_key": row["epic"], "met_date": met})
        for kind in ("feature", "bug", "other", "maintenance"):
            item = f"{world.name}-{kind}"
            rows["int_work_kinds_resolved"].append({"issue_id": item, "type_kind": kind})
            rows["stg_jira__issues"].append({"issue_id": item, "issue_key": item, "summary": "", "story_points": 1})
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            when = {"work_date": day, "fiscal_period": PERIODS[day.month]}
            rows["fct_worker_day"].append(who | when | {"is_head": True, "paid_thousandths": 1000})
            is_working = {"is_working_day": day.weekday() < 5, "leave_share": 0, "fte": 1}
            rows["int_worker_days_placed"].append(who | when | is_working)
        for item, first, after in held(world):
            place = {
                "work_item_id": item,
                "initiative_id": "",
                "project_key": "",
                "valid_from": first,
                "valid_to": after,
            }
            rows["int_worker_items_ranged"].append(who | epic | place)
        for month, period in PERIODS.items():
            number = sum(day.month == month for day in days())
            line = {"fiscal_period": period, "function_name": "engineering", "currency": "EUR"}
            rows["int_people_costs_valued"].append(line | product | {"amount_minor": number * A_DAY})
    return {
        name: pa.Table.from_pylist([{key: row.get(key) for key in known[0]} for row in known])
        for name, known in rows.items()
    }


def held(world: World) -> Iterator[tuple[str, date, date]]:
    """The item that is in progress from day to day, in ranges that are as long as may be, weekends too."""
    begun, item = FIRST, ""
    for day in days():
        name = f"{world.name}-{world.kinds.get(day, 'feature')}"
        if name != item and item:
            yield item, begun, day
            begun = day
        item = name
    yield item, begun, LAST + timedelta(days=1)


class Models:
    """Compiled, to be run in a database in memory."""

    def __init__(self, warehouse: Warehouse) -> None:
        done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *MODELS)
        self.compiled = {one.node.name: one.node.compiled_code for one in done.result}
        self.places = dict.fromkeys(
            (*RESTRICTED, "fct_worker_day", "int_worker_days_placed", "int_worker_items_ranged"),
            "restricted.intermediate",
        )
        self.places |= dict.fromkeys(("int_worker_acts_weighed", "int_people_costs_valued"), "restricted.intermediate")
        self.places |= dict.fromkeys(("dim_currency", "dim_product", "mart_capex_opex"), "warehouse.marts")

    def mart(self, worlds: Sequence[World], chosen: str = "off") -> list[Row]:
        """The rows of mart_capex_opex."""
        with duckdb.connect() as connection:
            for database in ("warehouse", "restricted"):
                connection.execute(f"attach ':memory:' as {database}")
                for schema in ("staging", "intermediate", "marts"):
                    connection.execute(f"create schema {database}.{schema}")
            for name, table in tables(worlds, chosen).items():
                connection.register("given", table)
                connection.execute(f"create table {self.place(name)} as from given")
            for name in MODELS:
                connection.execute(f"create table {self.place(name)} as {self.compiled[name]}")
            return connection.execute("from warehouse.marts.mart_capex_opex").to_arrow_table().to_pylist()

    def place(self, name: str) -> str:
        schema = "staging" if name.startswith("stg") else "intermediate"
        return f"{self.places.get(name, f'warehouse.{schema}')}.{name}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(Warehouse(tmp_path_factory.mktemp("capitalisation") / "home"))


@pytest.mark.parametrize("switch", CASE["right"]["by_switch"])
def test_a_developers_epic_is_capitalised_as_another_company_says_under_each_switch(
    models: Models, switch: str
) -> None:
    """cpx17: nothing before the last criterion, nothing from the day of use on, no training, no bugs."""
    regime, right = switch.split()[0], CASE["right"]["by_switch"][switch]
    chosen = [row for row in models.mart([of_the_case()], regime) if not row["is_rollup"]]
    assert {row["regime"] for row in chosen} == {regime}
    assert {row["is_chosen"] for row in chosen} == {True}
    assert sum(row["cost"] for row in chosen) == Decimal(CASE["right"]["epic cost"])
    assert sum(row["capitalised"] for row in chosen) == Decimal(right["capitalised"])
    for period in PERIODS.values():
        if period in right:
            assert sum(row["capitalised"] for row in chosen if row["fiscal_period"] == period) == Decimal(right[period])
    if "expensed" in right:
        assert sum(row["expensed"] for row in chosen) == Decimal(right["expensed"])


def test_each_regime_names_its_evidence(models: Models) -> None:
    rows = {row["regime"]: row for row in models.mart([of_the_case()])}
    begins = {regime: row["capitalised_from_date"] for regime, row in rows.items()}
    assert begins == {
        "off": None,
        "asc350_40_stage": date(2026, 4, 10),
        "asu_2025_06": date(2026, 5, 1),
        "ias38": date(2026, 5, 11),
    }
    assert {row["missing_criteria"] for row in rows.values()} == {None}
    assert rows["asu_2025_06"]["evidence"] == (
        "authorised_and_funded 2026-04-10 by CFO; no_significant_uncertainty 2026-05-01 by CTO; "
        "ready_for_use 2026-05-21 by CTO"
    )


def test_epics_of_any_kind_are_capitalised_as_another_implementation_says(models: Models) -> None:
    """To the minor unit, in every period, under every regime, with the reason why not."""
    worlds = [World.drawn(number) for number in range(120)]
    columns = {
        CAPITALISED: "capitalised",
        WITHOUT: "expensed_without_criteria",
        BEFORE: "expensed_before_criteria",
        AFTER: "expensed_after_use",
        OTHER: "expensed_no_development",
    }
    found: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(dict)
    for row in models.mart(worlds):
        for said, column in columns.items():
            if row[column]:
                found[row["product_id"], row["regime"]][row["fiscal_period"], said] = int(100 * row[column])
    wrong = {
        (world.name, regime): (found[world.name, regime], world.expected(regime))
        for world in worlds
        for regime in CRITERIA
        if found[world.name, regime] != world.expected(regime)
    }
    assert wrong == {}
    seen = {said for known in found.values() for _, said in known}
    assert seen == {*columns}
