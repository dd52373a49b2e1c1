"""Restatements that are planted in a company after its pack, one for each cause: what `prodops explain` says of them.

Belongs here: the changes, as loaders land them; what each must be found to have changed. Does not: landing, causes and
shares by hand (tests/serving/test_causes.py, test_attribution.py).

All changes land in one home, and each is asked for alone and beside another one, of which some slices see nothing. All
of them together are held against an ordinary build of what landed. Then two of them land alone in another home, in the
other order, and the command must say of them what it said before.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from cli import explain
from ingestion.home import private_files
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from orchestration import versions
from serving import asked, frozen, replays
from serving.asked import BOARD
from serving.attribution import shares
from serving.causes import Cause
from serving.frozen import Frozen
from serving.published import MARTS, Snapshot, current
from serving.replays import Figure
from tests.dbt.conftest import ARRIVED
from tests.end_to_end.play import newest
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by

PERIOD, LAST_DAY = "FY26-Q2", "2025-07-31"
METRIC, MART, LAST_PERIOD = "arr", "mart_arr", "FY26-P06"
FOLDERS = ("landing", "restricted/landing", "board", "published", "dbt")
PRODUCTS = ("payments", "insights")
OF_CONTRACT = ("subscriptions", "subscription_items", "invoices", "invoice_lines")

Payload = dict[str, Any]
Rows = Mapping[str, Mapping[str, Payload]]
"""By stream (``source/stream``) the payloads that land, by id."""
Values = Mapping[str, Decimal]
"""A figure by slice."""

PAIRS = (
    (Cause.LATE, Cause.IDENTITY),
    (Cause.EDIT, Cause.REORG),
    (Cause.FX, Cause.MAPPING),
    (Cause.DEFINITION, Cause.CODE),
)
"""Each cause once."""
MOVING = (Cause.IDENTITY, Cause.REORG, Cause.MAPPING)
"""They move what there is: the whole shows nothing of it."""
COMMANDED = (Cause.MAPPING, Cause.FX)
"""What the command is asked for, landed in this order; where all changes land it is the other one."""


@dataclass(frozen=True)
class Contract:
    """The largest one at the end of the period whose product one row of the files names: all that it is made of, and
    where its revenue stands."""

    subscription: str
    customer: str
    product: str
    segment: str
    product_id: str
    currency: str
    records: Rows


@dataclass(frozen=True)
class Planted:
    """What lands by each cause, the slice of the figure that shows it, and the dbt project of then, which is another
    one than now."""

    rows: Mapping[Cause, Rows]
    slices: Mapping[Cause, str]
    code: str


@dataclass
class Found:
    """How many figures and sets of causes were made again and how many shares looked at; what was wrong."""

    made_again: int = 0
    sets: int = 0
    shares: int = 0
    differences: list[str] = field(default_factory=list)


def explained(home: Path) -> Found:
    """``home``: a made-up company after a run."""
    found = Found()
    os.environ["PRODOPS_HOME"] = str(home)
    pack = current(home)
    assert pack is not None
    of = frozen.freeze(home, pack, versions.code_version(), versions.PROJECT)
    planted = plan(contract(home), home)
    figures = {one: asked.figure(pack, PERIOD, METRIC, one) for one in dict.fromkeys(["all", *planted.slices.values()])}
    with copied(home, home.with_name("planted")) as copy:
        for cause in sorted(planted.rows, key=lambda one: one == COMMANDED[0]):
            land(planted.rows[cause])
        known = measured(copy, replace(of, code=planted.code), figures, found)
        found.differences += together(copy, known, figures)
    for name, figure in figures.items():
        # The project of then takes eleven months for a year.
        then, made = explain.seen(pack, figure, "company"), known[frozenset()][name]
        if made * 12 != then * 11:
            found.differences.append(f"{name}: made again {made} by eleven months, in the pack {then} by twelve")
    for pair in PAIRS:
        found.differences += wrong(pair, planted, known, found)
    with copied(home, home.with_name("planted")) as copy:
        for cause in COMMANDED:
            land(planted.rows[cause])
        found.differences += commanded(copy, of, figures, known, planted)
    found.made_again, differing = made_again(home, pack, of)
    found.differences += differing
    return found


def measured(home: Path, of: Frozen, figures: Mapping[str, Figure], count: Found) -> dict[frozenset[Cause], Values]:
    """Each slice where the causes of a set are counted in: none, each, each pair, all; and what the command is asked
    for, with the code of now."""
    sets = [frozenset[Cause](), *(frozenset([one]) for pair in PAIRS for one in pair), *map(frozenset, PAIRS)]
    sets += [frozenset([Cause.CODE, one]) for one in COMMANDED]
    sets += [frozenset([Cause.CODE, *COMMANDED]), frozenset(Cause)]
    known = {}
    with explain.replaying(home, of, figures["all"]) as (again, changes):
        if {one.cause for one in changes} != {*Cause}:
            count.differences.append(f"of all causes {sorted({one.cause for one in changes})} are seen")
        for causes in dict.fromkeys(sets):
            begun = time.monotonic()
            with again.built(causes) as made:
                assert made is not None
                known[causes] = {name: replays.read(made, figure) or Decimal(0) for name, figure in figures.items()}
            said = ", ".join(f"{name} {value:f}" for name, value in known[causes].items())
            print(f"{' and '.join(sorted(causes)) or 'none'}: {said}; {time.monotonic() - begun:.0f} s", flush=True)
    count.sets = len(known)
    return known


def wrong(
    pair: tuple[Cause, Cause], planted: Planted, known: Mapping[frozenset[Cause], Values], count: Found
) -> Iterator[str]:
    """What is not as it was planted: a cause alone has all of a change, two add up to it in any order, and one that a
    slice does not see has nothing beside the other."""
    for cause in pair:
        name = planted.slices[cause]
        count.shares += 1
        alone = shares([cause], lambda of, name=name: known[of][name])
        if not alone[cause] or alone[cause] != known[frozenset([cause])][name] - known[frozenset()][name]:
            yield f"{cause} alone has {alone[cause]} in {name}"
    for name in dict.fromkeys(["all", *(planted.slices[cause] for cause in pair)]):
        count.shares += 2
        both = shares(pair, lambda of, name=name: known[of][name])
        if sum(both.values()) != known[frozenset(pair)][name] - known[frozenset()][name]:
            yield f"{both} in {name} do not add up"
        if both != shares(pair[::-1], lambda of, name=name: known[of][name]):
            yield f"{both} in {name} are others in another order"
        for cause in pair:
            is_seen = name == planted.slices[cause]
            if (is_seen or name == "all") and bool(both[cause]) != is_seen:
                yield f"{cause} has {both[cause]} in {name}"


def together(home: Path, known: Mapping[frozenset[Cause], Values], figures: Mapping[str, Figure]) -> Iterator[str]:
    """All causes at once are what an ordinary build makes of all that landed."""
    for name, value in built(home, {name: in_its_mart(name) for name in figures}).items():
        if value != known[frozenset(Cause)][name]:
            yield f"{name} with all causes is {known[frozenset(Cause)][name]}, in an ordinary build {value}"


def in_its_mart(slice_: str) -> Figure:
    """The same figure as its mart has it, in cells that add up."""
    part, _, value = slice_.partition("=")
    column = {"all": "'ALL'", "segment": "segment"}.get(part, f"{part}_id")
    query = f"select sum(closing_arr) from {{table}} where fiscal_period = $period and {column} = $value"
    return Figure(MART, query, {"period": LAST_PERIOD, "value": value or "ALL"})


def commanded(
    home: Path,
    of: Frozen,
    figures: Mapping[str, Figure],
    known: Mapping[frozenset[Cause], Values],
    planted: Planted,
) -> Iterator[str]:
    """By the command's own way, of two causes that landed alone."""
    name = planted.slices[COMMANDED[0]]
    sets: tuple[Sequence[Cause], ...] = ((), COMMANDED[:1], COMMANDED[1:], COMMANDED)
    values = {frozenset(one): known[frozenset([*one, Cause.CODE])][name] for one in sets}
    said = explain.explained(home, of, figures[name], values[frozenset()])
    if said.shares != shares(COMMANDED, values.__getitem__):
        yield f"{said.shares} by the command, {shares(COMMANDED, values.__getitem__)} where all landed"
    if [*(home / "restricted").glob(explain.FOLDER)]:
        yield "the command left its homes"


def made_again(home: Path, pack: Snapshot, of: Frozen) -> tuple[int, list[str]]:
    """All figures of the board from what was frozen alone: how many there are, and which of them the pack has not."""
    whole = Figure(BOARD, "select count(*) from {table}", {})
    with explain.replaying(home, of, whole) as (again, _), again.built(frozenset()) as made:
        assert made is not None
        with duckdb.connect(str(made / "warehouse.duckdb"), read_only=True) as warehouse:
            warehouse.execute(f"attach '{pack.marts_file}' as pack (read_only)")
            sides = (f"from pack.main.{BOARD}", f"from {MARTS}.{BOARD}")
            rows = warehouse.execute(f"select count(*) {sides[0]}").fetchall()
            differing = warehouse.execute(
                "select distinct concat_ws(' ', metric_id, slice_type, slice_value, period_id) from "
                f"(({sides[0]} except all {sides[1]}) union all ({sides[1]} except all {sides[0]})) order by 1"
            ).fetchall()
    return rows[0][0], [f"made again: {one} differs" for (one,) in differing]


def plan(one: Contract, home: Path) -> Planted:
    """A contract once more, one of twice the quantity, a customer and a product that are others', a product in another
    portfolio, a rate a tenth higher, another reporting currency, and models of eleven months."""

    def rows_of(stream: str) -> dict[str, Payload]:
        return {key: json.loads(payload) for key, (payload, _) in newest("files", stream).items()}

    def of_stripe(stream: str, key: str) -> dict[str, Payload]:
        return {name: row for name, row in rows_of(stream).items() if (row["source"], row["key"]) == ("stripe", key)}

    def changed(rows: Mapping[str, Payload], **values: str) -> dict[str, Payload]:
        return {key: {**row, **values} for key, row in rows.items()}

    products = rows_of("products")
    mine = {key: row for key, row in products.items() if row["product_id"] == one.product_id}
    portfolio = max(mine.values(), key=lambda row: row["valid_from"])["parent_id"]
    portfolios = [row["product_id"] for row in products.values() if row["level"] == "portfolio"]
    elsewhere = {"parent_id": next(name for name in portfolios if name != portfolio)}
    product = {"product_id": next(name for name in PRODUCTS if name != one.product_id)}
    customer = {"customer_id": _of_other_segment(one)}
    plan, policy = f"{one.currency}/{PERIOD[:4]}", rows_of("policy")
    rates = {plan: rows_of("fx_plan")[plan]}
    dearer = {"rate": str(Decimal(rates[plan]["rate"]) * Decimal("1.1"))}
    return Planted(
        {
            Cause.LATE: copied_contract(one),
            Cause.EDIT: {"stripe/invoice_lines": _doubled(one)},
            Cause.IDENTITY: {"files/customer_map": changed(of_stripe("customer_map", one.customer), **customer)},
            Cause.MAPPING: {"files/product_map": changed(of_stripe("product_map", one.product), **product)},
            Cause.REORG: {"files/products": changed(mine, **elsewhere)},
            Cause.FX: {"files/fx_plan": changed(rates, **dearer)},
            Cause.DEFINITION: {"files/policy": changed(policy, reporting_currency="EUR")},
        },
        {
            **dict.fromkeys(Cause, "all"),
            Cause.IDENTITY: f"segment={one.segment}",
            Cause.MAPPING: f"product={one.product_id}",
            Cause.REORG: f"portfolio={portfolio}",
        },
        code_of_eleven_months(home),
    )


def contract(home: Path) -> Contract:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        row = warehouse.execute(
            f"""
            select
                intervals.subscription_id, intervals.customer_key, intervals.product_key, accounts.segment,
                mapped.product_id, intervals.currency
            from intermediate.fct_subscription_interval as intervals
            inner join intermediate.int_billing_products_resolved as mapped
                on intervals.product_key = mapped.product_key and mapped.weight = 1 and mapped.mapping_date = $day
            inner join intermediate.int_billing_accounts_resolved as accounts
                on intervals.customer_key = accounts.customer_key and accounts.mapping_date = $day
            where intervals.valid_from < $day::date - 40 and intervals.valid_to > $day::date + 2
                and accounts.segment <> 'UNMAPPED' and intervals.currency <> 'EUR'
                and mapped.product_id in {PRODUCTS}
            order by intervals.mrr_minor desc, intervals.subscription_id limit 1
            """,
            {"day": LAST_DAY},
        ).fetchone()
    assert row is not None
    records = {
        f"stripe/{name}": {
            key: json.loads(payload) for key, (payload, _) in newest("stripe", name).items() if row[0] in payload
        }
        for name in OF_CONTRACT
    }
    return Contract(*row, records)


def copied_contract(one: Contract) -> Rows:
    """The same contract once more, of the same customer, with ids of its own."""
    ids = [key for rows in one.records.values() for key in rows]

    def renamed(value: object) -> str:
        text = json.dumps(value)
        for old in ids:
            text = text.replace(old, f"{old[:-2]}zz")
        return text

    return {
        name: {json.loads(renamed(key)): json.loads(renamed(payload)) for key, payload in rows.items()}
        for name, rows in one.records.items()
    }


def _doubled(one: Contract) -> Mapping[str, Payload]:
    """Lines of twice the quantity at the same price."""
    return {
        key: {
            **line,
            **{part: line[part] * 2 for part in ("amount", "subtotal", "quantity")},
            "quantity_decimal": str(line["quantity"] * 2),
        }
        for key, line in one.records["stripe/invoice_lines"].items()
    }


def _of_other_segment(one: Contract) -> str:
    rows = [json.loads(payload) for payload, _ in newest("files", "customers").values()]
    there = [row for row in rows if row["valid_from"] <= LAST_DAY and (row["valid_to"] or "9999") > LAST_DAY]
    return str(min(row["customer_id"] for row in there if row["segment"] not in (one.segment, "")))


def code_of_eleven_months(home: Path) -> str:
    """A project that takes eleven months for a year, kept as a pack keeps one; its hash."""
    mutated = home.with_name("eleven")
    shutil.rmtree(mutated, ignore_errors=True)
    shutil.copytree(versions.PROJECT, mutated)
    model = mutated / "models" / "marts" / "revenue" / "mart_arr.sql"
    text = model.read_text()
    assert "'12 * closing_plan_minor'" in text
    model.write_text(text.replace("'12 * closing_plan_minor'", "'11 * closing_plan_minor'"))
    code = frozen.code_hash(mutated)
    place = frozen.code_folder(home, code)
    shutil.rmtree(place, ignore_errors=True)
    shutil.move(mutated, place)
    return code


def built(home: Path, figures: Mapping[str, Figure]) -> Values:
    """Figures of the mart in an ordinary build of all that landed."""
    fresh = home.with_name("fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    with private_files():
        for name in ("restricted/spill", "logs"):
            (fresh / name).mkdir(parents=True, exist_ok=True)
        for name in ("landing", "restricted/landing"):
            (fresh / name).symlink_to(home / name)
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(fresh)
        build_models(fresh, "--select", f"+{MART}")
    found = {name: replays.read(fresh, figure) or Decimal(0) for name, figure in figures.items()}
    shutil.rmtree(fresh)
    return found


def land(rows: Rows) -> None:
    """As their loaders land them."""
    for source in dict.fromkeys(name.partition("/")[0] for name in rows):
        with written_by("files"), Landing(source, SOURCES[source].streams) as landing:
            for name, records in rows.items():
                if name.startswith(f"{source}/"):
                    made = [
                        Record(key, json.dumps(payload), ARRIVED, parent_id=_parent(payload))
                        for key, payload in records.items()
                    ]
                    landing.land(name.partition("/")[2], made)


def _parent(payload: Payload) -> str | None:
    return {"line_item": payload.get("invoice"), "subscription_item": payload.get("subscription")}.get(
        payload.get("object", "")
    )


@contextmanager
def copied(home: Path, copy: Path) -> Iterator[Path]:
    """A home with the same inputs, pack and snapshot, to plant something in."""
    shutil.rmtree(copy, ignore_errors=True)
    with environment_kept(), private_files():
        for name in FOLDERS:
            shutil.copytree(home / name, copy / name, symlinks=True)
        os.environ["PRODOPS_HOME"] = str(copy)
        yield copy
    shutil.rmtree(copy)
