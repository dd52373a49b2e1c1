"""What each customer brings, has and uses when a fiscal period ends, and when it is up for renewal.

The definitions:
- A row is a customer with a balance when the period ends. Accounts that no customer owns are one row, with sums alone.
- Its products are those with a balance that the catalogue knows, by their names of today.
- It pays since the first day on which an account that is its own now brought anything.
- A term of at least three months is up for renewal on the day on which it ends, unless its contract was given notice by
  the period's end; a notice that was taken back is none. What is up is what the term brings then, by the year. The next
  quarter is the fiscal quarter after the period's own.
- Active users are those of the 28 days up to the period's end, or to the newest day of use if that is at most a week
  earlier, and of the 28 days that end ninety days before. Nobody knows them of a customer to whom no account is mapped,
  or of days before the first upload.
- At risk is who gave notice, or has half of its active users or fewer (of as many as a ratio may be made of); without
  any it is not used. The first that holds is the reason.
Does not: balances (revenue.py), who is active (people.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.company.billing.contracts import ContractItem
from sandbox.company.billing.price_list import Price
from sandbox.company.calendar import Period
from sandbox.company.usage.events import MICRO
from sandbox.timestamps import local_date
from sandbox.truth.books import money
from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.people import UsageFacts
from sandbox.truth.revenue import Balance, Revenue

Rows = list[dict[str, Any]]
MONTHS = 12
OF_ONE = (
    *("products", "product_names", "first_paid_date", "tenure_months", "last_active_date", "active_users_28d"),
    *("active_users_28d_before", "next_renewal_date", "renewal_arr", "health", "health_reason"),
)
LEAST = {"year": 1, "month": 3, "week": 13, "day": 90}  # how many of these are three months
WINDOW, BEFORE, LATEST = timedelta(days=27), timedelta(days=90), timedelta(days=7)


def is_long(price: Price) -> bool:
    return price.interval is not None and price.count >= LEAST[price.interval]


@dataclass
class Contracts:
    """What a customer's contracts say when a period ends."""

    has_notice: bool = False
    renewals: dict[date, int] = field(default_factory=lambda: defaultdict(int))  # minor units by the month, plan rates

    def arr(self, after: date, until: date) -> str:
        return money(MONTHS * sum(part for day, part in self.renewals.items() if after < day <= until))


class Customers:
    """All periods that have begun."""

    def __init__(self, revenue: Revenue, used: UsageFacts) -> None:
        self.revenue, self.used, company = revenue, used, revenue.company
        self.active: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for use in used.uses:
            self.active[use.customer].append((use.day, use.person))
        uploads = [used.usage.uploaded[event] // MICRO for event in used.events]
        self.first_day = local_date(min(uploads), used.zone) if uploads else None
        self.states: dict[str, list[tuple[int, Mapping[str, ContractItem]]]] = defaultdict(list)
        self.notices: dict[str, int | None] = {}  # that stand now
        for change in company.billing.changes:
            if change.kind == "subscription" and change.at <= revenue.now:
                values = change.values or {}
                self.notices[change.id] = values.get("canceled", self.notices.get(change.id))
                if "items" in values:
                    self.states[change.id].append((change.at, {item.id: item for item in values["items"]}))

    def rows(self, balances: Sequence[Balance]) -> Rows:
        held: dict[tuple[str, str], list[Balance]] = defaultdict(list)
        for balance in balances:
            held[balance.fiscal_period, balance.cell.customer_id].append(balance)
        found = []
        for period in self.revenue.periods:
            contracts = self._contracts(period)
            for (name, customer), own in sorted(held.items()):
                if name == period.name:
                    found.append(self._row(period, customer, own, contracts[customer]))
        return found

    def _row(self, period: Period, customer: str, own: Sequence[Balance], contracts: Contracts) -> dict[str, Any]:
        place, quarters = own[0].cell, self._quarter_ends(period)
        row: dict[str, Any] = {
            "fiscal_period": period.name,
            "customer_id": customer,
            "is_rollup": False,
            "segment": place.segment,
            "market": place.market,
            "closing_arr": money(MONTHS * sum(one.mrr_plan for one in own)),
            "closing_arr_actual": money(MONTHS * sum(one.mrr_actual for one in own)),
            "renewal_this_quarter_arr": contracts.arr(date.min, quarters[0]),
            "renewal_next_quarter_arr": contracts.arr(*quarters) if len(quarters) == 2 else None,
        }
        if customer == UNMAPPED:
            return row | {"customer_name": "Unmapped"} | dict.fromkeys(OF_ONE)
        day, since = self.revenue.day(period), self._first_paid(period, customer)
        products = {one.cell.product_id for one in own} - {UNMAPPED}
        names = sorted(self._name("product", product) or product for product in products)
        last, now, before = self._users(customer, day)
        due = min(contracts.renewals, default=None)
        months = (day.year - since.year) * MONTHS + day.month - since.month - (day.day < since.day)
        health, reason = _health(contracts.has_notice, now, before, self.revenue.policy.ratio_min_n)
        return row | {
            "customer_name": self._name("customer", customer),
            "products": len(names),
            "product_names": ", ".join(names) or None,
            "first_paid_date": since.isoformat(),
            "tenure_months": months,
            "last_active_date": last.isoformat() if last else None,
            "active_users_28d": now,
            "active_users_28d_before": before,
            "next_renewal_date": due.isoformat() if due else None,
            "renewal_arr": money(MONTHS * contracts.renewals[due]) if due else None,
            "health": health,
            "health_reason": reason,
        }

    # -- contracts

    def _contracts(self, period: Period) -> dict[str, Contracts]:
        revenue, end, day = self.revenue, self.revenue.end(period), self.revenue.day(period)
        found: dict[str, Contracts] = defaultdict(Contracts)
        sums: dict[tuple[date, str, str, str], int] = defaultdict(int)
        for contract, line in revenue.contracts.items():
            notice = self.notices[contract]
            for held in line.before(end):
                has_notice = notice is not None and notice < end
                found[revenue.customer(held.account, day)].has_notice |= has_notice
                if is_long(held.price) and not has_notice:
                    until = local_date(self._term_end(contract, held.item, end), revenue.zone)
                    for cell, part in revenue.cells(held, day).items():
                        sums[until, cell.customer_id, cell.product_id, cell.currency] += part
        for (until, customer, _, currency), part in sums.items():
            found[customer].renewals[until] += round(part * revenue.rates(currency, period)[0])
        return found

    def _term_end(self, contract: str, item: str, instant: int) -> int:
        states = [items for at, items in self.states[contract] if at < instant]
        return states[-1][item].end

    def _quarter_ends(self, period: Period) -> list[date]:
        """The last day of the period's quarter and of the one after, if the calendar has it."""
        ends: dict[str, date] = {}
        for one in self.revenue.company.periods:
            ends[one.quarter] = max(one.last, ends.get(one.quarter, one.last))
        return sorted(last for last in ends.values() if last >= ends[period.quarter])[:2]

    def _first_paid(self, period: Period, customer: str) -> date:
        end, day = self.revenue.end(period), self.revenue.day(period)
        return local_date(
            min(
                since
                for contract, spans in self.revenue.spans.items()
                if self.revenue.customer(self.revenue.contracts[contract].account, day) == customer
                for since, _, _ in spans
                if since < end
            ),
            self.revenue.zone,
        )

    # -- names and people

    def _name(self, kind: str, key: str) -> str | None:
        """As it is called today, else as it was last, else as it will be."""
        today = local_date(self.revenue.now, "UTC")
        rows = [row for row in self.revenue.company.rows(f"{kind}s", self.revenue.now) if row[f"{kind}_id"] == key]
        begun = [row for row in rows if row["valid_from"] <= today.isoformat()]
        valid = [row for row in rows if is_valid(row, today)]
        last = max(begun, key=lambda row: row["valid_from"], default=None)
        first = min(rows, key=lambda row: row["valid_from"], default=None)
        row = valid[0] if valid else last or first
        return row["name"] if row else None

    def _users(self, customer: str, day: date) -> tuple[date | None, int | None, int | None]:
        """The last day of use, and the active users at the end of a day and ninety days before."""
        until, first = min(day, self.used.last_day), self.first_day
        is_mapped = any(row["customer_id"] == customer and is_valid(row, until) for row in self.used.accounts)
        if first is None or not is_mapped or until < day - LATEST:
            return None, None, None
        counts = [
            len({who for at, who in self.active[customer] if end - WINDOW <= at <= end})
            if end - WINDOW >= first
            else None
            for end in (until, until - BEFORE)
        ]
        return max((at for at, _ in self.active[customer] if at <= until), default=None), counts[0], counts[1]


def _health(has_notice: bool, now: int | None, before: int | None, least: int) -> tuple[str, str]:
    if has_notice:
        return "at_risk", "notice_given"
    if now is None:
        return "unknown", "usage_not_known"
    if now == 0:
        return "no_usage", "nobody_active"
    if before is not None and before >= least and 2 * now <= before:
        return "at_risk", "users_halved"
    return "healthy", "in_use"
