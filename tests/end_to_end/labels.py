"""The labelled cases of billing, as built, one by one: each is there, and what it brings is what is true.

Belongs here: the same figures that are compared for a whole company elsewhere, by the name of the case that shows the
rule. Does not: what each case moves, worked by hand (tests/sandbox/test_revenue_truth.py); the claim (claims.py).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import duckdb

from sandbox.timestamps import ms
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.revenue import Balance, Revenue
from tests.end_to_end.play import Play

BALANCES = "select customer_id, fiscal_period, product_id, mrr_plan_minor from intermediate.fct_mrr_balance"
MART = "select product_id, fiscal_period, segment, market, closing_mrr from marts.mart_arr"
CONTRACTS = "select subscription_id from staging.stg_stripe__subscriptions"
Sums = Counter[tuple[str, ...]]


def differences(play: Play) -> list[str]:
    """Cases that did not land, whose customers hold something else than they truly do, or that are in a cell of
    `mart_arr` that is not the true one."""
    revenue = Revenue(play.company, ms(play.now))
    balances = revenue.balances()
    true = sums((one.cell.customer_id, one.fiscal_period, one.cell.product_id, one.mrr_plan) for one in balances)
    cells = sums((*place(one), one.mrr_plan) for one in balances)
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        landed = {number for (number,) in warehouse.execute(CONTRACTS).fetchall()}
        built = sums(warehouse.execute(BALANCES).fetchall())
        mart = sums((*key, int(100 * Decimal(mrr))) for *key, mrr in warehouse.execute(MART).fetchall())
    found = []
    for case in play.company.cases:
        if case.source == "stripe":
            began = {key for key in case.keys if key in revenue.contracts}
            found += [f"{case.name} {key}: not landed" for key in sorted(began - landed)]
            customers = set(owners(revenue, began))
            found += [f"{case.name} {one}" for one in unlike(of(true, customers), of(built, customers))]
            own = {place(one) for one in balances if one.cell.customer_id in customers}
            found += [f"mart_arr {case.name} {one}" for one in unlike(only(cells, own), only(mart, own))]
    return found


def sums(rows: Iterable[tuple[Any, ...]]) -> Sums:
    found: Sums = Counter()
    for *key, amount in rows:
        found[tuple(key)] += amount
    return found


def place(one: Balance) -> tuple[str, ...]:
    return one.cell.product_id, one.fiscal_period, one.cell.segment, one.cell.market


def owners(revenue: Revenue, contracts: Iterable[str]) -> Iterator[str]:
    """Whose contracts they are, today."""
    for contract in contracts:
        customer = revenue.customer(revenue.contracts[contract].account, revenue.today)
        if customer != UNMAPPED:
            yield customer


def of(rows: Sums, customers: set[str]) -> Sums:
    return Counter({key: amount for key, amount in rows.items() if key[0] in customers})


def only(rows: Sums, keys: set[tuple[str, ...]]) -> Sums:
    return Counter({key: rows[key] for key in keys})


def unlike(true: Sums, built: Sums) -> list[str]:
    keys = sorted(true.keys() | built.keys())
    return [f"{' '.join(key)}: {built[key]}, truly {true[key]}" for key in keys if true[key] != built[key]]
