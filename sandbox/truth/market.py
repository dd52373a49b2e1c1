"""Annual recurring revenue against what a market could bring.

The definitions:
- Revenue is that of a market at the period's end, of a segment or of all of them, and of a product with everything
  below it by the catalogue of the day; COMPANY is all products. So a place's rows are no parts of each other.
- A size is of a market, of a segment or all, of a product or all, and of the calendar year that the period's last day
  is in. It is shown at the plan rate of the period's fiscal year.
- A place has a row where there is revenue or a size. Neither stands in for the other: no size is added up or divided.
Does not: recurring revenue itself (revenue.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sandbox.company.calendar import Period
from sandbox.truth.arr import MONTHS
from sandbox.truth.books import money
from sandbox.truth.maps import counts_to, is_part
from sandbox.truth.money import EXPONENTS
from sandbox.truth.ratios import guarded
from sandbox.truth.retained import ALL, COMPANY
from sandbox.truth.revenue import Balance, Revenue

Place = tuple[str, str, str, str]  # market, slice type and value, product


def market(revenue: Revenue, balances: Sequence[Balance]) -> list[dict[str, Any]]:
    products = revenue.company.rows("products", revenue.now)
    held: dict[str, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
    days = {period.name: revenue.day(period) for period in revenue.periods}
    for one in balances:
        for product in counts_to(products, one.cell.product_id, days[one.fiscal_period]):
            for part in (("segment", one.cell.segment), ALL):
                held[one.fiscal_period][one.cell.market, *part, product] += MONTHS * one.mrr_plan
    found = []
    for period in revenue.periods:
        known, minor_units = sizes(revenue, period, days[period.name]), held[period.name]
        for place in sorted({*known, *minor_units}):
            arr, (tam, sam) = minor_units.get(place, 0), known.get(place, (None, None))
            names = ("fiscal_period", "market", "slice_type", "slice_value", "product_id")
            row: dict[str, Any] = {
                **dict(zip(names, (period.name, *place), strict=True)),
                "is_rollup": place[1] != "all" or not is_part(products, place[3], days[period.name]),
                "arr": money(arr),
                "tam": None if tam is None else money(tam),
                "sam": None if sam is None else money(sam),
                **guarded("tam_share_ratio", arr, tam, "no_size", 0, 0),
                **guarded("sam_share_ratio", arr, sam, "no_size", 0, 0),
            }
            found.append(row)
    return found


def sizes(revenue: Revenue, period: Period, day: date) -> dict[Place, tuple[int, int]]:
    """What could be sold at all and what can be served, in minor units of the reporting currency."""

    def planned(amount: str, currency: str) -> int:
        minor_units = Fraction(amount) * Fraction(10) ** EXPONENTS[currency]
        return round(minor_units * revenue.exchange.planned(currency, period.year))

    return {
        (row["market"], *(("segment", row["segment"]) if row["segment"] else ALL), row["product_id"] or COMPANY): (
            planned(row["tam"], row["currency"]),
            planned(row["sam"], row["currency"]),
        )
        for row in revenue.company.rows("market_size", revenue.now)
        if row["year"] == str(day.year)
    }
