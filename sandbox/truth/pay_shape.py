"""For whom the people of a fiscal period worked, weighed by what they are paid: the shape of payroll.

The definitions:
- The weight of a person and product in a period: the pay of a year in the reporting currency, in whole minor units at
  the period's last rate, times the sum over all days of the part of the day that is paid, in thousandths
  (headcount.py), times the share of that day's team for the product.
- A team without a product is UNALLOCATED if it is of engineering or nobody describes it, else OVERHEAD.
- Contractors send bills and weigh nothing.
- Everything is as known now. What the switch closed_periods makes of late news depends on when somebody loaded: a case
  of its own (tests/cases/cost, pay07) shows it.
Does not: amounts of the ledger (cost.py), heads and pay of a day (headcount.py).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from functools import cached_property

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.headcount import WorkerDay, worker_days
from sandbox.truth.maps import UNALLOCATED, is_valid

OVERHEAD = "OVERHEAD"
EVERYBODY = "EVERYBODY"
Weights = dict[str, Fraction]
TRILLION = 10**12


class PayShapes:
    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now = company, now
        self.today = local_date(now, company.reporting_zone)
        self.teams = company.rows("teams", now)
        self.team_products = company.rows("team_products", now)
        self._shares: dict[tuple[str, date], Weights] = {}
        self._known: dict[str, dict[str, Weights]] = {}

    @cached_property
    def days(self) -> dict[str, list[WorkerDay]]:
        """By period, of everybody who is paid through payroll."""
        found: dict[str, list[WorkerDay]] = defaultdict(list)
        for one in worker_days(self.company, self.now):
            if one.is_head:
                found[one.period].append(one)
        return found

    def shape(self, period: Period, scope: str) -> dict[str, int]:
        """Shares of the products in trillionths, of those of a function or of everybody; none where nobody is paid."""
        weights = self.weights(period).get(scope, {})
        whole = sum(weights.values(), Fraction(0))
        if not whole:
            return {}
        shares = {product: round(weight * TRILLION / whole) for product, weight in weights.items()}
        return {product: share for product, share in shares.items() if share}

    def weights(self, period: Period) -> dict[str, Weights]:
        """By function, in lower case, and of everybody."""
        if period.name not in self._known:
            found: dict[str, Weights] = defaultdict(lambda: defaultdict(Fraction))
            for one in self.days[period.name]:
                weight = (one.yearly_pay_minor or 0) * one.paid_thousandths
                for product, share in self.products(one.team_id, one.day).items():
                    found[one.function.lower()][product] += weight * share
                    found[EVERYBODY][product] += weight * share
            self._known[period.name] = found
        return self._known[period.name]

    def fte(self, period: Period) -> Weights:
        """Days of full-time work for each product, paid or not."""
        found: Weights = defaultdict(Fraction)
        for one in self.days[period.name]:
            for product, share in self.products(one.team_id, one.day).items():
                found[product] += Fraction(one.share) * share
        return found

    def products(self, team: str, day: date) -> Weights:
        """A team's shares of a day, all of them together 1."""
        if (team, day) not in self._shares:
            rows = [row for row in self.team_products if row["team_id"] == team and is_valid(row, day)]
            found = {row["product_id"]: Fraction(row["share"]) for row in rows}
            if not found:
                known = next((row for row in self.teams if row["team_id"] == team and is_valid(row, day)), None)
                function = known["function"].lower() if known else ""
                found = {OVERHEAD if function not in ("", "engineering") else UNALLOCATED: Fraction(1)}
            self._shares[team, day] = found
        return self._shares[team, day]
