"""Figures that no mart publishes yet, and control totals: what marts of revenue, cost, people and goals are held to.

Belongs here: their form: rows, with money as decimal text in the reporting currency. Does not: their definitions
(cost.py, headcount.py, goals.py, books.py), pay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import ms
from sandbox.truth import goals
from sandbox.truth.books import control_totals as trial_balances
from sandbox.truth.books import money
from sandbox.truth.cost import Cost, Costs
from sandbox.truth.headcount import headcount

Rows = list[dict[str, Any]]
STAGES = ("direct", "team", "shared", "overhead")
PUBLISHED = (
    ("mart_arr", "closing_mrr", "mrr_plan"),
    ("mart_arr", "closing_mrr_actual", "mrr_actual"),
    ("mart_revenue", "recognised_revenue", "recognised_revenue"),
)  # mart, its measure, and the total that it adds up to


def figures(company: Company, now: int | str, marts: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Rows]:
    """By name. `marts` is the truth of those that are published, as use and goals are measured by them."""
    at = ms(now)
    costs = Costs(company, at).rows()
    return {
        "product_cost": [asdict(row) | {"amount": money(row.amount), "stage": STAGES[row.stage]} for row in costs],
        "headcount": headcount(company, at),
        "key_results": [_key_result(row) for row in goals.key_results(company, at, goals.measures(marts))],
        "control_totals": control_totals(company, at, marts, costs),
    }


def control_totals(
    company: Company, now: int, marts: Mapping[str, Sequence[Mapping[str, Any]]], costs: Sequence[Cost]
) -> Rows:
    """By fiscal period: the trial balance of each account, and the sums that marts must add up to."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for mart, measure, total in PUBLISHED:
        for row in marts[mart]:
            sums[row["fiscal_period"], total] += int(Decimal(row[measure]).scaleb(2))
    for row_of_cost in costs:
        sums[row_of_cost.fiscal_period, "product_cost"] += row_of_cost.amount
    found = [(period, total, "", amount) for (period, total), amount in sums.items()]
    found += [
        (period, "trial_balance", account, amount) for (period, account), amount in trial_balances(company, now).items()
    ]
    names = ("fiscal_period", "total", "account", "amount")
    return [dict(zip(names, (*key, money(amount)), strict=True)) for *key, amount in sorted(found)]


def _key_result(row: goals.State) -> dict[str, Any]:
    numbers = {name: _number(getattr(row, name)) for name in ("manual", "bound", "value", "original_target", "target")}
    scores = {
        f"{name}_{part}": value
        for name, score in (("original", row.original), ("current", row.current))
        for part, value in (
            ("progress_ratio", _number(score.ratio)),
            ("shown_ratio", _number(score.clipped)),
            ("reason", score.reason or None),
        )
    }
    key = {"key_result_id": row.key_result_id, "day": row.day.isoformat()}
    return key | numbers | {"is_disputed": row.differs} | scores


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
