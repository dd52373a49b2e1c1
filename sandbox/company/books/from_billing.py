"""What billing brings into the books: its months as summary entries, and revenue when it is earned.

Belongs here: how billing facts become journal entries in the currency of the books. Does not: billing itself
(company/billing).

All money that is billed is owed first (deferred); at the end of each period what was served in it is revenue, by class.
What is billed late for an earlier period is revenue of the period in which it is billed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sandbox.company.billing.contracts import InvoiceLine
from sandbox.company.billing.facts import Billing
from sandbox.company.billing.price_list import CHECKOUT_SINCE, PRODUCTS
from sandbox.company.books.bookkeeper import Bookkeeper, minor_units, spread
from sandbox.company.calendar import Period
from sandbox.timestamps import utc

PARTS = 1_000_000  # shares of a bundle have six decimals


@dataclass(slots=True)
class BilledMonth:
    """What was billed and paid in one currency and period, in minor units of that currency or of the books."""

    net: int = 0
    tax: int = 0
    lost: int = 0
    moved: int = 0
    fees: int = 0
    open: int = 0  # what is owed, more or less, in the currency itself
    earned: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))


def day_of(at: int) -> date:
    return utc(at).date()


class Summary:
    """Billing, period by period."""

    def __init__(self, bookkeeper: Bookkeeper, periods: Sequence[Period], billing: Billing) -> None:
        self.bookkeeper, self.periods = bookkeeper, periods
        # The first day of every period, and the one after the last.
        self.edges = [one.first.toordinal() for one in periods] + [periods[-1].last.toordinal() + 1]
        self.months: dict[tuple[int, str], BilledMonth] = defaultdict(BilledMonth)
        invoices: dict[str, dict[str, Any]] = {}
        for change in billing.changes:
            place = self._place(day_of(change.at))
            if place is None or change.values is None:
                continue
            values = change.values
            if change.kind == "invoice":
                invoice = invoices.setdefault(change.id, {})
                before = invoice.get("status")
                invoice |= values
                if change.what == "finalized":
                    self._bill(place, invoice, invoice["lines"], 1)
                elif change.what == "voided" and before != "draft":
                    self._bill(place, invoice, invoice["lines"], -1)
                elif change.what == "marked_uncollectible":
                    month = self.months[place, invoice["currency"]]
                    month.lost += self._home(invoice["remaining"], invoice["currency"], place)
                    month.open -= invoice["remaining"]
            elif change.kind == "credit_note":
                for _, line, amount in values["lines"]:
                    self._take(place, values["currency"], line, -amount)
            elif change.kind == "balance_transaction":
                month = self.months[place, values["currency"]]
                month.moved += self._home(values["amount"], values["currency"], place)
                month.fees += self._home(values["fee"], values["currency"], place)
                month.open -= values["amount"]

    def _place(self, day: date) -> int | None:
        """The number of the period that holds a day."""
        place = bisect_right(self.edges, day.toordinal()) - 1
        return place if 0 <= place < len(self.periods) else None

    def _home(self, amount: int, currency: str, place: int) -> int:
        return minor_units(amount * self.bookkeeper.exchange.exact(currency.upper(), self.periods[place].last))

    def _bill(self, place: int, invoice: dict[str, Any], lines: Sequence[InvoiceLine], sign: int) -> None:
        for line in lines:
            self._take(place, invoice["currency"], line, sign * line.gross)

    def _take(self, place: int, currency: str, line: InvoiceLine, gross: int) -> None:
        """An amount of a line, with the tax in it, is owed by a customer, or no longer."""
        whole, taxes = line.gross, line.tax + line.included_tax
        net, tax = spread(gross, (abs(whole - taxes), abs(taxes))) if taxes else (gross, 0)
        month = self.months[place, currency]
        home, taxed = self._home(net, currency, place), self._home(tax, currency, place)
        month.net += home
        month.tax += taxed
        month.open += gross
        for earned, product, part in self.earned(place, line, home):
            month.earned[earned, product] += part

    def earned(self, place: int, line: InvoiceLine, home: int) -> list[tuple[int, str, int]]:
        """When and for which class an amount is earned; what is earned after the last period is left out."""
        start, end = day_of(line.start).toordinal(), day_of(line.end).toordinal()
        edges = (0, *self.edges[1:])  # what was served before the first period counts too
        days = [max(0, min(end, after) - max(start, first)) for first, after in pairwise(edges)]
        later = max(0, end - max(start, edges[-1]))
        days[place], days[:place] = sum(days[: place + 1]), [0] * place
        if not sum(days) + later:
            days[place] = 1  # bought and not subscribed
        found = []
        for number, part in enumerate(spread(home, (*days, later))[:-1]):
            if part:
                names, weights = shares(line)
                found += [(number, name, amount) for name, amount in zip(names, spread(part, weights), strict=True)]
        return found

    def write(self) -> None:
        """The entries of every period, made in the days after it."""
        earned: dict[tuple[int, str], int] = defaultdict(int)
        owed: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))  # by currency: in it, and in the books
        bookkeeper = self.bookkeeper
        for place, period in enumerate(self.periods):
            when = f"{period.last + timedelta(days=2)}T18:00:00Z"
            currencies = sorted(currency for number, currency in self.months if number == place)
            cash = 0
            for currency in sorted({*currencies, *owed}):
                month = self.months[place, currency]
                there, here = owed[currency]
                there, here = there + month.open, here + month.net + month.tax - month.lost - month.moved
                now = self._home(there, currency, place)
                owed[currency] = there, now
                cash += month.moved - month.fees
                lines = [
                    bookkeeper.debit(
                        now - here + month.net + month.tax - month.lost - month.moved, "stripe_receivable"
                    ),
                    bookkeeper.credit(month.net, "deferred"),
                    bookkeeper.credit(month.tax, "sales_tax"),
                    bookkeeper.debit(month.lost, "bad_debt"),
                    bookkeeper.debit(month.moved - month.fees, "stripe_balance"),
                    bookkeeper.debit(month.fees, "payment_fees", "core"),
                    bookkeeper.credit(now - here, "exchange"),
                ]
                if any(line.amount for line in lines):
                    bookkeeper.journal(period.last, lines, when, f"Stripe {currency.upper()} {period.name}")
                for key, part in month.earned.items():
                    earned[key] += part
            if cash > 0:
                bookkeeper.transfer(period.last + timedelta(days=1), cash, "stripe_balance", "bank", when)
            known = sorted(product for number, product in earned if number == place)
            rows = [(product, earned[place, product]) for product in known]
            lines = [bookkeeper.debit(amount, "deferred", product) for product, amount in rows]
            lines += [bookkeeper.credit(amount, "subscriptions", product) for product, amount in rows]
            if any(line.amount for line in lines):
                bookkeeper.journal(period.last, lines, when, f"Revenue {period.name}")


def shares(line: InvoiceLine) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The classes of a line and their weights: none where nothing that is sold is on it."""
    if line.price is None:
        return ("",), (1,)
    sold = PRODUCTS[line.price.product]
    if not sold.shares:
        return ("connector",), (1,)
    known = sold.earlier if sold.earlier and str(day_of(line.start)) < CHECKOUT_SINCE else sold.shares
    return tuple(name for name, _ in known), tuple(round(float(weight) * PARTS) for _, weight in known)
