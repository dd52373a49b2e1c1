"""The truth of recurring revenue against a walk through every day, which reads what changed and nothing else.

A failure here means that a balance, a movement or its kind is not what anybody would find who looked every evening.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple
from datetime import timedelta
from functools import cache

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.revenue import Balance, Movement, Revenue
from tests.sandbox.conftest import made
from tests.sandbox.day_by_day import Month, Place, Walk, is_short

NOW = ms(DEFAULT_NOW)
SEEDS = [1, 2, 3, 4]
SWITCHED = [1, 6, 7, 8]  # each of the last three keeps other switches
ONE = timedelta(days=1)
# What a logo that stays does with a product that it had, and with one that it had not.
STAYS = {True: {"product_churn", "expansion_quantity", "expansion_price"}, False: {"cross_sell"}}
EXCHANGED = {"transfer_in", "transfer_out", "expansion_mix", "contraction"}  # for other items, files or a lower price


@cache
def walked(seed: int) -> Walk:
    return Walk(made(seed), NOW)


@cache
def reported(seed: int) -> tuple[list[Balance], list[Movement]]:
    revenue = Revenue(made(seed), NOW)
    return revenue.balances(), revenue.movements()


@pytest.mark.parametrize("seed", SWITCHED)
def test_balances_and_movements_are_what_the_evenings_add_up_to(seed: int) -> None:
    """What is held on the last evening of a period, what it changed by, and what went up and down again on the way."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    balances, movements = reported(seed)
    for one in balances:
        found[one.fiscal_period, *astuple(one.cell)][0] += one.mrr
    for move in movements:
        known = found[move.fiscal_period, *astuple(move.cell)]
        known[1] += move.delta
        known[2] += max(move.delta, 0) if move.is_intra_period else 0
    assert walked(seed).sums() == {key: tuple(sums) for key, sums in found.items() if any(sums)}
    assert any(there_and_back for _, _, there_and_back in found.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_kinds_of_movements_are_what_anybody_would_call_them(seed: int) -> None:
    """Who had nothing on the evening before and has something on the last one is new, late or back, by how long nobody
    was there; who has nothing any more has left, or will be late. Of each product it is said as if it were all."""
    walk = walked(seed)
    months = {month.period.name: month for month in walk.months}
    seen: set[str] = set()
    for move in reported(seed)[1]:
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
