"""What was planned beside what came of it, by group of accounts, product and fiscal period, and what a year will be.

The definitions:
- The actual is the published profit and loss (standard.py). A line lacks it in a period that has not begun, in one
  whose books are not there, where the profit and loss withholds it, and in a group of accounts that nobody knows.
- A line of a product has what is planned for exactly that product. What is planned for no product in particular is in
  the company's line alone, which is the sum of all.
- The variance is the actual less the budget; its ratio is of the size of the budget, so that it has its sign.
- A period is forecast as its actual if it is over and has one; else as its budget; else as a run rate: the actual of
  the last three periods that are over and have one, by days, to the nearest minor unit, half to even. The forecast of
  a year is the sum of its periods.
- A line has all periods of each fiscal year in which anything was planned for it or came of it.
Does not: the actual itself, amounts in other currencies (the made-up company plans in the currency of its books).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.books import money

COMPANY = "COMPANY"
GROUPS = {
    "revenue": ("recognised_revenue",),
    "cost_of_revenue": ("cost_of_revenue",),
    "operating_expense": ("operating_expense",),
    "research_and_development": ("research_and_development_direct", "research_and_development_shared"),
    "sales_and_marketing": ("sales_and_marketing",),
    "general_and_administration": ("general_and_administrative",),
}
WITHHELD = ("operating_expense", "general_and_administration")
RUN = 3
Line = tuple[str, str]  # group of accounts and product


class Budgets:
    def __init__(self, company: Company, now: int, profits: Sequence[Mapping[str, Any]]) -> None:
        self.company, self.today = company, local_date(now, company.reporting_zone)
        self.planned: dict[str, dict[Line, int]] = defaultdict(lambda: defaultdict(int))
        for row in company.rows("budget", now):
            for product in {row["product_id"] or COMPANY, COMPANY}:
                self.planned[row["period"]][row["account_group"], product] += minor(row["amount"])
        self.booked: dict[str, dict[Line, int | None]] = defaultdict(dict)
        for row in profits:
            for group, names in GROUPS.items():
                amounts = [None if row[name] is None else minor(row[name]) for name in names]
                amount = None if None in amounts else sum(one for one in amounts if one is not None)
                lines, whole = self.booked[row["fiscal_period"]], (group, COMPANY)
                lines[group, row["product_id"]] = amount
                before = lines.get(whole, 0)
                lines[whole] = None if amount is None or before is None else before + amount
        over = [period for period in company.periods if period.last < self.today]
        self.last = {group: [one for one in over if self.actual(one, (group, COMPANY))[1] is None] for group in GROUPS}

    def actual(self, period: Period, line: Line) -> tuple[int | None, str | None]:
        """Of a line in a period, or why there is none."""
        group, _ = line
        if group not in GROUPS:
            return None, "unknown_group"
        if period.first > self.today:
            return None, "not_begun"
        if not self.booked[period.name]:
            return None, "no_actual"
        if self.booked[period.name][group, COMPANY] is None:
            return None, "withheld"
        return self.booked[period.name].get(line, 0), None

    def forecast(self, period: Period, line: Line) -> tuple[int | None, str | None]:
        actual, _ = self.actual(period, line)
        if actual is not None and period.last < self.today:
            return actual, "actual"
        if line in self.planned[period.name]:
            return self.planned[period.name][line], "budget"
        recent = self.last.get(line[0], [])[-RUN:]
        if not recent:
            return None, None
        of_them = sum(self.actual(one, line)[0] or 0 for one in recent)
        return round(Fraction(of_them * len(period.days), sum(len(one.days) for one in recent))), "run_rate"

    def rows(self) -> list[dict[str, Any]]:
        years: dict[str, list[Period]] = defaultdict(list)
        for period in self.company.periods:
            years[period.year].append(period)
        return [
            self.row(period, line) for periods in years.values() for line in self.lines(periods) for period in periods
        ]

    def lines(self, periods: Sequence[Period]) -> list[Line]:
        found = {line for period in periods for line in self.planned[period.name]}
        for period in periods:
            found |= {line for line, amount in self.booked[period.name].items() if amount != 0}
        return sorted(found)

    def row(self, period: Period, line: Line) -> dict[str, Any]:
        actual, reason = self.actual(period, line)
        budget = self.planned[period.name].get(line)
        variance = None if actual is None or budget is None else actual - budget
        forecast, rule = self.forecast(period, line)
        return {
            "fiscal_period": period.name,
            "account_group": line[0],
            "product_id": line[1],
            "is_rollup": line[1] == COMPANY,
            "is_complete": period.last < self.today,
            "actual": _text(actual),
            "budget": _text(budget),
            "variance": _text(variance),
            "variance_ratio": variance / abs(budget) if variance is not None and budget else None,
            "variance_ratio_suppressed_reason": reason or (None if budget else "no_budget"),
            "forecast": _text(forecast),
            "forecast_rule": rule,
            "currency": self.company.currency,
        }


def budgets(company: Company, now: int, profits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of mart_budget."""
    return Budgets(company, now, profits).rows()


def minor(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))


def _text(minor: int | None) -> str | None:
    return None if minor is None else money(minor)
