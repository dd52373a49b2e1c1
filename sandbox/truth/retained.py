"""How much of a year's opening recurring revenue is still there: net and gross, of the company and of each product.

The definitions:
- The cohort of a period are the logos that had a balance twelve periods before; for a product, with that product. All
  amounts are at the plan rate of the period's fiscal year, so that no rate of exchange retains or loses anything.
- Net is what the cohort has at the period's end; gross is, logo by logo, no more than what it had at the beginning.
- A logo that was lost in between (a movement logo_churn that is not intra-period) has nothing in either, also when it
  has come back (policy: reactivation_retains). A late renewal was never lost.
- A company's net counts what a logo buys of another product, a product's does not: they are no parts of each other.
Not here: the ratios, which are net and gross by start, and nothing where nothing was there at the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sandbox.company.calendar import Period
from sandbox.truth.revenue import Balance, Movement, Revenue

COMPANY = "COMPANY"
A_YEAR = 12  # periods
Key = tuple[str, str]  # product, or the company, and logo


@dataclass(frozen=True, slots=True)
class Retained:
    fiscal_period: str
    product_id: str
    start: int
    net: int
    gross: int


def retained(revenue: Revenue, balances: Sequence[Balance], movements: Sequence[Movement]) -> list[Retained]:
    held: dict[str, list[Balance]] = defaultdict(list)
    for balance in balances:
        held[balance.fiscal_period].append(balance)
    found = []
    for place, period in enumerate(revenue.periods[A_YEAR:]):
        year = [one.name for one in revenue.periods[place + 1 : place + 1 + A_YEAR]]
        start = _by_logo(revenue, held[revenue.periods[place].name], period)
        end = _by_logo(revenue, held[period.name], period)
        lost: set[Key] = set()
        if not revenue.policy.reactivation_retains:
            lost = set(_lost(revenue, [one for one in movements if one.fiscal_period in year], period))
        sums: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 3)
        for key, before in start.items():
            after = Fraction(0) if key in lost else end.get(key, Fraction(0))
            parts = (before, after, min(before, after))
            sums[key[0]] = [known + part for known, part in zip(sums[key[0]], parts, strict=True)]
        found += [Retained(period.name, product, *map(round, parts)) for product, parts in sorted(sums.items())]
    return found


def _by_logo(revenue: Revenue, balances: Sequence[Balance], period: Period) -> dict[Key, Fraction]:
    """Balances at the plan rate of a period, by product and by the families of its last day."""
    found: dict[Key, Fraction] = defaultdict(Fraction)
    for balance in balances:
        amount = balance.mrr * revenue.exchange.planned(balance.cell.currency, period.year)
        logo = revenue.family(balance.cell.customer_id, revenue.day(period))
        for product in (COMPANY, balance.cell.product_id):
            found[product, logo] += amount
    return found


def _lost(revenue: Revenue, movements: Sequence[Movement], period: Period) -> Iterator[Key]:
    for movement in movements:
        logo = revenue.family(movement.cell.customer_id, revenue.day(period))
        if not movement.is_intra_period and movement.company_type == "logo_churn":
            yield COMPANY, logo
        if not movement.is_intra_period and movement.product_type == "logo_churn":
            yield movement.cell.product_id, logo
