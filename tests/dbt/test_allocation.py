"""The engine of allocation, by the SQL of the models itself, on made-up postings of any kind.

A failure here means that cost is lost, made, or put on a product that does not cause it. Each world is a fiscal period
of its own, so that one run of the models allocates all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sandbox.company.calendar import Period
from sandbox.truth import cost as truth
from sandbox.truth.books import Posting
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

MODELS = ("int_cost_parts_placed", "int_cost_parts_united", "int_shared_products_eliminated", "fct_allocation")
STANDARD = "int_standard_parts_placed"
"""What is published of the same postings: here nothing, as the engine allocates each scenario by itself."""
WORLDS = 400
FIRST = date(2020, 1, 1)
PRODUCTS, POOLS = ("a", "b", "c", "d"), ("p", "q", "r")
NOBODYS = ("UNMAPPED", "UNALLOCATED")
TRILLION = 10**12
DRIVERS = ("events", "active_users", "revenue", "equal", "cost")
Row = tuple[str, str, str, int]  # posting, stage, product, amount


@dataclass
class World:
    """A period of postings, with everything by which they are shared out."""

    number: int
    amounts: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    functions: list[str | None] = field(default_factory=list)
    classes: list[dict[str, int]] = field(
        default_factory=list
    )  # products of the class in millionths; empty without one
    shapes: dict[str, dict[str, int]] = field(default_factory=dict)
    drivers: dict[str, dict[str, int]] = field(default_factory=dict)
    pools: list[str] = field(default_factory=list)
    own_drivers: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def drawn(cls, number: int) -> World:
        random, world = Random(f"allocation {number}"), cls(number)
        names = [*PRODUCTS, *POOLS]
        for _ in range(random.randint(1, 12)):
            size = random.choice([9, 10_000, 10**9])
            world.amounts.append(random.choice([1, 1, 1, -1]) * random.randint(1, size))
            kind = random.choice(["payroll", "payroll", "cloud", "facilities", "contractor"])
            world.kinds.append(kind)
            world.functions.append(random.choice([None, "engineering", "sales", "pilots"]))
            class_ = random.choice(
                [{}, {}, {random.choice([*names, "UNMAPPED"]): 1_000_000}, {"a": 333_334, "p": 666_666}]
            )
            world.classes.append(class_)
        for scope in ("EVERYBODY", "engineering", "sales"):
            if random.random() < 0.8:
                weights = {name: random.choice([0, 1, random.randint(1, 10**6)]) for name in [*names, "OVERHEAD"]}
                whole = sum(weights.values()) or 1
                world.shapes[scope] = {name: round(Fraction(w * TRILLION, whole)) for name, w in weights.items()}
        for driver in DRIVERS[:-1]:
            known = {name: random.choice([0, 0, 1, random.randint(1, 10**9)]) for name in names}
            world.drivers[driver] = known if random.random() < 0.9 else {}
        world.pools = random.sample(POOLS, random.randint(0, 3))
        world.own_drivers = {pool: random.choice(DRIVERS) for pool in world.pools if random.random() < 0.7}
        world.rules = {
            "payroll_by_function": random.random() < 0.5,
            "classed_payroll": random.choice(["left_out", "ignored"]),
            "shared_method": random.choice(["step_down", "reciprocal"]),
            "shared_driver": random.choice(DRIVERS),
            "overhead_driver": random.choice(["cost", "revenue", "fte", "equal"]),
        }
        return world

    @property
    def name(self) -> str:
        return f"P{self.number}"

    @property
    def day(self) -> date:
        return FIRST + timedelta(days=self.number)

    @cached_property
    def fte(self) -> dict[str, int]:
        return {name: 3 * share // TRILLION + 1 for name, share in self.shapes.get("EVERYBODY", {}).items() if share}

    def expected(self) -> list[Row]:
        """What the made-up company's truth says of it: another implementation of the same definitions."""
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        stages = ("direct", "team", "shared", "overhead")
        for share in WorldCosts(self).shares(Period(self.name, "", "", self.day, self.day)):
            sums[f"{self.name}/{share.posting.line}", stages[share.stage], share.product_id] += share.amount
        return [(*key, amount) for key, amount in sums.items() if amount]


class WorldCosts(truth.Costs):
    """The truth of a world in place of a company."""

    def __init__(self, world: World) -> None:
        self.world, self.today = world, world.day
        posted = [
            Posting(world.day, "Bill", "1", number, str(number), amount, str(number) if world.classes[number] else "")
            for number, amount in enumerate(world.amounts)
        ]
        self.company: Any = SimpleNamespace(policy={"contractor_bills_follow_team": "false"})
        self.postings: Any = SimpleNamespace(of=lambda period: posted, products=self._products)
        shapes = {scope: {name: one for name, one in known.items() if one} for scope, known in world.shapes.items()}
        self.pay: Any = SimpleNamespace(shape=lambda period, scope: shapes.get(scope, {}), fte=lambda period: world.fte)
        self.drivers: Any = SimpleNamespace(of=lambda driver, period: world.drivers[driver])
        self.tools: Any = SimpleNamespace(untagged=lambda period: {})

    def _products(self, class_id: str, day: date) -> dict[str, Fraction]:
        return {name: Fraction(one) for name, one in self.world.classes[int(class_id)].items()} if class_id else {}

    def rules(self, period: Period) -> truth.Rules:
        said = self.world.rules
        return truth.Rules(
            by_function=said["payroll_by_function"],
            is_classed_left_out=said["classed_payroll"] == "left_out",
            is_reciprocal=said["shared_method"] == "reciprocal",
            shared_driver=said["shared_driver"],
            shared_drivers=self.world.own_drivers,
            overhead_driver=said["overhead_driver"],
        )

    def kind(self, posting: Posting) -> tuple[str, str, str]:
        number = int(posting.account)
        return "operating_expense", self.world.kinds[number], self.world.functions[number] or ""

    def shared_products(self, period: Period) -> set[str]:
        return set(self.world.pools)


def tables(worlds: Sequence[World]) -> dict[str, pa.Table]:
    """What the models read."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    always = {"valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)}
    rows["int_policies_read"].append({"contractor_bills_follow_team": False})
    # One row of nobody's in each, so that all tables have their columns.
    nobody = {"vendor_key": "-", "worker_id": "-", "team_id": "-", "product_id": "-", "fiscal_period": "-", **always}
    nobody |= {"driver_id": "-", "weight": 1, "pay_scope": "-", "share_trillionths": 1, "fte_weight": 1}
    nobody |= {"class_id": "-", "posting_date": FIRST, "weight_millionths": 1, "share_millionths": 1}
    nobody |= {"rules_version": "-", "shared_driver": "-", "team_type": "-"}
    nobody |= {"gl_line_id": "-", "is_classed": True, "amount_minor": 1}
    for table in (
        *("stg_files__vendor_maps", "dim_worker", "int_team_products_ranged", "int_class_products_resolved"),
        *("int_pay_shapes_measured", "int_product_drivers_measured", "stg_files__shared_drivers", "stg_files__teams"),
        *("stg_files__team_products", "int_tool_parts_placed"),
    ):
        rows[table].append(nobody)
    for world in worlds:
        period = {"fiscal_period": world.name}
        rows["int_allocation_rules_resolved"].append(
            period | {"as_of_date": world.day, "rules_version": world.name} | world.rules
        )
        for number, amount in enumerate(world.amounts):
            class_id = f"{world.name}/{number}" if world.classes[number] else None
            posting = {"gl_line_id": f"{world.name}/{number}", "posting_date": world.day, "account_id": str(number)}
            posting |= {"statement_group": "operating_expense", "cost_type": world.kinds[number], "currency": "EUR"}
            posting |= {"account_function": world.functions[number], "is_overhead": world.kinds[number] == "facilities"}
            posting |= {"class_id": class_id, "vendor_id": "71", "amount_minor": amount, "rules_version": world.name}
            rows["int_cost_postings_selected"].append(period | posting)
            for product, weight in world.classes[number].items():
                known = {"class_id": class_id, "posting_date": world.day, "product_id": product}
                rows["int_class_products_resolved"].append(known | {"weight_millionths": weight})
        for scope, shares in world.shapes.items():
            for product, share in shares.items():
                weights = {"share_trillionths": share, "fte_weight": world.fte.get(product, 0)}
                rows["int_pay_shapes_measured"].append(period | {"pay_scope": scope, "product_id": product} | weights)
        for driver, known_weights in world.drivers.items():
            for product, weight in known_weights.items():
                if weight:
                    measured = {"driver_id": driver, "product_id": product, "weight": weight}
                    rows["int_product_drivers_measured"].append(period | measured)
        team = {"team_id": world.name, "valid_from": world.day, "valid_to": world.day + timedelta(days=1)}
        rows["stg_files__teams"].append(team | {"team_type": "platform"})
        for pool in world.pools:
            rows["stg_files__team_products"].append(team | {"product_id": pool})
        for pool, driver in world.own_drivers.items():
            own = {"rules_version": world.name, "product_id": pool, "shared_driver": driver}
            rows["stg_files__shared_drivers"].append(own)
    return {
        name: pa.Table.from_pylist([{key: row.get(key) for key in known[0]} for row in known])
        for name, known in rows.items()
    }


class Engine:
    """The models, compiled, and a database in memory."""

    def __init__(self, warehouse: Warehouse) -> None:
        done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *MODELS)
        self.compiled = {one.node.name: one.node.compiled_code for one in done.result}
        self.places = {
            "int_policies_read": "warehouse.intermediate",
            "dim_worker": "restricted.intermediate",
            "int_pay_shapes_measured": "restricted.intermediate",
            "int_tool_parts_placed": "restricted.intermediate",
        }

    def allocated(self, worlds: Sequence[World], random: Random | None = None) -> list[Row]:
        """Every part of every posting; with ``random`` the rows that the models read are shuffled."""
        with duckdb.connect() as connection:
            for database in ("warehouse", "restricted"):
                connection.execute(f"attach ':memory:' as {database}")
                for schema in ("staging", "intermediate"):
                    connection.execute(f"create schema {database}.{schema}")
            for name, table in tables(worlds).items():
                if random is not None:
                    table = table.take(random.sample(range(len(table)), len(table)))
                place = self.places.get(name) or f"warehouse.{'staging' if name.startswith('stg') else 'intermediate'}"
                connection.register("given", table)
                connection.execute(f"create table {place}.{name} as from given")
            columns = "'' as scenario_id, *, '' as stage, '' as product_id, '' as rule_id, '' as driver_id"
            connection.execute(
                f"create table restricted.intermediate.{STANDARD} as "
                f"select {columns} from warehouse.intermediate.int_cost_postings_selected limit 0"
            )
            for name in MODELS:
                connection.execute(f"create table restricted.intermediate.{name} as {self.compiled[name]}")
            self.pools = connection.execute(
                "select fiscal_period, pool_id, product_id, share_trillionths "
                "from restricted.intermediate.int_shared_products_eliminated"
            ).fetchall()
            query = "select gl_line_id, stage, product_id, sum(amount_minor)::bigint from restricted.intermediate."
            return connection.execute(f"{query}fct_allocation group by all having sum(amount_minor) <> 0").fetchall()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(Warehouse(tmp_path_factory.mktemp("allocation") / "home"))


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [World.drawn(number) for number in range(WORLDS)]


@pytest.fixture(scope="module")
def rows(engine: Engine, worlds: list[World]) -> list[Row]:
    return engine.allocated(worlds)


def by_posting(rows: Sequence[Row]) -> Mapping[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for posting, _, _, amount in rows:
        sums[posting] += amount
    return sums


def test_the_parts_of_a_posting_add_up_to_it(worlds: list[World], rows: list[Row]) -> None:
    posted = {f"{world.name}/{n}": amount for world in worlds for n, amount in enumerate(world.amounts)}
    assert by_posting(rows) == posted
    assert {stage for _, stage, _, _ in rows} == {"direct", "team", "shared", "overhead"}


def test_no_part_of_a_posting_has_another_sign_but_what_leaves_a_shared_product(
    worlds: list[World], rows: list[Row]
) -> None:
    signs = {f"{world.name}/{n}": amount > 0 for world in worlds for n, amount in enumerate(world.amounts)}
    pools = {world.name: world.pools for world in worlds}
    turned = [row for row in rows if (row[3] > 0) != signs[row[0]]]
    assert turned
    assert [one for one in turned if one[1] != "shared" or one[2] not in pools[one[0].partition("/")[0]]] == []


def test_nothing_is_left_on_a_shared_product(worlds: list[World], rows: list[Row]) -> None:
    left: dict[tuple[str, str], int] = defaultdict(int)
    for posting, _, product, amount in rows:
        left[posting, product] += amount
    pools = {(world.name, pool) for world in worlds for pool in world.pools}
    assert {key: amount for key, amount in left.items() if amount and (key[0].partition("/")[0], key[1]) in pools} == {}


def test_the_models_say_what_another_implementation_says(worlds: list[World], rows: list[Row]) -> None:
    """To the minor unit, in every world, posting, stage and product."""
    found: dict[str, set[Row]] = defaultdict(set)
    for row in rows:
        found[row[0].partition("/")[0]].add(row)
    wrong = {world.name: set(world.expected()) ^ found[world.name] for world in worlds}
    assert {name: differences for name, differences in wrong.items() if differences} == {}


def test_the_order_of_rows_changes_nothing(engine: Engine, worlds: list[World], rows: list[Row]) -> None:
    assert sorted(engine.allocated(worlds, Random(3))) == sorted(rows)


def test_amounts_a_thousand_times_as_large_are_shared_as_before(
    engine: Engine, worlds: list[World], rows: list[Row]
) -> None:
    """Where the parts do not depend on what was rounded before: overhead goes by revenue, pools by use."""
    fixed = [world for world in worlds if "cost" not in (*world.rules.values(), *world.own_drivers.values())]
    larger = [replace(world, amounts=[1000 * one for one in world.amounts]) for world in fixed]
    names = {world.name for world in fixed}
    before = {row[:3]: row[3] for row in rows if row[0].partition("/")[0] in names}
    after = {row[:3]: row[3] for row in engine.allocated(larger)}
    assert len(fixed) > WORLDS // 10
    assert {
        key for key in before.keys() | after.keys() if abs(after.get(key, 0) - 1000 * before.get(key, 0)) >= 1000 * 4
    } == set()


def test_what_nobody_uses_is_unallocated(engine: Engine, worlds: list[World]) -> None:
    """No driver of any kind: shared products, overhead and pay all go to nobody, and nothing is lost."""
    nothing: dict[str, dict[str, int]] = {one: {} for one in DRIVERS[:-1]}
    bare = [replace(world, drivers=nothing, shapes={}, own_drivers={}) for world in worlds]
    for world in bare:
        world.rules = world.rules | {"shared_driver": "events", "overhead_driver": "revenue"}
    found = engine.allocated(bare)
    assert by_posting(found) == {f"{w.name}/{n}": amount for w in bare for n, amount in enumerate(w.amounts)}
    assert {product for _, stage, product, amount in found if stage in ("team", "overhead")} == {"UNALLOCATED"}
    pools = {(world.name, pool) for world in bare for pool in world.pools}
    arrived = {p for posting, stage, p, _ in found if stage == "shared" and (posting.partition("/")[0], p) not in pools}
    assert arrived == {"UNALLOCATED"}


def test_reciprocal_is_the_closed_form_and_step_down_depends_on_who_goes_first(engine: Engine) -> None:
    """Core passes 1 : 1 : 2 on to log, x and y; log passes 4 : 5 : 1 on to core, x and y. At once core ends up 5 : 7 at
    x and y, log 2 : 1. Step by step it depends: the most costly goes first and gets nothing back."""
    drivers = {"events": {"q": 1, "a": 1, "b": 2}, "revenue": {"p": 4, "a": 5, "b": 1}, "active_users": {}, "equal": {}}
    classes = [{"p": 1_000_000}, {"q": 1_000_000}]
    given: list[World] = []
    for number, (method, amounts) in enumerate(
        [("reciprocal", [100, 50]), ("step_down", [100, 50]), ("step_down", [50, 100])]
    ):
        rules = {"payroll_by_function": True, "classed_payroll": "left_out", "shared_method": method}
        rules |= {"shared_driver": "events", "overhead_driver": "cost"}
        given.append(
            World(
                number, amounts, ["cloud"] * 2, ["sales"] * 2, classes, {}, drivers, ["p", "q"], {"q": "revenue"}, rules
            )
        )
    engine.allocated(given)
    shares = {(period, pool, product): Fraction(part, TRILLION) for period, pool, product, part in engine.pools}
    exact = {
        ("P0", "p", "a"): Fraction(5, 12), ("P0", "p", "b"): Fraction(7, 12),
        ("P0", "q", "a"): Fraction(2, 3), ("P0", "q", "b"): Fraction(1, 3),
        ("P1", "p", "a"): Fraction(11, 24), ("P1", "p", "b"): Fraction(13, 24),
        ("P1", "q", "a"): Fraction(5, 6), ("P1", "q", "b"): Fraction(1, 6),
        ("P2", "p", "a"): Fraction(1, 3), ("P2", "p", "b"): Fraction(2, 3),
        ("P2", "q", "a"): Fraction(19, 30), ("P2", "q", "b"): Fraction(11, 30),
    }  # fmt: skip
    assert {key: round(share * TRILLION) for key, share in shares.items()} == {
        key: round(share * TRILLION) for key, share in exact.items()
    }
