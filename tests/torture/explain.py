"""Restatements that are planted in a company after its pack, one for each cause: what `prodops explain` says of them.

Belongs here: the changes, as loaders land them; what each must be found to have changed. Does not: landing, causes and
shares by hand (tests/serving/test_causes.py, test_attribution.py).

Beside most of the planted causes another one has changes too, that do not bear on the figure: it must have nothing.
What the figure is now is held against an ordinary build of its mart from all that landed.
"""

import json
import os
import re
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
from cli.explain import Explained
from ingestion.home import private_files
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from orchestration import dbt_process, versions
from serving import asked, frozen
from serving.asked import BOARD
from serving.causes import Cause, composed
from serving.frozen import Frozen
from serving.published import MARTS, Snapshot, current
from serving.replays import Figure, Replays
from tests.dbt.conftest import ARRIVED
from tests.end_to_end.play import newest
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by

PERIOD, LAST_DAY = "FY26-Q2", "2025-07-31"
METRIC, MEASURE = "arr", "mart_arr.closing_arr"
FOLDERS = ("landing", "restricted/landing", "board", "published", "dbt")
OF_CONTRACT = ("subscriptions", "subscription_items", "invoices", "invoice_lines")

Payload = dict[str, Any]
Rows = Mapping[str, Mapping[str, Payload]]
"""By stream (``source/stream``) the payloads that land, by id."""


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
    """Changes by their causes, and the slice of the figure that they bear on. ``idle``: causes of which some do not.
    ``project``: the dbt project of then, where it was another."""

    name: str
    slice: str
    changes: Mapping[Cause, Rows]
    idle: Sequence[Cause] = ()
    project: str | None = None


@dataclass
class Found:
    """What was made again and explained: how many, what was wrong, and how long it took."""

    made_again: int = 0
    explained: int = 0
    builds: int = 0
    differences: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def explained(home: Path) -> Found:
    """``home``: a made-up company after a run."""
    found = Found()
    os.environ["PRODOPS_HOME"] = str(home)
    pack = current(home)
    assert pack is not None
    of = frozen.freeze(home, pack, versions.code_version(), versions.PROJECT)
    found.made_again, found.differences = made_again(home, pack, of)
    print(f"{found.made_again} figures made again, {len(found.differences)} differ", flush=True)
    for planted in plans(contract(home), home):
        with copied(home, home.with_name("planted")) as copy:
            found.differences += [f"{planted.name}: {one}" for one in _found(copy, pack, of, planted, found)]
            print(f"{planted.name}: {found.seconds[-1]:.0f} s, {len(found.differences)} differences so far", flush=True)
    return found


def made_again(home: Path, pack: Snapshot, of: Frozen) -> tuple[int, list[str]]:
    """All figures of the board from what was frozen alone: how many there are, and those that are others in the pack."""
    figure = Figure(BOARD, "select count(*) from {table}", {})
    with explain.scratch() as folder:
        projects, _ = explain.projects_of(home, of, folder, figure)
        (project,) = projects.values()
        inputs = composed(of, project.lineage.readers.keys(), folder / "files")

        def build(place: Path, models: Path, arguments: Sequence[str]) -> None:
            dbt_process.run_in(place, explain.target_of(home, models), models, arguments)

        Replays(home, folder, inputs, projects, figure, build).value(frozenset())
        with duckdb.connect(str(folder / "base-0" / "warehouse.duckdb")) as again:
            again.execute(f"attach '{pack.marts_file}' as pack (read_only)")
            sides = (f"from pack.main.{BOARD}", f"from {MARTS}.{BOARD}")
            rows = again.execute(f"select count(*) {sides[0]}").fetchall()
            key = "concat_ws(' ', metric_id, slice_type, slice_value, period_id)"
            differing = again.execute(
                f"select distinct {key} from (({sides[0]} except all {sides[1]}) union all ({sides[1]} except all "
                f"{sides[0]})) order by 1"
            ).fetchall()
    return rows[0][0], [f"made again: {one} differs" for (one,) in differing]


def _found(home: Path, pack: Snapshot, of: Frozen, planted: Planted, count: Found) -> Iterator[str]:
    figure = asked.figure(pack, PERIOD, METRIC, planted.slice)
    measure = asked.figure(pack, PERIOD, MEASURE, re.sub("^(product|portfolio)=", r"\1_id=", planted.slice))
    then = explain.seen(pack, figure, "company")
    if then != explain.seen(pack, measure, "company"):
        yield f"{METRIC} is {then}, and another by its mart"
    if planted.project:
        then, of = _with_code(of, then, planted.project)
    for rows in planted.changes.values():
        land(rows)
    begun = time.monotonic()
    said = explain.explained(home, of, figure, then)
    count.seconds.append(time.monotonic() - begun)
    count.explained += 1
    count.builds += 2 ** len(said.shares)
    yield from wrong(said, planted, then, built(home, measure))
    if left := list((home / "restricted").glob("explain*")):
        yield f"left {left}"


def wrong(said: Explained, planted: Planted, then: Decimal, now: Decimal) -> Iterator[str]:
    """What is not as it was planted."""
    expected = {*planted.changes, *([Cause.CODE] if planted.project else [])}
    if said.shares.keys() != expected:
        yield f"causes {sorted(said.shares)}, planted {sorted(expected)}"
    if said.now != now:
        yield f"{said.now} now, and {now} in an ordinary build"
    if sum(said.shares.values()) != now - then:
        yield f"shares {said.shares} do not add up to {now - then}"
    active = expected - {*planted.idle}
    for cause, share in said.shares.items():
        if (share == 0) != (cause not in active):
            yield f"{cause} has {share}"
    if len(active) == 1 and (share := said.shares.get(min(active))) != now - then:
        yield f"{active} has {share} of {now - then}"


def plans(one: Contract, home: Path) -> Iterator[Planted]:
    """A cause each, most with an idle one beside it; then several at once."""
    late, edit = copied_contract(one), {f"stripe/{name}": _doubled(one, name) for name in ("invoice_lines",)}
    customers, parents = newest("files", "customer_map"), newest("files", "products")
    day = {"files/read_days": {"read_day": {"day": "2026-10-16"}}}
    note = {"stripe/subscriptions": {one.subscription: _of(one, "subscriptions") | {"metadata": {"note": "renewed"}}}}
    identity = {
        "files/customer_map": {
            key: {**json.loads(payload), "customer_id": _of_other_segment(one)}
            for key, (payload, _) in customers.items()
            if json.loads(payload)["source"] == "stripe" and json.loads(payload)["key"] == one.customer
        }
    }
    other = next(name for name in ("payments", "insights") if name != one.product_id)
    mapping = {
        "files/product_map": {
            key: {**json.loads(payload), "product_id": other}
            for key, (payload, _) in newest("files", "product_map").items()
            if json.loads(payload)["source"] == "stripe" and json.loads(payload)["key"] == one.product
        }
    }
    products = {key: json.loads(payload) for key, (payload, _) in parents.items()}
    mine = {key: row for key, row in products.items() if row["product_id"] == one.product_id}
    portfolio = max(mine.values(), key=lambda row: row["valid_from"])["parent_id"]
    moved = next(
        row["product_id"] for row in products.values() if row["level"] == "portfolio" and row["product_id"] != portfolio
    )
    reorg = {"files/products": {key: {**row, "parent_id": moved} for key, row in mine.items()}}
    plan = f"{one.currency}/{PERIOD[:4]}"
    rate = json.loads(newest("files", "fx_plan")[plan][0])
    fx = {"files/fx_plan": {plan: {**rate, "rate": str(Decimal(rate["rate"]) * Decimal("1.1"))}}}
    unused = {"files/fx_plan": {f"SEK/{PERIOD[:4]}": {"currency": "SEK", "fiscal_year": PERIOD[:4], "rate": "11"}}}
    policy = json.loads(newest("files", "policy")["policy"][0])
    definition = {"files/policy": {"policy": {**policy, "dated_credits_count": "false", "past_due_days": "0"}}}
    eleven = code_of_eleven_months(home)
    of_product = f"product={one.product_id}"
    yield Planted("definition", "all", {Cause.DEFINITION: definition})
    yield Planted("code", "all", {Cause.EDIT: note}, [Cause.EDIT], eleven)
    yield Planted("late data", "all", {Cause.LATE: late, Cause.FX: unused}, [Cause.FX])
    yield Planted("source edit", "all", {Cause.EDIT: edit})
    yield Planted("identity merge", f"segment={one.segment}", {Cause.IDENTITY: identity})
    yield Planted("mapping", of_product, {Cause.MAPPING: mapping, Cause.EDIT: note}, [Cause.EDIT])
    yield Planted("reorg", f"portfolio={portfolio}", {Cause.REORG: reorg, Cause.LATE: day}, [Cause.LATE])
    yield Planted("fx", "all", {Cause.FX: fx, Cause.EDIT: note}, [Cause.EDIT])
    yield Planted("late data and mapping", of_product, {Cause.LATE: late, Cause.MAPPING: mapping})
    yield Planted("source edit and fx", "all", {Cause.EDIT: edit, Cause.FX: fx})
    yield Planted("fx and code", "all", {Cause.FX: fx}, [], eleven)


def contract(home: Path) -> Contract:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        row = warehouse.execute(
            """
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
                and mapped.product_id in ('payments', 'insights')
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


def _doubled(one: Contract, name: str) -> Mapping[str, Payload]:
    """Lines of twice the quantity at the same price."""
    lines = one.records[f"stripe/{name}"]
    return {
        key: {
            **line,
            **{part: line[part] * 2 for part in ("amount", "subtotal", "quantity")},
            "quantity_decimal": str(line["quantity"] * 2),
        }
        for key, line in lines.items()
    }


def _of(one: Contract, name: str) -> Payload:
    return one.records[f"stripe/{name}"][one.subscription]


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


def _with_code(of: Frozen, then: Decimal, code: str) -> tuple[Decimal, Frozen]:
    """As if that project had built what the pack shows: eleven months for twelve."""
    return then / 12 * 11, replace(of, code=code)


def built(home: Path, figure: Figure) -> Decimal:
    """The figure in an ordinary build of all that landed."""
    fresh = home.with_name("fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    with private_files():
        for name in ("restricted/spill", "logs"):
            (fresh / name).mkdir(parents=True, exist_ok=True)
        for name in ("landing", "restricted/landing"):
            (fresh / name).symlink_to(home / name)
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(fresh)
        build_models(fresh, "--select", f"+{figure.mart}")
    with duckdb.connect(str(fresh / "warehouse.duckdb"), read_only=True) as warehouse:
        found = figure.read(warehouse, f"marts.{figure.mart}")
    shutil.rmtree(fresh)
    assert found is not None
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
