"""Rounding and sharing out money, by the SQL of the macros itself against whole numbers and fractions of Python.

A failure here means that minor units are lost or made wherever money is rounded or goes to several products.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.dbt.conftest import Warehouse
from tests.in_process_dbt import dbt

POOLS = 5_000
EXPONENTS = {"JPY": 0, "EUR": 2, "KWD": 3}
LARGEST = 2**63 - 1  # of a bigint

SHARED_OUT = (
    "shared_out('parts', pool=['currency', 'pool'], names=['product', 'place'], amount='amount', weight='weight')"
)
HALF_EVEN = "half_even('numerator', 'denominator')"


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The macros as dbt compiles them for DuckDB."""
    warehouse = Warehouse(tmp_path_factory.mktemp("money") / "home")
    inline = f"{{{{ {SHARED_OUT} }}}} /* and */ {{{{ {HALF_EVEN} }}}}"
    compiled = dbt(warehouse.home, "compile", "--inline", inline).result[0].node.compiled_code
    return dict(zip((SHARED_OUT, HALF_EVEN), compiled.split("/* and */"), strict=True))


class Pool:
    """An amount of a currency and the weights by which it is shared out, each with a name of two columns."""

    def __init__(self, random: Random, number: int) -> None:
        self.currency, self.number = random.choice(list(EXPONENTS)), number
        minor_units = random.choice([random.randint(-9, 9), random.randint(-9_999_999, 9_999_999), LARGEST, -LARGEST])
        self.amount = Decimal(minor_units).scaleb(-EXPONENTS[self.currency])
        most = random.choice([1, 3, 1_000_000, LARGEST])
        names = random.sample([(product, place) for product in "abZé" for place in "xy"], random.randint(1, 8))
        self.weights = dict.fromkeys(names, 0)
        while not any(self.weights.values()):
            self.weights = {name: random.randint(0, most) for name in names}

    @property
    def minor_units(self) -> int:
        return int(self.amount.scaleb(EXPONENTS[self.currency]))

    def rows(self) -> list[tuple[str, int, str, str, int, int]]:
        return [(self.currency, self.number, *name, self.minor_units, weight) for name, weight in self.weights.items()]

    def problems(self, shares: dict[tuple[str, str], int]) -> list[str]:
        """What is not as it must be, found without sharing anything out."""
        whole, size = sum(self.weights.values()), abs(self.minor_units)
        signs = {(share > 0) - (share < 0) for share in shares.values()} - {0}
        found = []
        if sum(Decimal(share).scaleb(-EXPONENTS[self.currency]) for share in shares.values()) != self.amount:
            found.append("minor units are lost or made")
        if signs - {1 if self.amount > 0 else -1}:
            found.append("a part has another sign than the amount")
        if any(abs(abs(share) * whole - size * self.weights[name]) >= whole for name, share in shares.items()):
            found.append("a part is a minor unit or more off")
        # In the order of what they miss, then by name: those that got a minor unit more stand before those that did
        # not.
        order = sorted(shares, key=lambda name: (-(size * self.weights[name] % whole), name))
        more = [abs(shares[name]) - size * self.weights[name] // whole for name in order]
        if more != sorted(more, reverse=True):
            found.append("a minor unit went to a smaller remainder or to a later name")
        return found


def shared_out(compiled: str, rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, int], dict[tuple[str, str], int]]:
    names = ("currency", "pool", "product", "place", "amount", "weight")
    parts = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    with duckdb.connect() as connection:
        connection.register("parts", parts)
        found: dict[tuple[str, int], dict[tuple[str, str], int]] = {}
        query = f"select currency, pool, product, place, shared_minor from ({compiled})"
        for currency, pool, product, place, share in connection.execute(query).fetchall():
            found.setdefault((currency, pool), {})[product, place] = share
    return found


def test_five_thousand_pools_are_shared_out_without_losing_a_minor_unit_in_any_order_of_their_rows(
    sql: dict[str, str],
) -> None:
    random = Random(5)
    pools = [Pool(random, number) for number in range(POOLS)]
    rows = [row for pool in pools for row in pool.rows()]
    shares = shared_out(sql[SHARED_OUT], rows)
    broken = {
        pool.number: problems for pool in pools if (problems := pool.problems(shares[pool.currency, pool.number]))
    }
    assert len(shares) == POOLS
    assert broken == {}
    assert shared_out(sql[SHARED_OUT], random.sample(rows, len(rows))) == shares


def test_a_debt_is_shared_as_a_claim_of_the_same_size_and_equal_remainders_go_by_name(sql: dict[str, str]) -> None:
    """Ten by thirds is 3.33 each: one minor unit is left, and all miss the same. -100 by 0.333334, 0.333333,
    0.333333."""
    thirds = [("JPY", 1, product, "x", 10, 1) for product in "cab"]
    debt = [
        ("EUR", 2, *part) for part in [("a", "x", -100, 333_333), ("b", "x", -100, 333_334), ("c", "x", -100, 333_333)]
    ]
    assert shared_out(sql[SHARED_OUT], [*thirds, *debt]) == {
        ("JPY", 1): {("a", "x"): 4, ("b", "x"): 3, ("c", "x"): 3},
        ("EUR", 2): {("a", "x"): -33, ("b", "x"): -34, ("c", "x"): -33},
    }


@pytest.mark.parametrize("weights", [(0, 0), (2, -1), (1, None)])
def test_weights_by_which_nothing_can_be_shared_stop_the_build_and_are_named(
    sql: dict[str, str], weights: tuple[int | None, ...]
) -> None:
    rows = [("EUR", 7, product, "x", 100, weight) for product, weight in zip("ab", weights, strict=True)]
    with pytest.raises(duckdb.Error, match="no weights to share by, or negative ones: EUR, 7"):
        shared_out(sql[SHARED_OUT], rows)


def test_fractions_are_rounded_once_half_to_even(sql: dict[str, str]) -> None:
    random = Random(5)
    halves = [(number, 2) for number in range(-9, 10)] + [(number * 35, 14) for number in range(-9, 10)]
    near = [
        (10**38 - 1, 2 * 10**20),
        (-(10**38 - 1), 10**20),
        (LARGEST, 1),
        (5 * 10**36 - 1, 10**37),
        (5 * 10**36, 10**37),
    ]
    others = [(random.randint(-(10**24), 10**24), random.randint(10**6, 10**18)) for _ in range(POOLS)]
    fractions = [*halves, *near, *others]
    columns = {"numerator": [str(one) for one, _ in fractions], "denominator": [str(other) for _, other in fractions]}
    with duckdb.connect() as connection:
        connection.register("texts", pa.table(columns))
        rounded = connection.execute(
            f"select {sql[HALF_EVEN]} from (select cast(numerator as decimal(38, 0)) as numerator, "
            "cast(denominator as decimal(38, 0)) as denominator from texts)"
        ).fetchall()
    assert [minor_units for (minor_units,) in rounded] == [round(Fraction(*fraction)) for fraction in fractions]
