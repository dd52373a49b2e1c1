"""Standard rates, by the SQL of the model itself, on made-up people of any kind.

A failure here means that a rate is made of too few people's pay, or is not the mean's nearest step. Each world is two
fiscal years after one in which nobody works, so that one run of the model makes the rates of all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from random import Random

import duckdb
import pyarrow as pa
import pytest

from sandbox.truth.standard import Paid, groups, is_safe
from sandbox.truth.standard import rates as rates_of
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

MODEL = "int_standard_rates_resolved"
WORLDS = 300
FUNCTIONS = ("design", "engineering", "legal", "sales", "support")
FIRST = date(1000, 1, 1)
Rates = dict[tuple[str, str], int]


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

    def expected(self) -> Rates:
        first, second = self.paid(1), self.paid(2)
        made = {self.year(1): rates_of([], first), self.year(2): rates_of(first, second)}
        return {(year, name): int(rate * 10**6) for year, known in made.items() for name, rate in known.items()}


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
    for paid in (period for world in worlds for year in (1, 2) for period in world.paid(year)):
        pay = {name: {person: one for person, (one, _) in people.items()} for name, people in paid.items()}
        for group in groups(pay):
            safe = [name for name in group if is_safe(pay[name])]
            kinds["alone" if len(group) == 1 else "took a safe one" if safe else "merged"] += 1
        kinds["none"] += bool(pay) and not groups(pay)
    assert min(kinds[kind] for kind in ("alone", "merged", "took a safe one", "none")) > 10
    assert len(set(rates.values())) > 30
