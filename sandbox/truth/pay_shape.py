"""For whom the people of a fiscal period worked, weighed by what they are paid: the shape of payroll.

The definitions:
- The weight of a person and product in a period: the pay of a year in the reporting currency, in whole minor units at
  the period's last rate, times the sum over all days of the part of the day that is paid, in thousandths, times the
  share of that day's team for the product.
- The part of a day that is paid is the share of full time, less what of the day is unpaid leave, half to even.
- A team without a product is UNALLOCATED if it is of engineering or nobody describes it, else OVERHEAD.
- Contractors send bills and weigh nothing.
- Everything is as known now; where the switch closed_periods is as_closed, a period has what had been earned up to its
  end as known then, less what had been earned up to the end before as known then, and nobody's product is below zero.
Does not: amounts of the ledger (cost.py), heads (headcount.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.company.people.facts import Employment
from sandbox.timestamps import local_date
from sandbox.truth.headcount import CONTRACTOR
from sandbox.truth.maps import UNALLOCATED, is_valid
from sandbox.truth.money import Exchange

OVERHEAD = "OVERHEAD"
EVERYBODY = "EVERYBODY"
Weights = dict[str, Fraction]
TRILLION = 10**12


class PayShapes:
    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now = company, now
        self.exchange = Exchange(company, now)
        self.today = local_date(now, company.reporting_zone)
        self.teams = company.rows("teams", now)
        self.team_products = company.rows("team_products", now)
        self._shares: dict[tuple[str, date], Weights] = {}
        self._known: dict[str, dict[str, Weights]] = {}

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
            for worker in self.company.staff.workers:
                if worker.kind != CONTRACTOR:
                    rate = self.exchange.actual(worker.currency, min(period.last, self.today))
                    for day, job, part, yearly in self.days(worker.as_known(self.now), period):
                        weight = round(yearly * rate) * round(1000 * part)
                        for product, share in self.products(job.team_id, day).items():
                            found[job.division.lower()][product] += weight * share
                            found[EVERYBODY][product] += weight * share
            self._known[period.name] = found
        return self._known[period.name]

    def fte(self, period: Period) -> Weights:
        """Days of full-time work for each product, paid or not."""
        found: Weights = defaultdict(Fraction)
        for worker in self.company.staff.workers:
            if worker.kind != CONTRACTOR:
                for day, job, _, _ in self.days(worker.as_known(self.now), period):
                    for product, share in self.products(job.team_id, day).items():
                        found[product] += Fraction(job.fte) * share
        return found

    def days(self, life: Employment, period: Period) -> Iterator[tuple[date, Any, Fraction, int]]:
        """Every day of work: the job, the part of it that is paid, and the pay of a year."""
        for day in period.days:
            job = life.job(day) if day <= self.today else None
            if job is not None:
                pay = [row.amount_minor for row in life.pay if row.since <= day]
                away = any(leave.first <= day <= leave.last for leave in life.leaves if not leave.is_paid)
                yield day, job, Fraction(0 if away else job.fte), pay[-1] if pay else 0

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
