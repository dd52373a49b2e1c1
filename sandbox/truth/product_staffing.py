"""Who works for each product, and what it brings and costs beside that.

The definitions:
- Whoever works for a team works for its products by their shares of the day; for a team of none, and for one that
  serves the whole company, UNALLOCATED. Heads of a product are all who work for it in part on the period's last day, or
  today; full-time equivalents are their shares of full time times the product's part. Of the company all count once.
- Engineering and design are set against product management of the same product (HR's functions engineering, design and
  product), where somebody of that is there and the three together are as many heads as the policy asks of a ratio.
- Twelve months are twelve fiscal periods, the last of which is over. Average full-time equivalents of them are days of
  full-time work over days, or (policy's fte_average: ends) the mean of the day before the first and of the last day.
- Revenue per full-time equivalent is revenue of twelve months over that average, where books and people of all of them
  are known and enough heads work for it.
- Growth is of twelve months against the twelve before them, of revenue, and of all cost in the profit and loss where
  none of it is withheld.
- A product has a row for each period in whose twenty-four months anybody worked for it or it has revenue or cost.
Does not: heads by team (headcount.py), profit and loss (standard.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.books import money
from sandbox.truth.budget import minor
from sandbox.truth.maps import UNALLOCATED
from sandbox.truth.pay_shape import OVERHEAD, PayShapes

COMPANY = "COMPANY"
YEAR = 12
TRIO = {"engineering": "engineering_fte", "product": "product_management_fte", "design": "design_fte"}


@dataclass
class Day:
    """Who works for a product on a day, by function."""

    heads: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fte: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    @property
    def all_heads(self) -> int:
        return sum(self.heads.values())

    @property
    def all_fte(self) -> Fraction:
        return sum(self.fte.values(), Fraction(0))


class ProductStaffing:
    def __init__(self, company: Company, now: int, profits: Sequence[Mapping[str, Any]]) -> None:
        self.company, self.today = company, local_date(now, company.reporting_zone)
        self.days: dict[date, dict[str, Day]] = defaultdict(lambda: defaultdict(Day))
        shapes = PayShapes(company, now)
        for one in (one for days in shapes.days.values() for one in days):
            parts = dict.fromkeys([COMPANY], Fraction(1))
            for product, share in shapes.products(one.team_id, one.day).items():
                if share:
                    parts[UNALLOCATED if product == OVERHEAD else product] = share
            for product, share in parts.items():
                day = self.days[one.day][product]
                day.heads[one.function.lower()] += 1
                day.fte[one.function.lower()] += Fraction(one.share) * share
        self.money: dict[str, dict[str, tuple[int, int | None]]] = defaultdict(dict)
        for row in profits:
            cost = None
            if row["operating_expense"] is not None:
                cost = minor(row["cost_of_revenue"]) + minor(row["operating_expense"])
            self.money[row["fiscal_period"]][row["product_id"]] = (minor(row["recognised_revenue"]), cost)
        self.periods = [period for period in company.periods if period.first <= self.today]
        self.least = int(company.policy.get("ratio_min_n", "3"))

    def end(self, period: Period) -> date:
        return min(period.last, self.today)

    def fte_days(self, period: Period, product: str) -> Fraction:
        known = (self.days[day] for day in period.days if day in self.days)
        return sum((day[product].all_fte for day in known if product in day), Fraction(0))

    def at(self, day: date, product: str) -> Day:
        return self.days[day][product] if day in self.days and product in self.days[day] else Day()

    def products(self, window: Iterable[Period]) -> set[str]:
        found = {COMPANY} if any(self.money[period.name] for period in window) else set[str]()
        for period in window:
            found |= self.money[period.name].keys()
            for day in (period.first - timedelta(days=1), *period.days):
                found |= self.days[day].keys() if day in self.days else set()
        return found

    def rows(self) -> list[dict[str, Any]]:
        found = []
        for number, period in enumerate(self.periods):
            recent = self.periods[max(0, number + 1 - YEAR) : number + 1]
            before = self.periods[max(0, number + 1 - 2 * YEAR) : max(0, number + 1 - YEAR)]
            for product in sorted(self.products([*before, *recent])):
                found.append(self.row(period, product, recent, before))
        return found

    def row(self, period: Period, product: str, recent: Sequence[Period], before: Sequence[Period]) -> dict[str, Any]:
        end, is_over = self.at(self.end(period), product), period.last < self.today
        fte = {name: end.fte[function] for function, name in TRIO.items()}
        team = sum(end.heads[function] for function in TRIO)
        per_manager = None if not fte["product_management_fte"] else "too_few" if team < self.least else ""
        average = self.average(recent, product) if is_over else None
        amounts = {
            f"{name}_12m{ending}": self.amount(window, product, place) if is_over else None
            for ending, window in (("", recent), ("_before", before))
            for place, name in enumerate(("revenue", "cost"))
        }
        row: dict[str, Any] = {
            "fiscal_period": period.name,
            "product_id": product,
            "is_rollup": product == COMPANY,
            "headcount": end.all_heads,
            "fte": float(end.all_fte),
            "fte_days": float(self.fte_days(period, product)),
            **{name: float(value) for name, value in fte.items()},
            "product_team_headcount": team,
            "average_fte_12m": None if average is None else float(average),
            **{name: None if value is None else money(value) for name, value in amounts.items()},
            "currency": self.company.currency,
        }
        for name in ("engineering", "design"):
            shown = fte[f"{name}_fte"] / fte["product_management_fte"] if per_manager == "" else None
            row |= _ratio(
                f"{name}_per_product_manager_ratio", shown, "no_product_manager" if per_manager is None else per_manager
            )
        return row | self.compared(amounts, average, end.all_heads, is_over)

    def compared(
        self, amounts: Mapping[str, int | None], average: Fraction | None, heads: int, is_over: bool
    ) -> dict[str, Any]:
        revenue, earlier = amounts["revenue_12m"], amounts["revenue_12m_before"]
        row: dict[str, Any] = {}
        if not is_over or revenue is None or average is None:
            row |= _ratio("revenue_per_fte", None, "short_history" if is_over else "not_complete")
        elif not average or heads < self.least:
            row |= _ratio("revenue_per_fte", None, "too_few" if average else "no_people")
        else:
            row |= _ratio("revenue_per_fte", Fraction(revenue, 100) / average, "")
        lacking = "not_complete" if not is_over else "short_history" if None in (revenue, earlier) else ""
        row |= _growth("revenue_growth_ratio", revenue, earlier, lacking, "no_revenue")
        cost, earlier = amounts["cost_12m"], amounts["cost_12m_before"]
        return row | _growth(
            "cost_growth_ratio", cost, earlier, lacking or ("withheld" if None in (cost, earlier) else ""), "no_cost"
        )

    def average(self, window: Sequence[Period], product: str) -> Fraction | None:
        if len(window) < YEAR or not all(self.fte_days(period, COMPANY) for period in window):
            return None
        if self.company.policy.get("fte_average") == "ends":
            begin = self.at(window[0].first - timedelta(days=1), product).all_fte
            return (begin + self.at(window[-1].last, product).all_fte) / 2
        return sum((self.fte_days(one, product) for one in window), Fraction(0)) / sum(len(one.days) for one in window)

    def amount(self, window: Sequence[Period], product: str, place: int) -> int | None:
        """Revenue or cost of a year, if all of it is known."""
        if len(window) < YEAR or not all(self.money[period.name] for period in window):
            return None
        whole = 0
        for period in window:
            known = self.money[period.name]
            amounts = [row[place] for row in (known.values() if product == COMPANY else [known.get(product, (0, 0))])]
            if any(row[place] is None for row in known.values()):
                return None
            whole += sum(one or 0 for one in amounts)
        return whole


def _ratio(name: str, value: Fraction | None, reason: str) -> dict[str, Any]:
    return {name: None if value is None else float(value), f"{name}_suppressed_reason": reason or None}


def _growth(name: str, now: int | None, before: int | None, lacking: str, nothing: str) -> dict[str, Any]:
    if lacking or now is None or before is None or before <= 0:
        return _ratio(name, None, lacking or nothing)
    return _ratio(name, Fraction(now - before, before), "")


def product_staffing(company: Company, now: int, profits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of mart_product_staffing."""
    return ProductStaffing(company, now, profits).rows()
