"""Balances of recurring revenue and their movements, as built, beside the true ones and a walk through every evening.

Belongs here: both sides in the same words. Does not: the claim (claims.py).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple
from itertools import chain
from typing import Any

import duckdb

from ingestion.clock import parse
from sandbox.truth.revenue import Balance, Movement, Revenue
from tests.end_to_end.play import Play
from tests.sandbox.day_by_day import Walk

CELL = "fiscal_period, customer_id, product_id, segment, market, currency"
BUILT = {
    "balance": f"select {CELL}, mrr_minor, mrr_plan_minor, mrr_actual_minor from intermediate.fct_mrr_balance",
    "movement": f"select {CELL}, company_type, product_type, is_intra_period, is_involuntary, "
    "delta_minor, delta_plan_minor, delta_actual_minor from intermediate.fct_mrr_movement",
}
EVENINGS = f"""
    select {CELL}, sum(held), sum(moved), sum(there_and_back) from (
        select {CELL}, mrr_minor as held, 0 as moved, 0 as there_and_back from intermediate.fct_mrr_balance
        union all
        select {CELL}, 0, delta_minor, case when is_intra_period then greatest(delta_minor, 0) else 0 end
        from intermediate.fct_mrr_movement
    ) group by {CELL} having sum(held) <> 0 or sum(moved) <> 0 or sum(there_and_back) <> 0
"""
LEAST = 2_000
"""Balances and movements of any company; with fewer, nothing would be proven."""
Rows = Counter[tuple[Any, ...]]
Evenings = Mapping[tuple[str, ...], tuple[int, ...]]


def differences(play: Play) -> list[str]:
    """Rows of either side that the other one lacks: customer by customer, in the contract's currency and both rates."""
    built, true = built_rows(play), true_rows(play)
    few = [] if sum(built.values()) > LEAST else [f"only {sum(built.values())} balances and movements"]
    gone = [f"{row}: not built" for row in sorted((true - built).elements())]
    return few + gone + [f"{row}: built, but not true" for row in sorted((built - true).elements())]


def built_rows(play: Play) -> Rows:
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return Counter((name, *row) for name, query in BUILT.items() for row in warehouse.execute(query).fetchall())


def true_rows(play: Play) -> Rows:
    revenue = Revenue(play.company, int(parse(play.now).timestamp() * 1000))
    reported: chain[Balance | Movement] = chain(revenue.balances(), revenue.movements())
    return Counter((type(one).__name__.lower(), *flat(one)) for one in reported)


def flat(one: Balance | Movement) -> tuple[Any, ...]:
    period, cell, *figures = astuple(one)
    return (period, *cell, *figures)


def evening_differences(play: Play) -> list[str]:
    """Cells in which somebody who looks every evening finds something else than what is built. The walk shares no code
    with the truth, which could be wrong in the same way."""
    built, walked = built_evenings(play), walked_evenings(play)
    return [
        f"{cell}: {built.get(cell)} built, {walked.get(cell)} seen"
        for cell in sorted(built.keys() | walked.keys())
        if built.get(cell) != walked.get(cell)
    ]


def built_evenings(play: Play) -> Evenings:
    """By period and cell: what there is at the end, what it changed by since the last one, what went there and back."""
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return {row[:6]: row[6:] for row in warehouse.execute(EVENINGS).fetchall()}


def walked_evenings(play: Play) -> Evenings:
    return Walk(play.company, int(parse(play.now).timestamp() * 1000)).sums()
