"""How much of a year's opening recurring revenue is still there: net and gross, of the company and of each product.

The definitions:
- The cohort of a period are the logos that had a balance twelve periods before; for a product, with that product. All
  amounts are at the plan rate of the period's fiscal year, so that no rate of exchange retains or loses anything, each
  balance rounded as balances are.
- Net is what the cohort has at the period's end; gross is, logo by logo, no more than what it had at the beginning.
- A logo that was lost in between (a movement logo_churn that is not intra-period) has nothing in either, also when it
  has come back (policy: reactivation_retains). A late renewal was never lost.
- A company's net counts what a logo buys of another product, a product's does not: they are no parts of each other.
- An account that no customer owns is in no cohort: whether it stayed is unknown as long as nobody says whose it is.
  What such accounts brought at the beginning stands beside the cohort, so that one sees how much of it is known.
- A logo's segment and market are those in which it had most at the beginning, over all products (of equal ones the
  first by name), so each cohort is divided and nobody is retained by moving.
Does not: the ratios, which are net and gross by start, and nothing where nothing was there at the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.company.calendar import Period
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.revenue import Balance, Movement, Revenue, RevenueCell

COMPANY = "COMPANY"
ALL = ("all", "ALL")
A_YEAR = 12  # periods
Key = tuple[str, str]  # product, or the company, and logo
Slice = tuple[str, str]  # type and value


@dataclass(frozen=True, slots=True)
class Retained:
    fiscal_period: str
    product_id: str
    slice_type: str
    slice_value: str
    logos: int
    start: int
    net: int
    gross: int
    unmapped: int
    """What accounts brought at the start that no customer owns."""


def slices(cell: RevenueCell) -> tuple[Slice, ...]:
    return ALL, ("segment", cell.segment), ("market", cell.market)


def retained(revenue: Revenue, balances: Sequence[Balance], movements: Sequence[Movement]) -> list[Retained]:
    held: dict[str, list[Balance]] = defaultdict(list)
    for balance in balances:
        held[balance.fiscal_period].append(balance)
    found = []
    for place, period in enumerate(revenue.periods[A_YEAR:]):
        year = [one.name for one in revenue.periods[place + 1 : place + 1 + A_YEAR]]
        began = held[revenue.periods[place].name]
        start, end = _by_logo(revenue, began, period), _by_logo(revenue, held[period.name], period)
        placed = _placed(revenue, began, period)
        lost: set[Key] = set()
        if not revenue.policy.reactivation_retains:
            lost = set(_lost(revenue, [one for one in movements if one.fiscal_period in year], period))
        sums: dict[tuple[str, Slice], list[int]] = defaultdict(lambda: [0] * 5)
        for (product, logo), before in start.items():
            after = 0 if (product, logo) in lost else end.get((product, logo), 0)
            for part in placed[logo]:
                more = (0, 0, 0, 0, before) if logo == UNMAPPED else (1, before, after, min(before, after), 0)
                sums[product, part] = [known + one for known, one in zip(sums[product, part], more, strict=True)]
        found += [Retained(period.name, product, *part, *parts) for (product, part), parts in sorted(sums.items())]
    return found


def _planned(revenue: Revenue, balance: Balance, period: Period) -> int:
    return round(balance.mrr * revenue.exchange.planned(balance.cell.currency, period.year))


def _by_logo(revenue: Revenue, balances: Sequence[Balance], period: Period) -> dict[Key, int]:
    """Balances at the plan rate of a period, by product and by the families of its last day."""
    found: dict[Key, int] = defaultdict(int)
    for balance in balances:
        logo = revenue.family(balance.cell.customer_id, revenue.day(period))
        for product in (COMPANY, balance.cell.product_id):
            found[product, logo] += _planned(revenue, balance, period)
    return found


def _placed(revenue: Revenue, balances: Sequence[Balance], period: Period) -> dict[str, list[Slice]]:
    """The slices of each logo: all, and the segment and the market in which it has most."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for balance in balances:
        logo = revenue.family(balance.cell.customer_id, revenue.day(period))
        for kind, value in slices(balance.cell):
            sums[logo, kind][value] += _planned(revenue, balance, period)
    found: dict[str, list[Slice]] = defaultdict(list)
    for (logo, kind), values in sums.items():
        found[logo].append((kind, min(values, key=lambda value: (-values[value], value))))
    return found


def _lost(revenue: Revenue, movements: Sequence[Movement], period: Period) -> Iterator[Key]:
    for movement in movements:
        logo = revenue.family(movement.cell.customer_id, revenue.day(period))
        if not movement.is_intra_period and movement.company_type == "logo_churn":
            yield COMPANY, logo
        if not movement.is_intra_period and movement.product_type == "logo_churn":
            yield movement.cell.product_id, logo
