"""For whom the people of a fiscal period worked, weighed by what they are paid: the shape of payroll.

The definitions:
- The weight of a person and product in a period: the pay of a year in the reporting currency, in whole minor units at
  the period's last rate, times the sum over all days of the part of the day that is paid, in thousandths, times the
  share of that day's team for the product.
- The part of a day that is paid is the share of full time, less what of the day is unpaid leave, half to even. Days of
  unpaid leave are all of the calendar from its first to its last: one of which only a part is taken counts that part.
  A day in one of the statuses of the switch unpaid_statuses is not paid at all.
- A team without a product is UNALLOCATED if it is of engineering or nobody describes it, else OVERHEAD.
- Contractors send bills and weigh nothing.
- Everything is as known now. What the switch closed_periods makes of late news depends on when somebody loaded: a case
  of its own (tests/cases/cost, pay07) shows it.
Does not: amounts of the ledger (cost.py), heads (headcount.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.company.people.facts import WORKING_DAYS, Employment, Job
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
        self._rates: dict[tuple[str, str], Fraction] = {}
        written = company.policy.get("unpaid_statuses", "").split(",")
        self.unpaid_statuses = {name.strip().lower() for name in written if name.strip()}

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
                    for day, job, part, yearly in self.days(worker.as_known(self.now), period):
                        weight = yearly * round(1000 * part)
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

    def days(self, life: Employment, period: Period) -> Iterator[tuple[date, Job, Fraction, int]]:
        """Every day of work: the job, the part of it that is paid, and the pay of a year in the reporting currency."""
        for day in period.days:
            job = life.job(day) if day <= self.today else None
            if job is not None:
                pay = [row for row in life.pay if row.since <= day][-1:]
                yearly = sum(round(row.amount_minor * self._rate(row.currency, period)) for row in pay)
                yield day, job, Fraction(job.fte) * (1 - self._unpaid(life, day)), yearly

    def _unpaid(self, life: Employment, day: date) -> Fraction:
        if life.status(day).lower() in self.unpaid_statuses:
            return Fraction(1)
        taken = [leave for leave in life.leaves if not leave.is_paid and leave.first <= day <= leave.last]
        is_whole = day.weekday() not in WORKING_DAYS
        parts = [Fraction(1 if leave.part is None or is_whole else leave.part) for leave in taken]
        return min(sum(parts, Fraction(0)), Fraction(1))

    def _rate(self, currency: str, period: Period) -> Fraction:
        if (currency, period.name) not in self._rates:
            self._rates[currency, period.name] = self.exchange.actual(currency, min(period.last, self.today))
        return self._rates[currency, period.name]

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
