"""The truth of recurring revenue against a walk through every day, which reads what changed and nothing else.

A failure here means that a balance, a movement or its kind is not what anybody would find who looked every evening.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.moments import ms
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.revenue import Balance, Cell, Movement, Revenue
from tests.sandbox.conftest import made
from tests.sandbox.day_by_day import Month, Place, Walk, is_short

NOW = ms(DEFAULT_NOW)
SEEDS = [1, 2, 3, 4]
ONE = timedelta(days=1)
# What a logo that stays does with a product that it had, and with one that it had not.
STAYS = {True: {"product_churn", "expansion_quantity", "expansion_price"}, False: {"cross_sell"}}
EXCHANGED = {"transfer_in", "transfer_out", "expansion_mix", "contraction"}  # for other items, files or a lower price


@cache
def walked(seed: int) -> Walk:
    return Walk(made(seed), NOW)


@cache
def told(seed: int) -> tuple[list[Balance], list[Movement]]:
    revenue = Revenue(made(seed), NOW)
    return revenue.balances(), revenue.movements()


def named(cell: Cell) -> tuple[str, ...]:
    return cell.customer_id, cell.product_id, cell.segment, cell.market, cell.currency


@pytest.mark.parametrize("seed", SEEDS)
def test_balances_are_what_is_held_on_the_last_evening(seed: int) -> None:
    ours: dict[tuple[str, ...], int] = defaultdict(int)
    for month in walked(seed).months:
        for (_, cell), coins in month.closing.items():
            ours[month.period.name, *cell] += coins
    assert ours == {(one.fiscal_period, *named(one.cell)): one.mrr for one in told(seed)[0]}
    assert len(ours) > 1_000


@pytest.mark.parametrize("seed", SEEDS)
def test_movements_are_what_the_evenings_add_up_to(seed: int) -> None:
    """From cell to cell and period to period: what changed on the whole, and what went up and down again on the way."""
    ours: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for month in walked(seed).months[1:]:
        for place in {*month.remapped, *month.gained, *month.lost}:
            known, up, down = ours[month.period.name, *place[1]], month.gained[place], month.lost[place]
            known[:] = known[0] + month.remapped[place] + up - down, known[1] + min(up, down)
    theirs: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for move in told(seed)[1]:
        known = theirs[move.fiscal_period, *named(move.cell)]
        known[:] = known[0] + move.delta, known[1] + (max(move.delta, 0) if move.is_intra_period else 0)
    assert {key: sums for key, sums in ours.items() if any(sums)} == {
        key: sums for key, sums in theirs.items() if any(sums)
    }
    assert any(there_and_back for _, there_and_back in ours.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_kinds_of_movements_are_what_anybody_would_call_them(seed: int) -> None:
    """Who had nothing on the evening before and has something on the last one is new, late or back, by how long nobody
    was there; who has nothing any more has left, or will be late. Of each product it is said as if it were all."""
    walk = walked(seed)
    months = {month.period.name: month for month in walk.months}
    seen: set[str] = set()
    for move in told(seed)[1]:
        if move.cell.customer_id == UNMAPPED or move.is_intra_period or move.company_type == "fx":
            continue
        month, product = months[move.fiscal_period], move.cell.product_id
        logo = walk.family(move.cell.customer_id, month.day)
        by_company = called(walk, month, logo, "") or STAYS[has(month.opening, logo, product)]
        assert move.company_type in by_company | EXCHANGED, (move, by_company)
        by_product = called(walk, month, logo, product) or STAYS[True]
        assert move.product_type in by_product | EXCHANGED, (move, by_product)
        seen |= {move.company_type} & by_company
    assert seen >= {"logo_new", "logo_churn", "reactivation", "cross_sell", "product_churn", "expansion_price"}


def called(walk: Walk, month: Month, logo: str, view: str) -> set[str]:
    """What came or went is called, as a product sees it, or the company where `view` is empty; nothing of who stays."""
    before, after = has(month.opening, logo, view), has(month.closing, logo, view)
    if before == after:
        return set()
    gap = walk.away(month, logo, view, month.period.first if after else month.day + ONE)
    if gap[before] is None:
        return {"logo_new"} if after else {"logo_churn"}
    long = "reactivation" if after else "logo_churn"
    return {None: {"late_renewal", long}, True: {"late_renewal"}, False: {long}}[is_short(gap)]


def has(sums: Mapping[Place, int], logo: str, product: str) -> bool:
    return any(owner == logo and product in ("", cell[1]) for owner, cell in sums)
