"""Closed periods stay as they were published until a person accepts a change.

A failure here means that a figure that the board has seen changes without a word, or that an accepted one never comes.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from serving import restatements
from serving.comments import Column, MartInfo
from serving.failures import Check
from serving.publish import Edition, publish
from serving.published import current, status
from serving.restatements import RestatementError

NOW = datetime(2026, 6, 10, 6, tzinfo=UTC)
CASE = Path(__file__).parents[1] / "cases" / "cost" / "pay07-retro-raise.json"
INFO = MartInfo(
    ("fiscal_period", "product_id"),
    ("cost", "margin_ratio"),
    "One row per fiscal period x product.",
    {"cost": Column("Cost.", "decimal(38,4)", "additive"), "margin_ratio": Column("Margin.", "double")},
)
OTHER = MartInfo(("thing_id",), (), "One row per thing.")
Figures = dict[str, dict[str, str]]


def build(home: Path, figures: Figures, *closed: str) -> Path:
    """A warehouse with cost by period and product; the margin changes with every build, and is no sum."""
    rows = [(period, product, cost) for period, of in figures.items() for product, cost in of.items()]
    values = ", ".join(
        f"('{period}', '{product}', {cost}::decimal(38,4), 'EUR', {period in closed}, {len(figures)} / {cost}::double)"
        for period, product, cost in rows
    )
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema if not exists marts")
        warehouse.execute(
            f"create or replace table marts.mart_product_cost as from (values {values}) as rows(fiscal_period, "
            "product_id, cost, currency, is_closed, margin_ratio)"
        )
        warehouse.execute(f"create or replace table marts.mart_things as select {len(rows)} as thing_id")
    return home / "warehouse.duckdb"


def published(home: Path, at: datetime = NOW) -> list[Check]:
    """Publishes as the gate's asset does; the checks that restatements add."""
    marts, warehouse = {"mart_product_cost": INFO, "mart_things": OTHER}, home / "warehouse.duckdb"
    found = restatements.found(home, warehouse, current(home), marts, at)
    publish(home, warehouse, Edition(at, "1", [Check("a", "b", True), *found], {}, marts))
    return found


def shown(home: Path) -> Figures:
    served = current(home)
    assert served is not None
    found: Figures = {}
    with served.connect() as marts:
        for period, product, cost in marts.execute(
            "select fiscal_period, product_id, cost from mart_product_cost"
        ).fetchall():
            found.setdefault(period, {})[product] = f"{cost:.2f}"
    return found


def case() -> dict[str, Figures]:
    right = json.loads(CASE.read_text())["right"]["by_switch"]
    return {name: {period: {**of} for period, of in figures.items()} for name, figures in right.items()}


def test_a_retroactive_raise_opens_a_restatement_where_figures_are_as_known_now(tmp_path: Path) -> None:
    """pay07, default: March and April are closed and published; the raise of May changes both, and who reads them sees
    the old ones until somebody accepts each."""
    before, after = case()["as known when each period closed"], case()["as known now"]
    closed = ("FY26-P03", "FY26-P04")
    build(tmp_path, {period: before[period] for period in closed}, *closed)
    assert published(tmp_path) == []
    build(tmp_path, after, *closed)
    (check,) = published(tmp_path)
    assert (check.on, check.holds, check.passed) == ("marts/mart_product_cost", ("mart_product_cost",), False)
    assert "FY26-P03 cost of x: 5000.0000 -> 4166.6700" in str(check)
    assert "prodops restate accept FY26-P03 FY26-P04" in str(check)
    assert shown(tmp_path) == {period: before[period] for period in closed}
    held = current(tmp_path)
    assert held is not None
    assert set(held.held) == {"mart_product_cost"}, "what has no closed period moves"
    assert status(tmp_path).is_stale
    waiting = {one.change[1:] for one in restatements.waiting(tmp_path)}
    assert waiting == {
        (period, product, "cost", f"{Decimal(before[period][product]):.4f}", f"{Decimal(after[period][product]):.4f}")
        for period in closed
        for product in ("x", "y")
    }
    assert {one.fiscal_period for one in restatements.accept(tmp_path, ["FY26-P03"], NOW)} == {"FY26-P03"}
    (check,) = published(tmp_path)
    assert "P03" not in str(check), "April waits still"
    restatements.accept(tmp_path, [], NOW)
    assert published(tmp_path) == []
    assert shown(tmp_path) == after
    assert not status(tmp_path).is_stale
    assert [one for one in restatements.known(tmp_path) if one.accepted_at is None] == []
    assert len(restatements.known(tmp_path)) == 4, "what was accepted is kept"


def test_the_same_raise_changes_no_closed_period_where_they_stay_as_they_were_known(tmp_path: Path) -> None:
    """pay07, the other switch: May pays the arrears, and May is not closed."""
    figures, closed = case()["as known when each period closed"], ("FY26-P03", "FY26-P04")
    build(tmp_path, {period: figures[period] for period in closed}, *closed)
    published(tmp_path)
    build(tmp_path, figures, *closed)
    assert published(tmp_path) == []
    assert shown(tmp_path) == figures
    assert restatements.known(tmp_path) == []


def test_until_a_period_closes_its_figures_are_estimates_and_move(tmp_path: Path) -> None:
    build(tmp_path, {"P1": {"x": "1"}, "P2": {"x": "5"}}, "P1")
    published(tmp_path)
    # P2 changes and closes by the same load: what was published of it was an estimate.
    build(tmp_path, {"P1": {"x": "1"}, "P2": {"x": "6"}}, "P1", "P2")
    assert published(tmp_path) == []
    # Its books are opened again: it was published as closed, whatever it is now.
    build(tmp_path, {"P1": {"x": "1"}, "P2": {"x": "7"}}, "P1")
    (check,) = published(tmp_path)
    assert "P2 cost of x: 6.0000 -> 7.0000" in str(check)


def test_a_product_that_comes_or_goes_in_a_closed_period_is_a_change_of_it(tmp_path: Path) -> None:
    build(tmp_path, {"P1": {"x": "1", "y": "2"}}, "P1")
    published(tmp_path)
    build(tmp_path, {"P1": {"y": "2", "z": "1"}}, "P1")
    (check,) = published(tmp_path)
    assert "P1 cost of x: 1.0000 -> none" in str(check)
    assert "P1 cost of z: none -> 1.0000" in str(check)


def test_only_the_figures_that_were_seen_are_accepted_and_what_is_gone_no_longer_waits(tmp_path: Path) -> None:
    build(tmp_path, {"P1": {"x": "1"}}, "P1")
    published(tmp_path)
    build(tmp_path, {"P1": {"x": "2"}}, "P1")
    published(tmp_path)
    later = NOW + timedelta(days=1)
    published(tmp_path, later)
    (one,) = restatements.waiting(tmp_path)
    assert one.opened_at == NOW.isoformat(), "it waits since it was found"
    restatements.accept(tmp_path, ["P1"], later)
    build(tmp_path, {"P1": {"x": "3"}}, "P1")
    (check,) = published(tmp_path, later)
    assert "1.0000 -> 3.0000" in str(check)
    build(tmp_path, {"P1": {"x": "1"}}, "P1")
    assert published(tmp_path, later) == []
    assert restatements.waiting(tmp_path) == []
    for periods, named in ((["P1"], "P1"), ([], "any period")):
        with pytest.raises(RestatementError, match=f"no restatement of {named} waits"):
            restatements.accept(tmp_path, periods, later)


def test_a_mart_that_may_not_move_is_compared_with_nothing_and_what_waits_of_it_still_waits(tmp_path: Path) -> None:
    """Figures that a check refused stand in no published file, the list of restatements least of all."""
    build(tmp_path, {"P1": {"x": "1"}}, "P1")
    published(tmp_path)
    build(tmp_path, {"P1": {"x": "2"}}, "P1")
    published(tmp_path)
    build(tmp_path, {"P1": {"x": "777"}}, "P1")
    warehouse = tmp_path / "warehouse.duckdb"
    assert restatements.found(tmp_path, warehouse, current(tmp_path), {"mart_things": OTHER}, NOW) == []
    assert [one.after for one in restatements.waiting(tmp_path)] == ["2.0000"]
    assert "777" not in (tmp_path / "published" / restatements.FILE).read_text()
