"""Revenue of the ledger by product, segment and market, in each fiscal period.

The definitions:
- The ledger owns the amount: what is posted on accounts that account_map.csv puts under revenue, in the currency of the
  books, and on accounts of income that it does not know. Each posting is shared out on its own, over products and then
  each product's part over segments and markets, so that every period adds up to the ledger to the minor unit.
- Its product is that of its class on its day; without a class, or where nobody has mapped it, UNMAPPED.
- Of a document with a customer, segment and market are the customer's on the period's last day; UNMAPPED where
  customer_map.csv does not know it.
- An entry without a customer is billing's summary. It is shared out over segments and markets by what was served of the
  product: the net amounts of invoice lines, at the period's last rate, by the days of service (UTC) in the period; what
  was invoiced later than it was served is served in the period of the invoice, a thing bought and not subscribed on the
  day of the invoice. Credit notes take back what they credit, void ones and void invoices never were, and nobody's
  share is below zero. Where nothing was served, UNMAPPED. What a line served is in whole minor units of the reporting
  currency: days of service have no denominator in common.
Does not: recurring revenue (revenue.py), what posts (books.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.billing.contracts import InvoiceLine
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date, utc
from sandbox.truth.books import Ledger, Posting, money
from sandbox.truth.maps import UNMAPPED, is_valid, portfolio, strongest
from sandbox.truth.money import shared_out
from sandbox.truth.revenue import Revenue

ONE = timedelta(days=1)
INCOME = "Income"  # the type of accounts that nobody has to map for their postings to count
Place = tuple[str, ...]  # segment and market
NOWHERE: Place = (UNMAPPED, UNMAPPED)


@dataclass(frozen=True, slots=True)
class Recognised:
    fiscal_period: str
    product_id: str
    segment: str
    market: str
    amount: int
    of_unmapped_accounts: int


class Postings:
    """The ledger's postings by fiscal period, with what product operations say of their accounts and classes."""

    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now = company, now
        self.ledger = Ledger(company.bookkeeping.books(now))
        self._accounts: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in company.rows("account_map", now):
            self._accounts[row["account"]].append(row)
        self._by_period: dict[str, list[Posting]] = {}
        self._by_day: dict[tuple[str, date], dict[str, str] | None] = {}
        self._classes = [row for row in company.rows("product_map", now) if row["source"] == "quickbooks"]
        first = min(posting.day for posting in self.ledger.postings)
        self.periods = [
            period for period in company.periods if first <= period.last and period.first <= utc(now).date()
        ]

    def of(self, period: Period) -> list[Posting]:
        if period.name not in self._by_period:
            self._by_period[period.name] = [
                one for one in self.ledger.postings if period.first <= one.day <= period.last
            ]
        return self._by_period[period.name]

    def account(self, posting: Posting) -> dict[str, str] | None:
        """What account_map.csv says of the account on the day."""
        key = posting.account, posting.day
        if key not in self._by_day:
            self._by_day[key] = next((row for row in self._accounts[key[0]] if is_valid(row, key[1])), None)
        return self._by_day[key]

    def products(self, class_id: str, day: date) -> dict[str, Fraction]:
        """Products of a class and their weights; UNMAPPED where it has none. Empty without a class. Where the switch
        classes_inherit is on, a class without rows is its nearest mapped parent's."""
        if not class_id:
            return {}
        known = [class_id]
        while self.company.policy.get("classes_inherit") == "true" and known[-1]:
            known.append(self.ledger.books.records["Class"][known[-1]]["above"] or "")
        found = (strongest(self._classes, [one], day) for one in known if one)
        rows = next((rows for rows in found if rows), [])
        return {row["product_id"]: Fraction(row["weight"]) for row in rows} or {UNMAPPED: Fraction(1)}

    def is_revenue(self, posting: Posting) -> bool:
        row = self.account(posting)
        if row is None:
            return bool(self.ledger.accounts[posting.account]["type"] == INCOME)
        return row["statement_group"] == "revenue"


def recognised(company: Company, now: int) -> list[Recognised]:
    postings, served = Postings(company, now), Served(company, now)
    parties = [row for row in company.rows("customer_map", now) if row["source"] == "quickbooks"]
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for period in served.revenue.periods:
        day = served.revenue.day(period)
        for posting in filter(postings.is_revenue, postings.of(period)):
            party = postings.ledger.books.records[posting.kind][posting.document].get("party")
            customers = [row["customer_id"] for row in parties if row["key"] == party and is_valid(row, day)]
            own = {served.place(customer, period): Fraction(1) for customer in customers} or {NOWHERE: Fraction(1)}
            products = postings.products(posting.product, posting.day) or {UNMAPPED: Fraction(1)}
            for product, part in shared_out(-posting.amount, products).items():
                places = served.places(period, product) if party is None else own
                for (segment, market), minor_units in shared_out(part, places or own).items():
                    cell = sums[period.name, product, segment, market]
                    cell[0] += minor_units
                    cell[1] += minor_units if postings.account(posting) is None else 0
    return [Recognised(*key, *amounts) for key, amounts in sorted(sums.items()) if any(amounts)]


def revenue(company: Company, now: int) -> list[dict[str, Any]]:
    """The rows of mart_revenue."""
    last = {period.name: period.last for period in company.periods}
    today, products = local_date(now, company.reporting_zone), company.rows("products", now)
    closed = company.bookkeeping.books(now).records["Preferences"]["1"]["close"]
    return [
        {
            "fiscal_period": row.fiscal_period,
            "product_id": row.product_id,
            "segment": row.segment,
            "market": row.market,
            "portfolio_id_as_was": portfolio(products, row.product_id, min(last[row.fiscal_period], today)),
            "recognised_revenue": money(row.amount),
            "of_unmapped_accounts": money(row.of_unmapped_accounts),
            "currency": company.currency,
            "is_closed": closed is not None and last[row.fiscal_period] <= closed,
        }
        for row in recognised(company, now)
    ]


class Served:
    """What was served in each period, by product, segment and market."""

    def __init__(self, company: Company, now: int) -> None:
        self.revenue = Revenue(company, now)
        self._sums: dict[tuple[str, str], dict[Place, int]] = defaultdict(lambda: defaultdict(int))
        books = company.billing.books(now)
        for bill in books.records["invoice"].values():
            if bill["status"] not in ("draft", "void"):
                for line in bill["lines"]:
                    self._serve(bill, line, line.net, utc(bill["finalized"]).date())
        for note in books.records["credit_note"].values():
            if note["status"] != "void":
                for _, line, amount in note["lines"]:
                    net = round(Fraction(amount * line.net, line.gross)) if line.gross else 0
                    self._serve(note, line, -net, utc(note["created"]).date())

    def place(self, customer_id: str, period: Period) -> Place:
        row = self.revenue.row(customer_id, self.revenue.day(period))
        return row["segment"] or UNMAPPED, row["market"] or UNMAPPED

    def places(self, period: Period, product: str) -> dict[Place, Fraction]:
        """Who had of the product, and how much."""
        return {place: Fraction(part) for place, part in self._sums[period.name, product].items() if part > 0}

    def _serve(self, bill: dict[str, Any], line: InvoiceLine, net: int, billed: date) -> None:
        revenue = self.revenue
        sold = UNMAPPED if line.price is None else line.price.product
        number = revenue.company.billing.catalogue.products.get(sold, sold)
        for period, share in self._days(line, billed):
            rate = revenue.exchange.actual(bill["currency"].upper(), revenue.day(period))
            place = self.place(revenue.customer(bill["customer"], revenue.day(period)), period)
            for product, weight in revenue.weights(number, utc(line.start).date()).items():
                self._sums[period.name, product][place] += round(net * share * rate * weight)

    def _days(self, line: InvoiceLine, billed: date) -> Iterator[tuple[Period, Fraction]]:
        """Periods that have begun, and the part of the line that was served in each."""
        start, end = utc(line.start).date(), utc(line.end).date()
        for period in self.revenue.periods:
            if period.last < billed:
                continue
            if start == end:
                days, whole = int(period.first <= billed <= period.last), 1
            else:
                since = start if period.first <= billed else max(start, period.first)
                days, whole = (min(end, period.last + ONE) - since).days, (end - start).days
            if days > 0:
                yield period, Fraction(days, whole)
