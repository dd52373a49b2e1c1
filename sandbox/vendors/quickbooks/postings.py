"""What each document does to the accounts, as QuickBooks' reports count it, read off the documents themselves.

Belongs here: double entry by the kind of a document. Does not: how reports arrange it (reports.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sandbox.company.books.facts import REPORTED
from sandbox.vendors.quickbooks.render import converted

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LedgerPosting:
    """An amount in the currency of the books on one account, debits positive."""

    day: date
    account: str
    amount: Decimal
    product: str
    department: str
    kind: str
    document: Document


class Side(NamedTuple):
    """What a document does to an account. Only entries of the journal have departments line by line."""

    account: str
    amount: Decimal
    product: str = ""
    department: str | None = None


@dataclass(frozen=True, slots=True)
class _DocumentAmount:
    """An amount of a document as it is written there."""

    account: str
    amount: Decimal | int
    product: str = ""


class Poster:
    """Every posting of a set of documents, by kind; accounts and items too. ``chosen`` are the receivables accounts of
    documents that do not say that they are not in the usual one."""

    def __init__(self, documents: Mapping[str, Sequence[Document]], chosen: Mapping[str, str]) -> None:
        self.documents, self.chosen = documents, chosen
        self.costs = costs(documents)
        self.items = {item["Id"]: item for item in documents["Item"]}
        self.accounts = {account["Id"]: account for account in documents["Account"]}
        self.rates: dict[tuple[str, str], Any] = {
            (kind, row["Id"]): row.get("ExchangeRate", 1)
            for kind in ("Invoice", "CreditMemo", "Bill")
            for row in documents[kind]
        }

    def postings(self) -> list[LedgerPosting]:
        found = []
        for kind, post in KINDS.items():
            for row in self.documents[kind]:
                day, whole = date.fromisoformat(row["TxnDate"]), row.get("DepartmentRef", {}).get("value", "")
                for side in post(self, row):
                    department = whole if side.department is None else side.department
                    if side.amount:
                        found.append(LedgerPosting(day, side.account, side.amount, side.product, department, kind, row))
        return found

    def only(self, **wanted: str) -> str:
        """The one account with such a type, subtype or currency."""
        fits = [
            row for row in self.accounts.values() if all(said(row, name) == value for name, value in wanted.items())
        ]
        return str(fits[0]["Id"])

    def owed(self, row: Document, type_: str, number: str = "") -> str:
        """The usual account of a document, or of another one with that number."""
        usual = self.only(AccountType=type_, CurrencyRef=row["CurrencyRef"]["value"])
        return self.chosen.get(number or row["Id"], usual)

    # -- kinds: the lines' side is turned by `sign`, the other side takes the sum of what the lines came to

    def _lines(self, row: Document, parts: Sequence[_DocumentAmount], other: str, sign: int) -> Iterator[Side]:
        rate, whole = row.get("ExchangeRate", 1), Decimal(0)
        for part in parts:
            amount = sign * converted(part.amount, rate)
            whole += amount
            yield Side(part.account, amount, part.product)
        yield Side(other, -whole)

    def _sold(self, row: Document) -> list[_DocumentAmount]:
        header = row.get("ClassRef", {}).get("value", "")
        parts = []
        for line in flat(row["Line"]):
            detail = line[line["DetailType"]]
            product = detail.get("ClassRef", {}).get("value", header)
            if line["DetailType"] == "SalesItemLineDetail":
                account = self.items[detail["ItemRef"]["value"]]["IncomeAccountRef"]["value"]
                parts.append(_DocumentAmount(account, line["Amount"], product))
            elif line["DetailType"] == "DiscountLineDetail":
                parts.append(_DocumentAmount(detail["DiscountAccountRef"]["value"], -line["Amount"], product))
        tax = row["TxnTaxDetail"]["TotalTax"]
        return [*parts, _DocumentAmount(self.only(AccountSubType="SalesTaxPayable"), tax)] if tax else parts

    def _bought(self, row: Document) -> list[_DocumentAmount]:
        header = row.get("ClassRef", {}).get("value", "")
        parts = []
        for line in row["Line"]:
            detail = line[line["DetailType"]]
            if "ItemRef" in detail:
                item = self.items[detail["ItemRef"]["value"]]
                account = item.get("AssetAccountRef", item["ExpenseAccountRef"])["value"]
            else:
                account = detail["AccountRef"]["value"]
            parts.append(_DocumentAmount(account, line["Amount"], detail.get("ClassRef", {}).get("value", header)))
        return parts

    def invoice(self, row: Document) -> Iterator[Side]:
        parts = self._sold(row)
        if "Deposit" in row:
            parts.append(_DocumentAmount(row["DepositToAccountRef"]["value"], -row["Deposit"]))
        yield from self._lines(row, parts, self.owed(row, "Accounts Receivable"), -1)
        header = row.get("ClassRef", {}).get("value", "")
        for line in flat(row["Line"]):
            detail = line[line["DetailType"]]
            cost = self.costs.get((row["Id"], line.get("Id", "")))
            if cost is not None:
                item, product = self.items[detail["ItemRef"]["value"]], detail.get("ClassRef", {}).get("value", header)
                yield Side(item["ExpenseAccountRef"]["value"], cost, product)
                yield Side(item["AssetAccountRef"]["value"], -cost, product)

    def credit_memo(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._sold(row), self.owed(row, "Accounts Receivable"), 1)

    def sales_receipt(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._sold(row), row["DepositToAccountRef"]["value"], -1)

    def refund_receipt(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._sold(row), row["DepositToAccountRef"]["value"], 1)

    def bill(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._bought(row), row["APAccountRef"]["value"], 1)

    def vendor_credit(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._bought(row), row["APAccountRef"]["value"], -1)

    def purchase(self, row: Document) -> Iterator[Side]:
        return self._lines(row, self._bought(row), row["AccountRef"]["value"], -1 if row["Credit"] else 1)

    def payment(self, row: Document) -> Iterator[Side]:
        undeposited = {"value": self.only(AccountSubType="UndepositedFunds")}
        cash = row.get("DepositToAccountRef", undeposited)["value"]
        return self._settled(row, cash, "Accounts Receivable", 1)

    def bill_payment(self, row: Document) -> Iterator[Side]:
        how = (
            row["CheckPayment"]["BankAccountRef"] if "CheckPayment" in row else row["CreditCardPayment"]["CCAccountRef"]
        )
        return self._settled(row, how["value"], "Accounts Payable", -1)

    def _settled(self, row: Document, cash: str, owed: str, sign: int) -> Iterator[Side]:
        """Money at the rate of its day, what was owed at that of the document; between them a gain or a loss. Where the
        document is deleted, nothing says at which rate it was owed. What only links a credit to an invoice is one
        posting an account, of nothing where both have one rate."""
        rate: Any = row.get("ExchangeRate", 1)
        paid, gained = Decimal(0), Decimal(0)
        linked: dict[str, Decimal] = defaultdict(Decimal)
        for line in row["Line"]:
            link = line["LinkedTxn"][0]
            document = link["TxnType"], link["TxnId"]
            amount = -line["Amount"] if link["TxnType"] == "CreditMemo" else line["Amount"]
            moved, settled = converted(amount, rate), converted(amount, self.rates.get(document, rate))
            account = self.owed(row, owed, link["TxnId"])
            if row["TotalAmt"]:
                yield Side(account, -sign * settled)
            else:
                linked[account] += -sign * settled
            paid, gained = paid + moved, gained + settled - moved
        yield from (Side(*one) for one in linked.items())
        yield Side(cash, sign * paid)
        yield Side(self.only(AccountSubType="ExchangeGainOrLoss"), sign * gained)

    def deposit(self, row: Document) -> Iterator[Side]:
        undeposited = self.only(AccountSubType="UndepositedFunds")
        parts = [
            _DocumentAmount(
                undeposited if "LinkedTxn" in line else line["DepositLineDetail"]["AccountRef"]["value"], line["Amount"]
            )
            for line in row["Line"]
        ]
        if "CashBack" in row:
            parts.append(_DocumentAmount(row["CashBack"]["AccountRef"]["value"], -row["CashBack"]["Amount"]))
        shown = {**row, "ExchangeRate": row["HomeTotalAmt"] / row["TotalAmt"]} if "HomeTotalAmt" in row else row
        return self._lines(shown, parts, row["DepositToAccountRef"]["value"], -1)

    def transfer(self, row: Document) -> Iterator[Side]:
        parts = [_DocumentAmount(row["FromAccountRef"]["value"], row["Amount"])]
        return self._lines(row, parts, row["ToAccountRef"]["value"], -1)

    def credit_card_payment(self, row: Document) -> Iterator[Side]:
        parts = [_DocumentAmount(row["BankAccountRef"]["value"], row["Amount"])]
        return self._lines(row, parts, row["CreditCardAccountRef"]["value"], -1)

    def journal_entry(self, row: Document) -> Iterator[Side]:
        """Lines are net: the tax on top is what they lack."""
        whole = Decimal(0)
        for line in row["Line"]:
            detail = line["JournalEntryLineDetail"]
            amount = converted(line["Amount"], row.get("ExchangeRate", 1))
            product = detail.get("ClassRef", {}).get("value", "")
            department = detail.get("DepartmentRef", {}).get("value", "")
            side = amount if detail["PostingType"] == "Debit" else -amount
            whole += side
            yield Side(detail["AccountRef"]["value"], side, product, department)
        if "TxnTaxDetail" in row:
            yield Side(self.only(AccountSubType="SalesTaxPayable"), -whole, "", "")


def flat(lines: Sequence[Document]) -> Iterator[Document]:
    """Of a bundle the lines within it."""
    for line in lines:
        if line["DetailType"] == "GroupLineDetail":
            yield from line["GroupLineDetail"]["Line"]
        else:
            yield line


def costs(documents: Mapping[str, Sequence[Document]]) -> dict[tuple[str, str], Decimal]:
    """What was sold of a stock cost, by invoice and line: first in, first out, in the order of days."""
    stock = {item["Id"] for item in documents["Item"] if item["Type"] == "Inventory"}
    moves = sorted(
        (row["TxnDate"], kind == "Invoice", int(row["Id"]), line, row.get("ExchangeRate", 1))
        for kind, name in (("Bill", "ItemBasedExpenseLineDetail"), ("Invoice", "SalesItemLineDetail"))
        for row in documents[kind]
        for line in flat(row["Line"])
        if line.get(name, {}).get("ItemRef", {}).get("value") in stock
    )
    layers: dict[str, list[list[Any]]] = defaultdict(list)  # of an item: how many are left, and what one cost
    found = {}
    for _, is_sale, number, line, rate in moves:
        detail = line[line["DetailType"]]
        item, quantity = detail["ItemRef"]["value"], detail["Qty"]
        if not is_sale:
            layers[item].append([quantity, converted(line["Amount"], rate) / quantity])
            continue
        cost = Decimal(0)
        while quantity:
            first = layers[item][0]
            taken = min(quantity, first[0])
            cost, quantity, first[0] = cost + taken * first[1], quantity - taken, first[0] - taken
            if not first[0]:
                layers[item].pop(0)
        found[str(number), line["Id"]] = converted(cost, 1)
    return found


def said(row: Document, name: str) -> str:
    value = row[name]
    return str(value["value"] if isinstance(value, dict) else value)


KINDS: dict[str, Callable[[Poster, Document], Iterator[Side]]] = {
    "Invoice": Poster.invoice,
    "CreditMemo": Poster.credit_memo,
    "SalesReceipt": Poster.sales_receipt,
    "RefundReceipt": Poster.refund_receipt,
    "Payment": Poster.payment,
    "Deposit": Poster.deposit,
    "Transfer": Poster.transfer,
    "CreditCardPayment": Poster.credit_card_payment,
    "Bill": Poster.bill,
    "VendorCredit": Poster.vendor_credit,
    "BillPayment": Poster.bill_payment,
    "Purchase": Poster.purchase,
    **dict.fromkeys(("JournalEntry", *REPORTED), Poster.journal_entry),
}
