"""By what cost of several products can be shared out, and how much of it each product has in a fiscal period.

The definitions:
- events: active events of human outsiders, each by its weights; active_users: how many different people those are of.
  A product counts with all that is below it.
- revenue: what is recognised of a product, where that is above zero.
- equal: every product that the catalogue describes on the period's last day, or today, as 1.
- Only rows of the catalogue that add up to the company count, and none that stands for nobody's.
Does not: cost and time of work, which are drivers too (cost.py, pay_shape.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.maps import COMPANY, UNALLOCATED, UNMAPPED, is_part, is_valid
from sandbox.truth.people import UsageFacts
from sandbox.truth.recognised import recognised

Weights = dict[str, Fraction]
NOBODYS = (UNALLOCATED, UNMAPPED, COMPANY)


class Drivers:
    """Each is worked out when a rule asks for it."""

    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now = company, now
        self.today = local_date(now, company.reporting_zone)
        self.products = company.rows("products", now)

    def of(self, driver: str, period: Period) -> Weights:
        known: Mapping[str, Fraction] = {
            "events": lambda: self._used[0][period.name],
            "active_users": lambda: self._used[1][period.name],
            "revenue": lambda: self._earned[period.name],
            "equal": lambda: self._equal(min(period.last, self.today)),
        }[driver]()
        return {product: weight for product, weight in known.items() if weight > 0 and product not in NOBODYS}

    def _equal(self, day: date) -> Weights:
        described = {row["product_id"] for row in self.products if row["level"] == "product" and is_valid(row, day)}
        return {product: Fraction(1) for product in described if is_part(self.products, product, day)}

    @cached_property
    def _used(self) -> tuple[dict[str, Weights], dict[str, Weights]]:
        facts = UsageFacts(self.company, self.now)
        events: dict[str, Weights] = defaultdict(lambda: defaultdict(Fraction))
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        names = {day: period.name for period in self.company.periods for day in period.days}
        parts = {}
        for use in facts.uses:
            for node, weight in use.nodes.items():
                if (node, use.day) not in parts:
                    parts[node, use.day] = is_part(self.products, node, use.day)
                if use.day <= facts.last_day and parts[node, use.day]:
                    events[names[use.day]][node] += Fraction(weight)
                    people[names[use.day], node].add(use.person)
        users: dict[str, Weights] = defaultdict(dict)
        for (period, node), known in people.items():
            users[period][node] = Fraction(len(known))
        return events, users

    @cached_property
    def _earned(self) -> dict[str, Weights]:
        found: dict[str, Weights] = defaultdict(lambda: defaultdict(Fraction))
        for row in recognised(self.company, self.now):
            found[row.fiscal_period][row.product_id] += row.amount
        return found
