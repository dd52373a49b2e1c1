"""Standard rates, by the SQL of the model itself, on made-up people of any kind.

A failure here means that a rate is made of too few people's pay, or is not the mean's nearest step. Each world is two
fiscal years after one in which nobody works, so that one run of the model makes the rates of all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import duckdb
import pyarrow as pa
import pytest

from sandbox.truth.standard import groups, is_safe, standard
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

MODEL = "int_standard_rates_resolved"
WORLDS = 300
FUNCTIONS = ("design", "engineering", "legal", "sales", "support")
FIRST = date(1000, 1, 1)
Rates = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Day:
    """A day of work: of whom, in which of the world's years, at which pay of a year."""

    year: str
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
        for year in world.years:
            for function in random.sample(FUNCTIONS, random.randint(0, len(FUNCTIONS))):
                for person in range(random.choice([1, 2, 4, 5, 6, 9])):
                    pay = random.choice([None, 0, *[round(size * spread ** random.uniform(-1, 1))] * 12])
                    # some are of two functions
                    name = random.choice([f"{function} {person}", f"{function} {person}", f"anyone {person}"])
                    for _ in range(random.choice([1, 1, 2])):
                        world.days.append(Day(year, name, function, pay, random.choice([0, 250, 500, 1000, 1000])))
        return world

    @property
    def years(self) -> tuple[str, str]:
        return f"W{self.number}-A", f"W{self.number}-B"

    def paid(self, year: str) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for day in self.days:
            if day.year == year and day.pay and day.thousandths:
                found[day.function][day.person] += day.pay * day.thousandths
        return found

    def own(self, year: str) -> dict[str, int]:
        """The rates that a year's pay makes, in millionths."""
        pay, rates = self.paid(year), {}
        for group in groups(pay):
            days = [day for day in self.days if day.year == year and day.function in group and day.pay]
            whole = sum(sum(pay[name].values()) for name in group)
            rate = standard(Fraction(whole, 365 * sum(day.thousandths for day in days)))
            rates |= dict.fromkeys(group, int(rate * 10**6))
        return rates

    def expected(self) -> Rates:
        before, after = (self.own(year) for year in self.years)
        first, second = self.years
        return {(first, name): rate for name, rate in before.items()} | {
            (second, name): rate for name, rate in (after | before).items()
        }


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [World.drawn(number) for number in range(WORLDS)]


@pytest.fixture(scope="module")
def rates(worlds: list[World], tmp_path_factory: pytest.TempPathFactory) -> Rates:
    warehouse = Warehouse(tmp_path_factory.mktemp("standard") / "home")
    done = in_process_dbt.dbt(warehouse.home, "compile", "--select", MODEL)
    (compiled,) = (one.node.compiled_code for one in done.result if one.node.name == MODEL)
    return made(compiled, worlds)


def made(compiled: str, worlds: list[World]) -> Rates:
    """What the compiled model makes of the worlds."""
    begun = [
        {"fiscal_period": f"P {year}", "fiscal_year": year, "first_date": FIRST + timedelta(10 * world.number + place)}
        for world in worlds
        for place, year in enumerate((f"W{world.number}-0", *world.years))
    ]
    worked = [
        {"fiscal_period": f"P {day.year}", "function_name": day.function.title(), "worker_id": day.person}
        | {"is_head": True, "yearly_pay_minor": day.pay, "paid_thousandths": day.thousandths}
        for world in worlds
        for day in world.days
    ]
    with duckdb.connect() as connection:
        for database, model, rows in (
            ("warehouse", "int_fiscal_periods_begun", begun),
            ("restricted", "fct_worker_day", worked),
        ):
            connection.execute(f"attach ':memory:' as {database}; create schema {database}.intermediate")
            connection.register("given", pa.Table.from_pylist(rows))
            connection.execute(f"create table {database}.intermediate.{model} as from given")
        query = f"select fiscal_year, function_name, rate_millionths from ({compiled}) where fiscal_year not like '%-0'"
        return {(year, function): rate for year, function, rate in connection.execute(query).fetchall()}


def test_rates_are_what_another_implementation_says(worlds: list[World], rates: Rates) -> None:
    expected: Rates = {}
    for world in worlds:
        expected |= world.expected()
    assert {key: (rates.get(key), expected.get(key)) for key in dict(rates.items() ^ expected.items())} == {}


def test_worlds_are_of_all_kinds(worlds: list[World], rates: Rates) -> None:
    """Functions that are safe alone, that are merged, that take a safe one with them, and years without any rate."""
    kinds: Counter[str] = Counter()
    for world in worlds:
        for year in world.years:
            paid = world.paid(year)
            for group in groups(paid):
                safe = [name for name in group if is_safe(paid[name])]
                kinds["alone" if len(group) == 1 else "took a safe one" if safe else "merged"] += 1
            kinds["none"] += bool(paid) and not groups(paid)
    assert min(kinds[kind] for kind in ("alone", "merged", "took a safe one", "none")) > 10
    assert len(set(rates.values())) > 30
