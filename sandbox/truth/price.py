"""What is asked, agreed, billed and kept for each item of a contract, by the month.

The definitions:
- An observation is an item that brings something when a fiscal period ends, and the amounts of its quantity by the
  month, in whole minor units, half to even. What a bundle brings is shared out over its products by the weights of the
  day, each amount on its own; a unit of the bundle is a unit of each.
- The list price is that of the price book on the day on which the item first brought something at its price, in the
  contract's own currency, never converted; of the rows for the customer's market and segment, else the market, else the
  segment, else for all, the one of the highest tier that the quantity reaches. A bundle is compared with what its
  products are listed at one by one. Where a product has no such row there is no list price: it is counted.
- The contract price is before discounts, the invoice price after those that recur.
- The pocket price is the invoice price less its credits, refunds, payment fees and write-offs: each its part of the
  bill for the newest service that began before the period's end, as is known now. What a credit note gave back is a
  credit, whether or not a refund paid it. Dated credits, which recurring revenue knows, are credits too.
Does not: sums, indices, comparisons (pricing.py); what an item brings (recurring.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sandbox.company.billing.contracts import InvoiceLine
from sandbox.timestamps import local_date
from sandbox.truth.maps import is_valid
from sandbox.truth.money import EXPONENTS, shared_out
from sandbox.truth.recurring import Held
from sandbox.truth.revenue import Revenue

AMOUNTS = ("list", "contract", "invoice", "credits", "refunds", "fees", "write_offs")
Amounts = dict[str, int]  # by AMOUNTS; without a list price, without "list"


@dataclass(frozen=True, slots=True)
class Observation:
    """One product's part of an item at the end of a period."""

    fiscal_period: str
    held: Held
    product_id: str
    segment: str
    market: str
    amounts: Amounts
    plan: Amounts  # in the reporting currency, at the plan rate
    plan_rate: Fraction

    @property
    def unit_price(self) -> Fraction:
        """What a unit of the whole item is billed at, exactly, in minor units."""
        return self.held.discounted / self.held.quantity

    @property
    def pocket(self) -> int:
        return self.plan["invoice"] - sum(self.plan[name] for name in AMOUNTS[3:])


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of a bill, and which parts of it were lost."""

    line: InvoiceLine
    parts: Mapping[str, Fraction]


class Prices:
    def __init__(self, revenue: Revenue) -> None:
        self.revenue = revenue
        self.book = revenue.company.rows("price_book", revenue.now)
        self.bills = bills(revenue.company.billing.books(revenue.now).records)
        self.agreed: dict[tuple[str, str], int] = {}
        for known in revenue.contracts.values():
            for at, items in zip(known.since, known.held, strict=True):
                for held in items:
                    self.agreed.setdefault((held.item, held.price.id), at)

    def observations(self) -> Iterator[Observation]:
        revenue = self.revenue
        for period in revenue.periods:
            end, day = revenue.end(period), revenue.day(period)
            for contract in revenue.contracts.values():
                for held in contract.before(end):
                    customer = revenue.row(revenue.customer(held.account, day), day)
                    place = customer["segment"] or "UNMAPPED", customer["market"] or "UNMAPPED"
                    weights = revenue.weights(held.product, day)
                    amounts = self._amounts(held, end) | self._list(held, list(weights), *place)
                    shares = {name: shared_out(amount, weights) for name, amount in amounts.items()}
                    rate = revenue.exchange.planned(held.currency, period.year)
                    for product in weights:
                        own = {name: share[product] for name, share in shares.items()}
                        plan = {name: round(amount * rate) for name, amount in own.items()}
                        yield Observation(period.name, held, product, *place, own, plan, rate)

    def _amounts(self, held: Held, end: int) -> Amounts:
        contract, invoice = round(held.undiscounted), round(held.discounted)
        lost = {name: round(invoice * part) for name, part in self._lost(held.item, end).items()}
        lost["credits"] += invoice - held.minor_units
        return {"contract": contract, "invoice": invoice} | lost

    def _lost(self, item: str, end: int) -> Mapping[str, Fraction]:
        known = [bill for bill in self.bills[item] if bill.line.start < end <= bill.line.end]
        newest = max(known, key=lambda bill: (bill.line.start, bill.line.id), default=None)
        return dict.fromkeys(AMOUNTS[3:], Fraction(0)) if newest is None else newest.parts

    def _list(self, held: Held, products: list[str], segment: str, market: str) -> Amounts:
        day = local_date(self.agreed[held.item, held.price.id], self.revenue.zone)
        units = [self.listed(one, segment, market, held.currency, held.quantity, day) for one in products]
        known = [unit for unit in units if unit is not None]
        return {"list": round(sum(known, Fraction(0)) * held.quantity)} if len(known) == len(units) else {}

    def listed(
        self, product: str, segment: str, market: str, currency: str, quantity: int, day: date
    ) -> Fraction | None:
        """A unit's list price in minor units."""
        for place in ((market, segment), (market, ""), ("", segment), ("", "")):
            rows = [
                row
                for row in self.book
                if (row["product_id"], row["currency"], row["market"], row["segment"]) == (product, currency, *place)
                and int(row["tier"]) <= quantity
                and is_valid(row, day)
            ]
            if rows:
                row = max(rows, key=lambda row: int(row["tier"]))
                return Fraction(row["list_price"]) * Fraction(10) ** EXPONENTS[currency]
        return None


def bills(records: Mapping[str, Mapping[str, dict[str, Any]]]) -> dict[str, list[BilledLine]]:
    """Lines of each item on bills that count, with the parts that were lost of them."""
    fees = {row["source"]: row["fee"] for row in records["balance_transaction"].values() if row["type"] == "charge"}
    paid: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    credited: dict[str, int] = defaultdict(int)
    invoices = {}
    for row in records["charge"].values():
        if row["status"] == "succeeded":
            invoices[row["id"]] = row["invoice"]
            paid[row["invoice"]] += fees[row["id"]]
    for row in records["refund"].values():
        if row["status"] == "succeeded":
            back[invoices[row["charge"]]] += row["amount"]
    for row in records["credit_note"].values():
        if row["status"] == "issued":
            back[row["invoice"]] -= 0 if row["refund"] is None else row["amount"]
            for _, line, amount in row["lines"]:
                credited[line.id] += amount
    found: dict[str, list[BilledLine]] = defaultdict(list)
    for row in records["invoice"].values():
        whole = row["total"]
        if row["status"] in ("draft", "void") or whole <= row["tax"]:
            continue
        lost = row["remaining"] if row["status"] == "uncollectible" else 0
        parts = {
            "refunds": Fraction(back[row["id"]], whole),
            "fees": Fraction(paid[row["id"]], whole - row["tax"]),
            "write_offs": Fraction(lost, whole),
        }
        for line in row["lines"]:
            if line.item is not None and line.amount > line.less:
                found[line.item].append(BilledLine(line, {"credits": Fraction(credited[line.id], line.gross)} | parts))
    return found
