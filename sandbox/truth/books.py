"""What the books truly say: every posting, every balance, and what must have been landed of them.

Belongs here: the second implementation of double entry, from what was entered and in whole minor units. Does not: how
an accounting system shows a document or a report, any figure by product.

A document is booked in the currency of the books, line by line: a line's amount at the document's rate, halves away
from zero; the other side takes the sum of the lines. What is paid in another currency settles its document at the
document's own rate, on the account where that put it; what the money is worth more or less on its day is an exchange
gain or loss. What only links a credit to an invoice posts nothing but that (Intuit's multicurrency help; the payment
"Created by QB Online to link credits to charges."). An invoice's deposit and the cash kept of a deposit go to accounts
of their own (Intuit help: deposits on invoices, bank deposits). Lines of a journal are net, their tax is owed on top
(Intuit help, GST in journal entries). What is sold from stock costs what was bought first, and stands at cost until
then (Intuit help, inventory asset and cost of goods sold; first in, first out).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.books.facts import DOCUMENTS, NAMES, REPORTED, Books, DocumentLine, Record
from sandbox.company.calendar import MONTHS, Period
from sandbox.timestamps import local, ms, utc

Facts = dict[str, dict[str, Any]]
STREAMS = {
    "Account": "accounts",
    "Class": "classes",
    "Department": "departments",
    "Customer": "customers",
    "Vendor": "vendors",
    "Item": "items",
    "Employee": "employees",
    "JournalEntry": "journal_entries",
    "Invoice": "invoices",
    "CreditMemo": "credit_memos",
    "SalesReceipt": "sales_receipts",
    "RefundReceipt": "refund_receipts",
    "Payment": "payments",
    "Deposit": "deposits",
    "Transfer": "transfers",
    "Bill": "bills",
    "VendorCredit": "vendor_credits",
    "BillPayment": "bill_payments",
    "Purchase": "purchases",
    "CreditCardPayment": "credit_card_payments",
}
RESULT_TYPES = ("Income", "Other Income", "Cost of Goods Sold", "Expense", "Other Expense")


@dataclass(frozen=True, slots=True)
class Posting:
    """Whole minor units of the currency of the books on one account, debits positive. `line` counts from 0; what is not
    of a line has none."""

    day: date
    kind: str
    document: str
    line: int | None
    account: str
    amount: int
    product: str = ""
    department: str = ""


def home(amount: int, rate: Decimal) -> int:
    exact = Fraction(rate) * abs(amount)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator) * (-1 if amount < 0 else 1)


class Ledger:
    """Everything that stands in the books posted, and the accounts that it is posted on."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.accounts = books.records["Account"]
        self.year_start = books.bookkeeping.year_start
        self.costs = self._costs()
        self.postings = [
            posting
            for kind in (*DOCUMENTS, *REPORTED)
            for record in books.records[kind].values()
            for posting in self._posted(kind, record)
            if posting.amount
        ]

    def _account(self, subtype: str, currency: str = "") -> str:
        """The usual one: the first that the company had."""
        found = [row for row in self.accounts.values() if row["subtype"] == subtype]
        return str(min((row["id"] for row in found if not currency or row["currency"] == currency), key=int))

    def _costs(self) -> dict[tuple[str, int], int]:
        """By invoice and line, what the pieces cost that were sold from stock."""
        pieces: dict[str, list[Fraction]] = defaultdict(list)
        found = {}
        moves = [
            (record["date"], kind == "Invoice", int(record["id"]), place, line, record["rate"])
            for kind in ("Bill", "Invoice")
            for record in self.books.records[kind].values()
            for place, line in enumerate(record["lines"])
            if line.quantity
        ]
        for _, is_sale, number, place, line, rate in sorted(moves, key=lambda move: move[:4]):
            if is_sale:
                sold, pieces[line.item] = pieces[line.item][: line.quantity], pieces[line.item][line.quantity :]
                found[str(number), place] = home(round(100 * sum(sold)), Decimal("0.01"))
            else:
                pieces[line.item] += [Fraction(home(line.amount, rate), line.quantity)] * line.quantity
        return found

    def _posted(self, kind: str, record: Record) -> Iterator[Posting]:
        day, number, department = record["date"], record["id"], record["department"]
        if kind in ("JournalEntry", *REPORTED):
            for place, line in enumerate(record["lines"]):
                amount = home(line.amount, record["rate"]) * (1 if line.side == "Debit" else -1)
                yield Posting(day, kind, number, place, line.account, amount, line.product, line.department)
            taxed = sum(line.tax if line.side == "Debit" else -line.tax for line in record["lines"])
            yield Posting(day, kind, number, None, self._account("SalesTaxPayable"), taxed)
            return
        if kind in ("Transfer", "CreditCardPayment"):
            yield Posting(day, kind, number, None, record["account"], record["amount"], "", department)
            yield Posting(day, kind, number, None, record["source"], -record["amount"], "", department)
            return
        whole = 0
        is_link = kind == "Payment" and not self._total(record)
        for place, line in enumerate(record["lines"]):
            amount = home(line.amount, record["rate"]) * self._side(kind, record, line)
            whole += amount
            if kind in ("Payment", "BillPayment"):
                settled = home(line.amount, self._paid(kind, line, record)["rate"])
                settled *= self._side(kind, record, line)
                if not is_link:
                    account = self._settles(kind, line, record)
                    yield Posting(day, kind, number, place, account, settled, "", department)
                yield Posting(day, kind, number, place, self._account("ExchangeGainOrLoss"), amount - settled)
                continue
            product = line.product or record["product"]
            yield Posting(day, kind, number, place, self._lines(kind, line), amount, product, department)
            if kind == "Invoice" and (number, place) in self.costs:
                cost, item = self.costs[number, place], self.books.records["Item"][line.item]
                yield Posting(day, kind, number, place, item["expense"], cost, product, department)
                yield Posting(day, kind, number, place, item["asset"], -cost, product, department)
        for amount, account in ((record.get("deposited", 0), record["account"]), self._kept(record)):
            whole += home(amount, record["rate"])
            yield Posting(day, kind, number, None, account, home(amount, record["rate"]), "", department)
        if is_link:
            moved: dict[str, int] = defaultdict(int)
            for line in record["lines"]:
                amount = home(line.amount, self._paid(kind, line, record)["rate"]) * self._side(kind, record, line)
                moved[self._settles(kind, line, record)] += amount
            for account, amount in moved.items():
                yield Posting(day, kind, number, None, account, amount, "", department)
        if record["tax"]:
            amount = home(record["tax"], record["rate"]) * (-1 if kind in ("Invoice", "SalesReceipt") else 1)
            whole += amount
            yield Posting(day, kind, number, None, self._account("SalesTaxPayable"), amount, "", department)
        yield Posting(day, kind, number, None, self._other(kind, record), -whole, "", department)

    def _side(self, kind: str, record: Record, line: DocumentLine) -> int:
        """1 where lines are debits."""
        if kind == "Purchase":
            return -1 if record["credit"] else 1
        side = 1 if kind in ("CreditMemo", "RefundReceipt", "Bill", "BillPayment") else -1
        return -side if line.is_deducted else side

    def _total(self, record: Record) -> int:
        return sum(-line.amount if line.is_deducted else line.amount for line in record["lines"])

    def _kept(self, record: Record) -> tuple[int, str]:
        return record.get("kept", 0), record.get("kept_in", "")

    def _paid(self, kind: str, line: DocumentLine, record: Record) -> Record:
        """What a line pays; a deleted document is owed as it is paid."""
        kinds = ("Invoice", "CreditMemo") if kind == "Payment" else ("Bill",)
        found = (self.books.records[one].get(line.linked) for one in kinds)
        return next((one for one in found if one is not None), record)

    def _settles(self, kind: str, line: DocumentLine, record: Record) -> str:
        return self._other("Invoice" if kind == "Payment" else "Bill", self._paid(kind, line, record))

    def _lines(self, kind: str, line: DocumentLine) -> str:
        if line.item:
            item = self.books.records["Item"][line.item]
            sold = kind in ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
            return str(item["income"] if sold else item["asset"] or item["expense"])
        return line.account or self._account("UndepositedFunds")

    def _other(self, kind: str, record: Record) -> str:
        """The account on the other side of all lines; of a payment, where it is owed."""
        if kind in ("Invoice", "CreditMemo"):
            return str(record.get("receivable") or self._account("AccountsReceivable", record["currency"]))
        if kind in ("Bill", "VendorCredit"):
            return self._account("AccountsPayable", record["currency"])
        return str(record["account"] or self._account("UndepositedFunds"))

    def is_explained(self, kind: str, number: str) -> bool:
        """Whether the document itself says all that it posts, and where. The cost of what was in stock and the account
        of a journal's tax it does not say; nor the receivables account where the company has others than one of the
        currency in use (SDK: Invoice.ARAccountRef is of the desktop product)."""
        if kind in REPORTED:
            return False
        record = self.books.records[kind][number]
        if any(line.tax or (kind == "Invoice" and line.quantity) for line in record["lines"]):
            return False
        if kind not in ("Invoice", "CreditMemo", "Payment"):
            return True
        in_use = {
            row["id"]
            for row in self.accounts.values()
            if row["subtype"] == "AccountsReceivable" and row["active"] and row["currency"] == record["currency"]
        }
        stands = {self._settles(kind, line, record) for line in record["lines"] if kind == "Payment"}
        return len(in_use) == 1 and in_use >= (stands or {self._other(kind, record)})

    def year(self, day: date) -> date:
        """The first day of the year that the books count a day in."""
        return date(day.year if day.month >= self.year_start else day.year - 1, self.year_start, 1)

    def trial_balance(self, day: date) -> dict[str, int]:
        """Accounts at the end of a day, those of nothing left out. What was earned in years before is retained."""
        found: dict[str, int] = defaultdict(int)
        begun, retained = self.year(day), self._account("RetainedEarnings")
        for posting in self.postings:
            if posting.day <= day:
                is_result = self.accounts[posting.account]["type"] in RESULT_TYPES
                found[retained if is_result and posting.day < begun else posting.account] += posting.amount
        return {account: amount for account, amount in found.items() if amount}

    def results(self, first: date, last: date) -> dict[tuple[str, str], int]:
        """What was earned (negative) and spent from a day to another, by account and class."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for posting in self.postings:
            if first <= posting.day <= last and self.accounts[posting.account]["type"] in RESULT_TYPES:
                found[posting.account, posting.product] += posting.amount
        return {key: amount for key, amount in found.items() if amount}

    def movements(self, first: date, last: date) -> dict[str, int]:
        """What moved on each account from a day to another."""
        found: dict[str, int] = defaultdict(int)
        for posting in self.postings:
            if first <= posting.day <= last:
                found[posting.account] += posting.amount
        return {account: amount for account, amount in found.items() if amount}


def periods_with_figures(company: Company, books: Books, now: int) -> list[Period]:
    """The fiscal periods that have figures, up to the one that holds today."""
    days = [record["date"] for kind in DOCUMENTS for record in books.records[kind].values()]
    today = utc(now).date()
    return [one for one in company.periods if days and min(days) <= one.last and one.first <= today]


def control_totals(company: Company, now: int | str) -> dict[tuple[str, str], int]:
    """The trial balance at each fiscal period's end: by period and account, minor units of the currency of the
    books."""
    books = company.bookkeeping.books(now)
    ledger = Ledger(books)
    return {
        (period.name, account): amount
        for period in periods_with_figures(company, books, ms(now))
        for account, amount in ledger.trial_balance(period.last).items()
    }


# -- what must have been landed


def quickbooks_records(company: Company, now: int) -> dict[str, Facts]:
    """By stream and record id. Amounts are text with two decimals; a report's are by account, and class, and those of
    nothing are left out; what moved is positive where it was debited."""
    books = company.bookkeeping.books(now)
    info, settings = books.records["CompanyInfo"]["1"], books.records["Preferences"]["1"]
    found: dict[str, Facts] = {
        "company_info": {"1": {"name": info["name"], "year_start": MONTHS[info["year_start"] - 1]}},
        "preferences": {
            "1": {
                "home": settings["home"],
                "close": settings["close"] and str(settings["close"]),
                "by_line": settings["by_line"],
            }
        },
    }
    for kind in NAMES:
        found[STREAMS[kind]] = {number: _name(record) for number, record in books.records[kind].items()}
    for kind in DOCUMENTS:
        found[STREAMS[kind]] = {number: _document(record) for number, record in books.records[kind].items()}
    ledger = Ledger(books)
    periods = {f"{one.first}/{one.last}": one for one in periods_with_figures(company, books, now)}
    found["trial_balances"] = {
        key: {"balances": {account: money(amount) for account, amount in ledger.trial_balance(one.last).items()}}
        for key, one in periods.items()
    }
    found["profit_and_loss_by_class"] = {
        key: {"results": {"/".join(what): money(-part) for what, part in ledger.results(one.first, one.last).items()}}
        for key, one in periods.items()
    }
    found["general_ledgers"] = {
        key: {
            "movements": {account: money(amount) for account, amount in ledger.movements(one.first, one.last).items()}
        }
        for key, one in periods.items()
    }
    return found


def money(minor_units: int) -> str:
    sign = "-" if minor_units < 0 else ""
    return f"{sign}{abs(minor_units) // 100}.{abs(minor_units) % 100:02d}"


def timestamp(at: int) -> str:
    """An instant as the vendor writes it: to the second, on the wall clocks of California."""
    return local(at, "America/Los_Angeles").isoformat(timespec="seconds")


def _name(record: Record) -> dict[str, Any]:
    members = ("name", "active", "type", "subtype", "parent", "currency", "income", "expense")
    facts = {name: record[name] for name in members if name in record}
    facts |= {"updated": timestamp(record["updated"]), "version": str(record["version"])}
    return facts | ({"balance": money(record["balance"])} if "balance" in record else {})


def _document(record: Record) -> dict[str, Any]:
    foreign = record["rate"] != 1
    return {
        "date": str(record["date"]),
        "currency": record["currency"],
        "rate": str(record["rate"]) if foreign else None,
        "party": record.get("party"),
        "lines": [(money(line.amount), line.account or line.item or line.linked) for line in record["lines"]],
        "classes": [line.product or record["product"] for line in record["lines"]],
        "updated": timestamp(record["updated"]),
        "version": str(record["version"]),
    }
