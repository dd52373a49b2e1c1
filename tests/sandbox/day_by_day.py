"""Recurring revenue walked through day by day, from what changed in billing and the company's files alone.

Belongs here: a second reading of balances and movements, as slow and plain as it can be, under the company's switches
but that of late renewals. Does not: the truth (sandbox/truth/revenue.py), with which it has no code in common, nor
exchange rates; claims (test_revenue_day_by_day.py, tests/end_to_end).

Every day of a period is seen with the files of the period's last day. So a period begins with what other files make of
the opening, and all that follows is the difference of one day's end and the next one's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.billing.contracts import ContractItem, Discount, InvoiceLine
from sandbox.company.calendar import Period
from sandbox.timestamps import DAY, local_date, midnight
from sandbox.truth.maps import UNMAPPED, is_valid, strongest
from sandbox.truth.money import shared_out

GRACE = 30  # days, of those who come back
DEFAULTS = {
    "churn_date": "service_end",
    "past_due_days": "30",
    "paused_counts": "false",
    "trials_count": "false",
    "dated_credits_count": "true",
}
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}
Cell = tuple[str, str, str, str, str]  # customer, product, segment, market, currency
Place = tuple[str, Cell]  # logo and cell


@dataclass
class Contract:
    """One contract as it is after the changes so far. ``notice``: when it was given notice that still stands."""

    policy: Mapping[str, str]
    notice: int | None = None
    state: dict[str, Any] = field(default_factory=dict)
    credits: list[InvoiceLine] = field(default_factory=list)
    terms: dict[int, tuple[tuple[Discount, ...], bool]] = field(default_factory=dict)  # with what they began, by when
    unpaid_since: int | None = None
    amounts: list[tuple[str, Fraction]] = field(default_factory=list)  # product in billing, exactly what it brings
    sums: dict[tuple[str, str], int] = field(default_factory=dict)  # of a sum off the invoice, by discount and item

    def change(self, at: int, values: dict[str, Any]) -> None:
        self.state |= values
        for start in sorted({item.start for item in self.state["items"]} - self.terms.keys()):
            self.terms[start] = self.state["discounts"], self.state["paused"] is not None
            self.sums |= self._sums([item for item in self.state["items"] if item.start == start])
        if self.state["status"] not in ("past_due", "unpaid"):
            self.unpaid_since = None
        elif self.unpaid_since is None and self.state["status"] == "past_due":
            self.unpaid_since = at
        counted = [item for item in self.state["items"] if self._is("paused_counts") or not self.terms[item.start][1]]
        self.amounts = [(item.price.product, self._by_month(item)) for item in counted]

    def brings(self, at: int) -> Iterator[tuple[str, int]]:
        """Product in billing and minor units by the month of each item at an instant."""
        patience = int(self.policy["past_due_days"]) * DAY
        given_up = self.unpaid_since is not None and at >= self.unpaid_since + patience
        noticed = self.policy["churn_date"] == "notice" and self.notice is not None and at >= self.notice
        on_trial = self.state["status"] == "trialing" and not self._is("trials_count")
        if self.state["status"] in ("paused", "canceled") or given_up or noticed or on_trial:
            return
        left = Fraction(1)
        given = [line for line in self.credits if line.start <= at < line.end]
        if given and self._is("dated_credits_count"):
            back = sum((Fraction(-line.amount, line.end - line.start) * DAY for line in given), Fraction(0))
            a_day = sum((amount for _, amount in self.amounts), Fraction(0)) * 12 / 365
            left = max(Fraction(0), 1 - back / a_day) if a_day else left
        yield from ((product, round(amount * left)) for product, amount in self.amounts if round(amount * left) > 0)

    def _is(self, switch: str) -> bool:
        return self.policy[switch] == "true"

    def _sums(self, billed: list[ContractItem]) -> dict[tuple[str, str], int]:
        """A sum off an invoice goes to its items cent by cent: always to the one that is furthest behind its part."""
        found: dict[tuple[str, str], int] = {}
        for discount in (one for one in self.state["discounts"] if one.coupon.amount and one.coupon.duration != "once"):
            items = [one for one in billed if discount.coupon.product in (None, one.price.product)]
            prices = {one.id: self._after(one, found, until=discount) for one in items}
            whole = sum(prices.values(), Fraction(0))
            amount = min(discount.coupon.amount, int(whole))
            parts = {one: int(amount * price / whole) for one, price in prices.items()} if whole else {}
            while sum(parts.values()) < amount:
                parts[max(parts, key=lambda one: amount * prices[one] / whole - parts[one])] += 1
            found |= {(discount.id, one): part for one, part in parts.items()}
        return found

    def _after(self, item: ContractItem, sums: dict[tuple[str, str], int], until: Discount | None = None) -> Fraction:
        """The price of an item for a term after its discounts, or those before one of them."""
        price = item.price
        amount = Fraction(price.cost(item.quantity) if price.amount is None else price.amount * item.quantity)
        if price.metered:
            amount = Fraction(price.cost(0))  # what is charged though nothing is used
        for discount in self.terms[item.start][0]:
            if discount is until:
                break
            coupon = discount.coupon
            if coupon.duration != "once" and coupon.product in (None, price.product):
                percent = Fraction(coupon.percent or 0) / 100
                amount = max(Fraction(0), amount * (1 - percent) - sums.get((discount.id, item.id), 0))
        return amount

    def _by_month(self, item: ContractItem) -> Fraction:
        price = item.price
        if price.interval is None:
            return Fraction(0)
        amount = self._after(item, self.sums)
        if price.tax_included:  # it is to its net what a hundred and the tax are to a hundred
            amount /= 1 + Fraction(self.state["tax_percent"], 100)
        if price.interval in MONTHS:
            return amount / (MONTHS[price.interval] * price.count)
        return amount / (DAYS[price.interval] * price.count) * 365 / 12


@dataclass
class Month:
    """What one period came to, by logo and cell."""

    period: Period
    day: date  # whose files count
    remapped: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    gained: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    lost: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    opening: dict[Place, int] = field(default_factory=dict)  # as the files of this period have it
    closing: dict[Place, int] = field(default_factory=dict)


class Walk:
    """All days of a company up to an instant."""

    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now, self.zone = company, now, company.reporting_zone
        self.today = local_date(now, self.zone)
        self._files = {name: company.rows(name, now) for name in ("customers", "customer_map", "product_map")}
        self._keys = company.billing.catalogue.products
        self._weights: dict[tuple[str, date], dict[str, Fraction]] = {}
        self._shares: dict[tuple[str, int, date], dict[str, int]] = {}
        self._owners: dict[tuple[str, date], tuple[str, str, str, str]] = {}
        self._people: dict[date, dict[str, dict[str, str]]] = {}
        policy = DEFAULTS | company.policy
        self.contracts: dict[str, Contract] = defaultdict(lambda: Contract(policy))
        self.there: dict[tuple[str, str], list[date]] = defaultdict(list)  # by account and product in billing
        self.months = list(self._months())

    # -- the files of a day

    def weights(self, product: str, day: date) -> dict[str, Fraction]:
        if (product, day) not in self._weights:
            known = [row for row in self._files["product_map"] if row["source"] == "stripe"]
            rows = strongest([row for row in known if row["object_type"] == "product"], [product], day)
            self._weights[product, day] = {row["product_id"]: Fraction(row["weight"]) for row in rows}
        return self._weights[product, day] or {UNMAPPED: Fraction(1)}

    def owner(self, account: str, day: date) -> tuple[str, str, str, str]:
        """The logo, customer, segment and market of an account."""
        if (account, day) not in self._owners:
            mine = [row for row in self._files["customer_map"] if (row["source"], row["key"]) == ("stripe", account)]
            customer = next((row["customer_id"] for row in mine if is_valid(row, day)), UNMAPPED)
            row = self._described(day).get(customer, {})
            place = (row.get("segment") or UNMAPPED, row.get("market") or UNMAPPED)
            logo = account if customer == UNMAPPED else self.family(customer, day)
            self._owners[account, day] = (logo, customer, *place)
        return self._owners[account, day]

    def family(self, customer: str, day: date) -> str:
        people = self._described(day)
        while customer in people and people[customer]["parent_id"]:
            customer = people[customer]["parent_id"]
        return customer

    def _described(self, day: date) -> dict[str, dict[str, str]]:
        if day not in self._people:
            self._people[day] = {row["customer_id"]: row for row in self._files["customers"] if is_valid(row, day)}
        return self._people[day]

    # -- the days

    def _months(self) -> Iterator[Month]:
        changes = [one for one in self.company.billing.changes if one.at <= self.now]
        for one in changes:
            if one.kind == "invoice" and one.values and "lines" in one.values:
                lines = [line for line in one.values["lines"] if line.item is None and line.start < line.end]
                self.contracts[one.values["subscription"]].credits += [line for line in lines if line.amount < 0]
            if one.kind == "subscription" and one.values and "canceled" in one.values:
                self.contracts[one.id].notice = one.values["canceled"]
        waiting = iter([one for one in changes if one.kind == "subscription"])
        following = next(waiting, None)
        held: list[tuple[str, str, str, int]] = []
        before: dict[Place, int] = {}
        for period in self.company.periods:
            if period.first > self.today:
                return
            month = Month(period, min(period.last, self.today))
            last = month.opening = self._placed(held, month.day)
            for place in {*before, *last}:
                month.remapped[place] = last.get(place, 0) - before.get(place, 0)
            day = period.first
            while day <= month.day:
                end = min(midnight(day + timedelta(days=1), self.zone), self.now + 1)
                while following is not None and following.at < end:
                    self.contracts[following.id].change(following.at, dict(following.values or {}))
                    following = next(waiting, None)
                held = list(self._held(end - 1))
                for key in {(account, product) for account, product, _, _ in held}:
                    self.there[key].append(day)
                here = self._placed(held, month.day)
                for place in {*last, *here}:
                    step = here.get(place, 0) - last.get(place, 0)
                    month.gained[place] += max(step, 0)
                    month.lost[place] += max(-step, 0)
                last, day = here, day + timedelta(days=1)
            month.closing = before = last
            yield month

    def _held(self, at: int) -> Iterator[tuple[str, str, str, int]]:
        for contract in self.contracts.values():
            if contract.state:
                account, currency = contract.state["customer"], contract.state["currency"].upper()
                for product, minor_units in contract.brings(at):
                    yield account, self._keys[product], currency, minor_units

    def _placed(self, held: list[tuple[str, str, str, int]], day: date) -> dict[Place, int]:
        found: dict[Place, int] = defaultdict(int)
        for account, key, currency, minor_units in held:
            logo, customer, segment, market = self.owner(account, day)
            if (key, minor_units, day) not in self._shares:
                self._shares[key, minor_units, day] = shared_out(minor_units, self.weights(key, day))
            for product, part in self._shares[key, minor_units, day].items():
                if part:
                    found[logo, (customer, product, segment, market, currency)] += part
        return dict(found)

    def sums(self) -> dict[tuple[str, ...], tuple[int, int, int]]:
        """By period and cell: what there is at its end, what changed since the last one, what went there and back. Of
        the first period only what there is: what was before it is not shown."""
        found: dict[tuple[str, ...], tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
        for number, month in enumerate(self.months):
            for place in {*month.remapped, *month.gained, *month.lost}:
                up, down = month.gained[place], month.lost[place]
                moved = (month.remapped[place] + up - down, min(up, down)) if number else (0, 0)
                more = (month.closing.get(place, 0), *moved)
                known = found[month.period.name, *place[1]]
                found[month.period.name, *place[1]] = (known[0] + more[0], known[1] + more[1], known[2] + more[2])
        return {key: sums for key, sums in found.items() if any(sums)}

    # -- how long somebody was away

    def away(self, month: Month, logo: str, product: str, begin: date) -> tuple[date | None, date | None]:
        """The last day before one with anything of a product, or of any where it is empty; and the first from it on."""
        before, since = [], []
        for (account, key), days in self.there.items():
            sold = not product or product in self.weights(key, month.day)
            if sold and self.owner(account, month.day)[0] == logo:
                before += days[: bisect_left(days, begin)][-1:]
                since += days[bisect_left(days, begin) :][:1]
        return max(before, default=None), min(since, default=None)


def is_short(gap: tuple[date | None, date | None]) -> bool | None:
    """Whether somebody was away for no longer than the grace; None where the hours of the days decide it."""
    if gap[0] is None or gap[1] is None:
        return False
    nights = (gap[1] - gap[0]).days
    return None if GRACE < nights < GRACE + 2 else nights <= GRACE
