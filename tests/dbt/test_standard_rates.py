"""Standard rates and shared remainders, by the SQL of the models themselves, on made-up people of any kind.

A failure here means that a rate is made of too few people's pay, or is not the mean's nearest step, or that a remainder
is shown that hides nobody. The SQL is held against both other statements of the rules: the truth's, and that of
disclosure control, by which the audit reads what is published. One run of a model judges all worlds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from quality import disclosure
from sandbox.truth.standard import Paid, groups, is_safe
from sandbox.truth.standard import rates as rates_of
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse
from tests.quality.organisations import organisation, publish

RATES, REMAINDERS = "int_standard_rates_resolved", "int_remainders_judged"
WORLDS = 300
"""Of two fiscal years after one in which nobody works."""
ORGANISATIONS = 60
FUNCTIONS = ("design", "engineering", "legal", "sales", "support")
FIRST = date(1000, 1, 1)
Rates = dict[tuple[str, str], int]
Tables = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Day:
    """A day of work: of whom, in which period of which of the world's years, at which pay of a year."""

    year: int
    period: int
    person: str
    function: str
    pay: int | None
    thousandths: int


@dataclass
class World:
    number: int
    days: list[Day] = field(default_factory=list)

    @classmethod
    def drawn(cls, number: int) -> World:
        random, world = Random(f"standard {number}"), cls(number)
        size, spread = random.choice([30_000, 5_000_000, 4_000_000_000]), random.choice([1.02, 1.5, 4])
        for year, period in product((1, 2), (1, 2, 3)):
            for function in random.sample(FUNCTIONS, random.randint(0, len(FUNCTIONS))):
                for person in range(random.choice([1, 2, 4, 5, 6, 9])):
                    pay = random.choice([None, 0, *[round(size * spread ** random.uniform(-1, 1))] * 12])
                    # some are of two functions
                    name = random.choice([f"{function} {person}", f"{function} {person}", f"anyone {person}"])
                    thousandths = random.choice([0, 250, 500, 1000, 1000])
                    world.days.append(Day(year, period, name, function, pay, thousandths))
        return world

    def year(self, number: int) -> str:
        return f"W{self.number}-{number}"

    def paid(self, year: int) -> list[Paid]:
        periods = []
        for period in (1, 2, 3):
            found: Paid = defaultdict(dict)
            for day in self.days:
                if (day.year, day.period) == (year, period) and day.pay and day.thousandths:
                    pay, thousandths = found[day.function].get(day.person, (0, 0))
                    pay += day.pay * day.thousandths
                    found[day.function][day.person] = pay, thousandths + day.thousandths
            periods.append(found)
        return periods

    def by_disclosure_control(self) -> Rates:
        found: Rates = {}
        before: list[disclosure.Paid] = []
        for year in (1, 2):
            own = [
                [
                    disclosure.Paid(person, function, pay, 365_000 * thousandths)
                    for function, people in period.items()
                    for person, (pay, thousandths) in people.items()
                ]
                for period in self.paid(year)
            ]
            for group, (rate, _) in disclosure.rates_of_year(before, own).items():
                found |= {(self.year(year), name): int(rate * 10**6) for name in group}
            before = [one for period in own for one in period]
        return found

    def expected(self) -> Rates:
        first, second = self.paid(1), self.paid(2)
        made = {self.year(1): rates_of([], first), self.year(2): rates_of(first, second)}
        return {(year, name): int(rate * 10**6) for year, known in made.items() for name, rate in known.items()}


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [World.drawn(number) for number in range(WORLDS)]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    warehouse = Warehouse(tmp_path_factory.mktemp("standard") / "home")
    done = in_process_dbt.dbt(warehouse.home, "compile", "--select", RATES, REMAINDERS)
    return {one.node.name: one.node.compiled_code for one in done.result}


@pytest.fixture(scope="module")
def rates(worlds: list[World], compiled: dict[str, str]) -> Rates:
    return made(compiled[RATES], worlds)


@contextmanager
def given(warehouse: Tables, restricted: Tables) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with these tables where the models look for them."""
    with duckdb.connect() as connection:
        for database, tables in (("warehouse", warehouse), ("restricted", restricted)):
            connection.execute(f"attach ':memory:' as {database}")
            for schema in ("staging", "intermediate"):
                connection.execute(f"create schema {database}.{schema}")
            for model, rows in tables.items():
                schema = "staging" if model.startswith("stg_") else "intermediate"
                connection.register("given", pa.Table.from_pylist(rows))
                connection.execute(f"create table {database}.{schema}.{model} as from given")
        yield connection


def made(compiled: str, worlds: list[World]) -> Rates:
    """What the compiled model makes of the worlds."""
    begun = [
        {"fiscal_period": f"{world.year(year)}/{period}", "fiscal_year": world.year(year), "is_complete": True}
        | {"first_date": FIRST + timedelta(20 * world.number + 5 * year + period)}
        for world in worlds
        for year, period in product((0, 1, 2), (1, 2, 3))
    ]
    worked = [
        {"fiscal_period": f"{world.year(day.year)}/{day.period}", "function_name": day.function.title()}
        | {"worker_id": day.person, "is_head": True, "yearly_pay_minor": day.pay, "paid_thousandths": day.thousandths}
        for world in worlds
        for day in world.days
    ]
    with given({"int_fiscal_periods_begun": begun}, {"fct_worker_day": worked}) as connection:
        query = f"select fiscal_year, function_name, rate_millionths from ({compiled}) where fiscal_year not like '%-0'"
        return {(year, function): rate for year, function, rate in connection.execute(query).fetchall()}


def test_rates_are_what_another_implementation_says(worlds: list[World], rates: Rates) -> None:
    expected: Rates = {}
    for world in worlds:
        expected |= world.expected()
    assert {key: (rates.get(key), expected.get(key)) for key in dict(rates.items() ^ expected.items())} == {}


def test_rates_are_those_of_disclosure_control(worlds: list[World], rates: Rates) -> None:
    expected: Rates = {}
    for world in worlds:
        expected |= world.by_disclosure_control()
    assert {key: (rates.get(key), expected.get(key)) for key in dict(rates.items() ^ expected.items())} == {}


def test_worlds_are_of_all_kinds(worlds: list[World], rates: Rates) -> None:
    """Functions that are safe alone, that are merged, that take a safe one with them, and years without any rate."""
    kinds: Counter[str] = Counter()
    for paid in (period for world in worlds for year in (1, 2) for period in world.paid(year)):
        pay = {name: {person: one for person, (one, _) in people.items()} for name, people in paid.items()}
        for group in groups(pay):
            safe = [name for name in group if is_safe(pay[name])]
            kinds["alone" if len(group) == 1 else "took a safe one" if safe else "merged"] += 1
        kinds["none"] += bool(pay) and not groups(pay)
    assert min(kinds[kind] for kind in ("alone", "merged", "took a safe one", "none")) > 10
    assert len(set(rates.values())) > 30


def test_remainders_are_shared_and_withheld_as_disclosure_control_has_it(compiled: dict[str, str]) -> None:
    """Of 60 organisations of two years; their months have 30 days, and all payroll is posted."""
    begun, groups, worked, postings, parts = (list[dict[str, Any]]() for _ in range(5))
    expected: dict[str, str] = {}
    for seed in range(ORGANISATIONS):
        one = organisation(seed, years=2)
        published, posted = publish(one), defaultdict[tuple[str, str], float](float)
        for row in one.work:
            period = f"{seed}/{row.fiscal_period}"
            worked.append(
                {"fiscal_period": period, "worker_id": row.person_id, "is_head": True, "function_name": row.function}
                | {"yearly_pay_minor": one.pay[row.person_id, row.regime], "paid_thousandths": row.thousandths}
            )
            groups.append(
                {"fiscal_period": period, "function_name": row.function, "statement_group": row.statement_group}
            )
            posted[row.fiscal_period, row.statement_group] += one.posted_pay(row)
        for (name, group), other in one.other.items():
            period = f"{seed}/{name}"
            costs = (("payroll", True, round(posted[name, group])), ("facilities", False, other))
            for kind, is_pay, amount in costs:
                line = f"{period} {group} {kind}"
                postings.append(
                    {"gl_line_id": line, "fiscal_period": period, "statement_group": group, "cost_type": kind}
                    | {"is_pay": is_pay, "amount_minor": amount}
                )
                rule = "pay" if is_pay else "overhead_type"
                parts.append({"gl_line_id": line, "product_id": "a", "rule_id": rule, "amount_minor": amount})
        for number, name in enumerate(sorted({name for name, _ in one.other})):
            first = FIRST + timedelta(1000 * seed + 30 * number)
            begun.append(
                {"fiscal_period": f"{seed}/{name}", "fiscal_year": f"{seed}/{name[:4]}", "is_complete": True}
                | {"first_date": first, "last_date": first + timedelta(29)}
            )
            sizes = {len(together) for period, together in published.remainders if period == name}
            expected[f"{seed}/{name}"] = {(): "withheld", (1,): "own", (2,): "joint"}[tuple(sizes)]
    warehouse = {
        "int_fiscal_periods_begun": begun,
        "int_cost_postings_selected": [one for one in postings if one["amount_minor"]],
        "stg_quickbooks__preferences": [{"book_close_date": FIRST}],
    }
    distinct = [dict(one) for one in {tuple(row.items()) for row in groups}]
    restricted = {"fct_worker_day": worked, "int_people_groups_resolved": distinct, "int_cost_parts_placed": parts}
    with given(warehouse, restricted) as connection:
        found = dict(connection.execute(f"select fiscal_period, remainder from ({compiled[REMAINDERS]})").fetchall())
    assert {key: (found.get(key), expected[key]) for key in expected if found.get(key) != expected[key]} == {}
    assert min(Counter(expected.values()).values()) > 20
