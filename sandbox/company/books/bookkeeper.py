"""Who keeps the books: writes names and documents as facts, with the instants at which they are entered.

Belongs here: what every document needs: ids, currencies, rates, what is open. Does not: which documents there are
(from_billing.py, everyday.py, cases.py), what they post (sandbox/truth/books.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox.company.books.facts import BooksWriter, DocumentLine
from sandbox.company.books.names import (
    ABOVE,
    BILLED_IN_DOLLARS,
    CHART,
    CLASSES,
    CUSTOMERS,
    DEPARTMENTS,
    FOREIGN_CUSTOMER,
    FOREIGN_VENDORS,
    ITEMS,
    THIRD_CUSTOMER,
    TOOL_VENDORS,
)
from sandbox.company.books.names import VENDORS as VENDOR_NAMES
from sandbox.company.rates import Rates
from sandbox.timestamps import HOUR, MINUTE, ms

SIX = Decimal("0.000001")
EXPONENTS = {"JPY": 0, "KWD": 3}
OPENED = ms("2024-09-20T16:00:00Z")


class BookRates:
    """What currencies are worth in that of the books, day by day; a day without a rate has that of the day before."""

    def __init__(self, rates: Rates, home: str) -> None:
        self.rates, self.home = rates, home
        self._exact: dict[tuple[str, date], Fraction] = {}

    @cached_property
    def _days(self) -> list[date]:
        return sorted(self.rates.days)

    @cached_property
    def _mondays(self) -> list[tuple[date, str, str]]:
        rows = [row.values for row in self.rates.elsewhere]
        return [(date.fromisoformat(monday), currency, rate) for monday, currency, rate in rows]

    def _per_euro(self, currency: str, day: date) -> Fraction:
        if currency == "EUR":
            return Fraction(1)
        known = self.rates.days[self._days[bisect_right(self._days, day) - 1]]
        if currency in known:
            return Fraction(str(known[currency]))
        return Fraction([rate for monday, name, rate in self._mondays if monday <= day and name == currency][-1])

    def exact(self, currency: str, day: date) -> Fraction:
        """Minor units of the books' currency for one minor unit of another."""
        if (currency, day) not in self._exact:
            places = EXPONENTS.get(self.home, 2) - EXPONENTS.get(currency, 2)
            worth = self._per_euro(self.home, day) / self._per_euro(currency, day)
            self._exact[currency, day] = worth * Fraction(10) ** places
        return self._exact[currency, day]

    def rate(self, currency: str, day: date) -> Decimal:
        """As a document carries it."""
        worth = self._per_euro(self.home, day) / self._per_euro(currency, day)
        return (Decimal(worth.numerator) / Decimal(worth.denominator)).quantize(SIX)


def minor_units(exact: Fraction) -> int:
    """Whole minor units, halves away from zero."""
    return int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount over weights, to the minor unit: what is left after whole minor units goes to the largest
    remainders."""
    whole, sign = sum(weights), 1 if amount >= 0 else -1
    parts = [abs(amount) * weight // whole for weight in weights]
    rest = [abs(amount) * weight % whole for weight in weights]
    for place in sorted(range(len(weights)), key=lambda place: -rest[place])[: abs(amount) - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


class Bookkeeper:
    """Writes what is entered into the books. Names are keys of names.py."""

    def __init__(self, home: str, rates: Rates, freelancer: str) -> None:
        self.ledger, self.exchange = BooksWriter(), BookRates(rates, home)
        self.home, self.foreign = home, "EUR" if home == "USD" else "USD"
        self.third = "EUR" if home == "GBP" else "GBP"
        self.entered: dict[str, dict[str, Any]] = {}  # documents by id
        self.balances: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        write = self.ledger.write
        self.accounts: dict[str, str] = {}
        for name, known in CHART.items():
            currency = {"": home, "foreign": self.foreign, "third": self.third}[known.currency]
            self.accounts[name] = write(
                OPENED,
                "Account",
                name=known.name.format(currency=currency),
                type=known.type,
                subtype=known.subtype,
                parent=self.accounts[known.parent] if known.parent else None,
                currency=currency,
                active=True,
            )
        self.classes: dict[str, str] = {}
        for name, title in CLASSES.items():
            above = self.classes.get(ABOVE.get(name, ""))
            self.classes[name] = write(OPENED, "Class", name=title, active=True, above=above)
        self.departments = {
            name: write(OPENED, "Department", name=title, active=True) for name, title in DEPARTMENTS.items()
        }
        self.items = {
            name: write(
                OPENED,
                "Item",
                name=item.title,
                active=True,
                income=self.accounts[item.sold] if item.sold else None,
                expense=self.accounts[item.bought] if item.bought else None,
                asset=self.accounts[item.stock] if item.stock else None,
                is_bundle=item.is_bundle,
            )
            for name, item in ITEMS.items()
        }
        self.customers = [
            write(OPENED + number * MINUTE, "Customer", name=name, active=True, balance=0, currency=self._of(
                number == FOREIGN_CUSTOMER))
            for number, name in enumerate(CUSTOMERS)
        ]  # fmt: skip
        self.vendors = {
            name: write(OPENED + HOUR, "Vendor", name=title or freelancer, active=True, balance=0, currency=self._of(
                name in FOREIGN_VENDORS))
            for name, title in VENDOR_NAMES.items()
        }  # fmt: skip
        self.partner = write(
            OPENED + 2 * HOUR, "Customer", name=THIRD_CUSTOMER, active=True, balance=0, currency=self.third
        )
        tools = {
            name: write(OPENED + 3 * HOUR, "Vendor", name=title, active=True, balance=0, currency=self._of(
                name in BILLED_IN_DOLLARS and self.home != "USD"))
            for name, title in TOOL_VENDORS.items()
        }  # fmt: skip
        self.vendors |= tools
        self.currencies = dict.fromkeys((*self.customers, *self.vendors.values()), self.home)
        self.currencies[self.partner] = self.third
        self.currencies[self.customers[FOREIGN_CUSTOMER]] = self.foreign
        self.currencies |= {self.vendors[name]: self.foreign for name in FOREIGN_VENDORS}
        self.currencies |= {self.vendors[name]: "USD" for name in BILLED_IN_DOLLARS}

    def _of(self, is_foreign: bool) -> str:
        return self.foreign if is_foreign else self.home

    def line(
        self,
        amount: int,
        account: str = "",
        product: str = "",
        *,
        item: str = "",
        department: str = "",
        side: str = "",
        text: str = "",
        **more: Any,
    ) -> DocumentLine:
        return DocumentLine(
            amount,
            self.accounts[account] if account else "",
            self.items[item] if item else "",
            self.classes[product] if product else "",
            side,
            self.departments[department] if department else "",
            text,
            **more,
        )

    def debit(self, amount: int, account: str, product: str = "", **more: Any) -> DocumentLine:
        """A line of a journal entry; a negative amount stands on the other side."""
        side = "Debit" if amount >= 0 else "Credit"
        return self.line(abs(amount), account, product, side=side, **more)

    def credit(self, amount: int, account: str, product: str = "", **more: Any) -> DocumentLine:
        return self.debit(-amount, account, product, **more)

    def _instant(self, day: date, when: str | None) -> int:
        """When a document is entered: at its day's 17:00 UTC, in the order of entry, unless `when` says another
        time."""
        return ms(when) if when else ms(f"{day}T17:00:00Z") + len(self.entered) % 3_000 * 1_000

    def _enter(self, kind: str, day: date, when: str | None, **values: Any) -> str:
        self._numbers[kind] = self._numbers.get(kind, 1_000) + 1
        known = {"number": str(self._numbers[kind]), "note": "", "department": "", "product": "", **values, "date": day}
        made = self.ledger.write(self._instant(day, when), kind, **known)
        self.entered[made] = known | {"kind": kind, "at": self._instant(day, when)}
        return made

    def journal(
        self,
        day: date,
        lines: Iterable[DocumentLine],
        when: str | None = None,
        note: str = "",
        kind: str = "JournalEntry",
    ) -> str:
        """An entry in the currency of the books, without its lines of nothing: of the journal, or of a kind that has
        no document."""
        kept = tuple(line for line in lines if line.amount)
        assert sum((line.amount + line.tax) * (1 if line.side == "Debit" else -1) for line in kept) == 0
        return self._enter(kind, day, when, lines=kept, currency=self.home, rate=Decimal(1), note=note)

    def document(
        self, kind: str, day: date, party: str, lines: Sequence[DocumentLine], when: str | None = None, **more: Any
    ) -> str:
        """A document with somebody, in the currency in which they are dealt with."""
        currency = self.currencies[party]
        values = {
            "party": party,
            "lines": tuple(lines),
            "currency": currency,
            "tax": 0,
            "paid": 0,
            "deposited": 0,  # of an invoice, into the account; paid as it was written
            "receivable": "",  # of several the account that was chosen by hand
            "account": "",
            "payers": (),
        } | more
        made = self._enter(kind, day, when, rate=self.exchange.rate(currency, day), **values)
        if kind in ("Invoice", "Bill"):
            self._move(kind, party, self.open(made), self.entered[made]["at"])
        return made

    def total(self, document: str) -> int:
        known = self.entered[document]
        return int(sum(-line.amount if line.is_deducted else line.amount for line in known["lines"]) + known["tax"])

    def _move(self, kind: str, party: str, amount: int, at: int) -> None:
        self.balances[party] = self.balances.get(party, 0) + amount
        name = "Customer" if kind == "Invoice" else "Vendor"
        self.ledger.change(at, name, party, is_quiet=True, balance=self.balances[party])

    def pay(self, document: str, day: date, when: str | None = None, *, account: str = "", **more: Any) -> str:
        """All that is open of an invoice or a bill is paid."""
        return self.settle([(document, self.open(document))], day, when, account=account, **more)

    def open(self, document: str) -> int:
        return self.total(document) - int(self.entered[document]["paid"])

    def settle(
        self, parts: Sequence[tuple[str, int]], day: date, when: str | None = None, *, account: str = "", **more: Any
    ) -> str:
        """One payment of parts of somebody's invoices or bills; what a customer pays waits to be deposited unless an
        account is shown. Of credits that are used the parts are negative."""
        of = self.entered[parts[0][0]]
        kind = "Payment" if of["kind"] == "Invoice" else "BillPayment"
        lines = [DocumentLine(abs(amount), linked=document, is_deducted=amount < 0) for document, amount in parts]
        made = self.document(kind, day, of["party"], lines, when, account=self.accounts.get(account, ""), **more)
        at = self.entered[made]["at"]
        for document, amount in parts:
            known = self.entered[document]
            known["paid"], known["payers"] = known["paid"] + abs(amount), (*known["payers"], made)
            self.ledger.change(at, known["kind"], document, paid=known["paid"], payers=known["payers"])
            self._move("Invoice" if kind == "Payment" else "Bill", known["party"], -amount, at)
        return made

    def deposit(
        self,
        day: date,
        payments: Sequence[str],
        others: Sequence[DocumentLine] = (),
        when: str | None = None,
        *,
        account: str = "bank",
        kept: int = 0,
    ) -> str:
        """What comes into a bank account, in its currency; some of it may be kept as cash."""
        lines = (*(DocumentLine(self.total(payment), linked=payment) for payment in payments), *others)
        currency = self.foreign if CHART[account].currency else self.home
        return self._enter(
            "Deposit", day, when, lines=lines, account=self.accounts[account], currency=currency,
            rate=self.exchange.rate(currency, day), tax=0, kept=kept, kept_in=self.accounts["till"] if kept else "",
        )  # fmt: skip

    def transfer(self, day: date, amount: int, source: str, to: str, when: str | None = None) -> str:
        """Money goes from one account to another; to a card, it is a payment of that card."""
        return self._enter(
            "CreditCardPayment" if to == "card" else "Transfer",
            day,
            when,
            lines=(),
            amount=amount,
            account=self.accounts[to],
            source=self.accounts[source],
            currency=self.home,
            rate=Decimal(1),
        )

    def void(self, document: str, when: str) -> None:
        """The document stays, and everything in it is nothing."""
        known = self.entered[document]
        lines = tuple(replace(line, amount=0) for line in known["lines"])
        self._move(known["kind"], known["party"], -self.total(document), ms(when))
        self.ledger.change(ms(when), known["kind"], document, lines=lines, tax=0, note="Voided")

    def deactivate(self, kind: str, number: str, name: str, when: str) -> None:
        self.ledger.change(ms(when), kind, number, name=f"{name} (deleted)", active=False)
