"""What happened in the books: every change of an account, a customer, a document … as a plain fact, and the fold.

Belongs here: how facts of bookkeeping are written, kept and folded. Does not: the names in the books (names.py),
why a document is there (from_billing.py, everyday.py, cases.py), the vendor's JSON (sandbox/vendors/quickbooks),
what a document posts (sandbox/truth/books.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.company.work.events import Event, due, insert
from sandbox.timestamps import ms

START, END = date(2024, 10, 1), date(2026, 12, 1)
NAMES = ("Account", "Class", "Department", "Customer", "Vendor", "Item", "Employee")
DOCUMENTS = (
    *("JournalEntry", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Payment", "Deposit", "Transfer"),
    *("Bill", "VendorCredit", "BillPayment", "Purchase", "CreditCardPayment"),
)
# Booked in windows that no API knows: the vendor shows what they post in its general ledger, and nothing else of them.
REPORTED = ("SalesTaxPayment", "PayrollAdjustment")
KINDS = ("CompanyInfo", "Preferences", *NAMES, *DOCUMENTS, *REPORTED)
# One sequence of ids serves all documents, one the three lists of people and firms.
SEQUENCES = dict.fromkeys((*DOCUMENTS, *REPORTED), "document") | dict.fromkeys(
    ("Customer", "Vendor", "Employee"), "party"
)
FIRST_CLASS = 5_000_000_000_000_000_100


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a document; amounts in the minor unit of the document's currency."""

    amount: int
    account: str = ""
    item: str = ""
    product: str = ""  # the class
    side: str = ""  # of a journal entry: Debit or Credit
    department: str = ""
    text: str = ""
    linked: str = ""  # the id of the document that a payment pays, or of the payment that is deposited
    is_deducted: bool = False  # a discount, or a credit that a payment uses
    quantity: int = 0  # of what is kept in stock
    bundle: str = ""  # the id of the bundle that is sold; its lines stand one after the other
    tax: int = 0  # of a journal entry's line, on top of it


@dataclass(frozen=True, slots=True)
class Booked(Event):
    """A record of the books comes, changes some values, or goes (values None). A quiet change is one that the books
    make themselves, as when a payment moves a balance: the record's version stays."""

    kind: str
    id: str
    values: Mapping[str, Any] | None
    is_quiet: bool = False


@dataclass
class BooksWriter:
    """Facts being written, in any order."""

    changes: list[Booked] = field(default_factory=list)
    _given: Counter[str] = field(default_factory=Counter)

    def write(self, at: int, kind: str, **values: Any) -> str:
        sequence = SEQUENCES.get(kind, kind)
        self._given[sequence] += 1
        number = self._given[sequence]
        made = str(FIRST_CLASS + number * 1_000 if kind == "Class" else number)
        self.changes.append(Booked(at, kind, made, values))
        return made

    def change(self, at: int, kind: str, number: str, *, is_quiet: bool = False, **values: Any) -> None:
        self.changes.append(Booked(at, kind, number, values, is_quiet))

    def remove(self, at: int, kind: str, number: str) -> None:
        self.changes.append(Booked(at, kind, number, None))


Record = dict[str, Any]


class Bookkeeping:
    """All that happens in the books, in order. `home` is the currency that they are kept in."""

    def __init__(self, home: str, year_start: int, changes: list[Booked]) -> None:
        self.home, self.year_start = home, year_start
        self.changes = sorted(changes, key=lambda change: change.at)

    def happen(self, change: Booked) -> Booked:
        return insert(self.changes, change)

    def books(self, now: int | str) -> Books:
        """A fresh fold of everything up to an instant."""
        books = Books(self)
        books.advance(ms(now))
        return books


class Books:
    """Every record of the books at `now`, in the order in which they came, and when each that is gone went. `applied`
    is how many changes made them so."""

    def __init__(self, bookkeeping: Bookkeeping) -> None:
        self.bookkeeping = bookkeeping
        self.records: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.gone: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self.applied = 0

    def advance(self, now: int) -> None:
        for change in due(self.bookkeeping.changes, self.applied, now):
            self._apply(change)
            self.applied += 1

    def _apply(self, change: Booked) -> None:
        known = self.records[change.kind]
        before = known.get(change.id)
        if change.id in self.gone[change.kind]:
            return
        if change.values is None:
            if before is not None:
                self.gone[change.kind][change.id] = change.at
                del known[change.id]
            return
        fresh: Record = {"id": change.id, "created": change.at, "version": -1}
        after = {**(fresh if before is None else before), **change.values, "updated": change.at}
        after["version"] += not change.is_quiet
        known[change.id] = after
