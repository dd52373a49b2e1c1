"""Prices of each product, segment and market: what is realised of the list, how prices moved, how a market compares.

The definitions:
- Sums are over observations (price.py), in the reporting currency at the plan rate. What is compared with the list is
  summed over those that have a list price only, so that numerator and denominator are of the same items. Discounts that
  follow one another multiply: what is realised of the list is what is agreed of it times what is billed of that.
- The price index is a product's, at a fixed mix: Fisher's (the root of Laspeyres' times Paasche's) from period to
  period, chained, over the cells that both periods have. A cell is a product of the billing system, a term, a currency,
  a segment and a market; its price is the exact invoice price of a unit, its weight the product's part of it. Where two
  periods share no cell the chain begins anew; the base period is the one in which it is 1.
- A market's price is compared with the product's other markets within the same segment, billing product and term: the
  weighted mean of the differences of mean logarithms of unit prices, weights n·m / (n + m), as a ratio; and a 90 %
  interval by Student's distribution and the common variance within. Below price_min_observations on either side, or
  three degrees of freedom, it is not shown. The same is shown for each segment of a market by itself.
Does not: what an observation is (price.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sandbox.truth.books import money
from sandbox.truth.price import AMOUNTS, Observation, Prices
from sandbox.truth.ratios import guarded
from sandbox.truth.revenue import Revenue

NORMAL = 1.6448536269514722  # 95 % of a normal distribution lie below it
LEAST_FREEDOM = 3
# What is shown of a market, as it is shown of one segment there.
SEGMENT_NAMES = {
    "market_observations": "segment_observations",
    "reference_observations": "segment_reference_observations",
    "market_price_ratio": "segment_price_ratio",
    "market_price_ratio_low": "segment_price_ratio_low",
    "market_price_ratio_high": "segment_price_ratio_high",
    "market_price_ratio_suppressed_reason": "segment_price_ratio_suppressed_reason",
}
Row = dict[str, Any]
Cell = tuple[str, ...]


def pricing(revenue: Revenue) -> list[Row]:
    """The rows of mart_pricing."""
    by_product: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for one in Prices(revenue).observations():
        by_product[one.product_id][one.fiscal_period].append(one)
    found = []
    for product, known in by_product.items():
        by_period = [(period.name, known.get(period.name, [])) for period in revenue.periods]
        chained = indices(by_period)
        for period, seen in by_period:
            for segment, market in sorted({(one.segment, one.market) for one in seen}):
                own = [one for one in seen if (one.segment, one.market) == (segment, market)]
                key = {"fiscal_period": period, "product_id": product, "segment": segment, "market": market}
                index = dict(zip(("price_index", "price_index_base_period"), chained[period], strict=True))
                least = revenue.policy.price_min_observations
                alike = compared([one for one in seen if one.segment == segment], market, least)
                of_segment = {SEGMENT_NAMES[name]: value for name, value in alike.items()}
                found.append(
                    key | sums(own, revenue.policy.ratio_min_n) | index | compared(seen, market, least) | of_segment
                )
    return found


def sums(known: Sequence[Observation], least: int) -> Row:
    listed = [one for one in known if "list" in one.plan]
    total = {name: sum(one.plan[name] for one in known) for name in AMOUNTS[1:]}
    list_amount = sum(one.plan["list"] for one in listed)
    contract, invoice = (sum(one.plan[name] for one in listed) for name in ("contract", "invoice"))
    pocket, units = sum(one.pocket for one in listed), sum(one.held.quantity for one in known)
    amounts = {
        "list_amount": list_amount,
        "listed_contract_amount": contract,
        "listed_invoice_amount": invoice,
        "listed_pocket_amount": pocket,
        "contract_amount": total["contract"],
        "invoice_amount": total["invoice"],
        "credit_amount": total["credits"],
        "refund_amount": total["refunds"],
        "fee_amount": total["fees"],
        "write_off_amount": total["write_offs"],
        "pocket_amount": sum(one.pocket for one in known),
    }

    def of_list(name: str, part: int) -> Row:
        return guarded(name, part, list_amount, "no_list_price", len(listed), least)

    return {
        "observations": len(known),
        "observations_without_list": len(known) - len(listed),
        "units": units,
        **{name: money(minor_units) for name, minor_units in amounts.items()},
        **of_list("list_discount_ratio", list_amount - contract),
        **guarded(
            "invoice_discount_ratio",
            total["contract"] - total["invoice"],
            total["contract"],
            "no_contract_price",
            len(known),
            least,
        ),
        **of_list("realised_ratio", invoice),
        **of_list("pocket_ratio", pocket),
        "unit_price": ratio(total["invoice"], 100 * units),
    }


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def indices(by_period: Sequence[tuple[str, Sequence[Observation]]]) -> dict[str, tuple[float, str]]:
    """By period: the index and the period in which its chain began."""
    found = {period: (1.0, period) for period, _ in by_period}
    for (before, old), (period, new) in pairwise((period, cells(seen)) for period, seen in by_period):
        if link := fisher(old, new):
            found[period] = found[before][0] * link, found[before][1]
    return found


def cells(known: Iterable[Observation]) -> dict[Cell, tuple[Fraction, int]]:
    """Price of a unit, and weight."""
    units: dict[Cell, int] = defaultdict(int)
    values: dict[Cell, Fraction] = defaultdict(Fraction)
    weights: dict[Cell, int] = defaultdict(int)
    for one in known:
        cell = (*kind(one), one.held.currency, one.market)
        units[cell] += one.held.quantity
        values[cell] += one.unit_price * one.held.quantity
        weights[cell] += one.plan["invoice"]
    return {cell: (values[cell] / units[cell], weights[cell]) for cell in units if weights[cell]}


def kind(one: Observation) -> Cell:
    return one.segment, one.held.product, str(one.held.price.interval), str(one.held.price.count)


def fisher(old: Mapping[Cell, tuple[Fraction, int]], new: Mapping[Cell, tuple[Fraction, int]]) -> float | None:
    matched = old.keys() & new.keys()
    if not matched:
        return None
    changes = {cell: new[cell][0] / old[cell][0] for cell in matched}
    laspeyres = sum(old[cell][1] * changes[cell] for cell in matched) / sum(old[cell][1] for cell in matched)
    paasche = sum(new[cell][1] for cell in matched) / sum(new[cell][1] / changes[cell] for cell in matched)
    return math.sqrt(laspeyres * paasche)


def compared(known: Sequence[Observation], market: str, least: int) -> Row:
    """A market's prices by those of the product's other markets, in one period."""
    groups: dict[Cell, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for one in known:
        groups[kind(one)][one.market != market].append(math.log(float(one.unit_price * one.plan_rate)))
    matched = [(own, others) for own, others in groups.values() if own and others]
    n, m = (sum(len(group[side]) for group in matched) for side in (0, 1))
    freedom = n + m - 2 * len(matched)
    row: Row = {
        "market_observations": n,
        "reference_observations": m,
        "market_price_ratio": None,
        "market_price_ratio_low": None,
        "market_price_ratio_high": None,
        "market_price_ratio_suppressed_reason": "no_matched_segment" if not matched else "too_few_observations",
    }
    if not matched or min(n, m) < least or freedom < LEAST_FREEDOM:
        return row
    weights = [len(own) * len(others) / (len(own) + len(others)) for own, others in matched]
    gaps = [mean(own) - mean(others) for own, others in matched]
    middle = math.fsum(w * gap for w, gap in zip(weights, gaps, strict=True)) / math.fsum(weights)
    spread = math.fsum((price - mean(side)) ** 2 for group in matched for side in group for price in side)
    reach = student(freedom) * math.sqrt(spread / freedom / math.fsum(weights))
    names = ("market_price_ratio", "market_price_ratio_low", "market_price_ratio_high")
    ratios = [math.exp(middle + part) for part in (0, -reach, reach)]
    return row | dict(zip(names, ratios, strict=True)) | {"market_price_ratio_suppressed_reason": None}


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def student(freedom: int) -> float:
    """The 95 % quantile of Student's distribution by Cornish and Fisher; 0.3 % off at three degrees of freedom."""
    z, f = NORMAL, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * f)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    )
