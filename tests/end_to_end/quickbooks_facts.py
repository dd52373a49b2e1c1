"""What landed payloads of QuickBooks say, in the names of the truth.

Belongs here: one function for each kind of stream of QuickBooks. Does not: comparing (play.py), what is true
(sandbox/truth).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

Facts = dict[str, Any]
PEOPLE = ("customers", "vendors", "employees")
LISTS = ("accounts", "classes", "departments", "items", *PEOPLE)
DOCUMENTS = (
    *("journal_entries", "invoices", "credit_memos", "sales_receipts", "refund_receipts", "payments", "deposits"),
    *("transfers", "bills", "vendor_credits", "bill_payments", "purchases", "credit_card_payments"),
)


def _ref(owner: Facts, name: str) -> str | None:
    found = owner.get(name)
    return None if found is None else found["value"]


def _money(number: Any) -> str:
    return f"{Decimal(str(number)):.2f}"


def _version(p: Facts) -> Facts:
    return {"updated": p["MetaData"]["LastUpdatedTime"], "version": p["SyncToken"]}


def _name(p: Facts) -> Facts:
    return {
        **_version(p),
        "name": p["DisplayName"] if "DisplayName" in p else p["Name"],
        "active": p["Active"],
        "type": p.get("AccountType"),
        "subtype": p.get("AccountSubType"),
        "parent": _ref(p, "ParentRef"),
        "currency": _ref(p, "CurrencyRef"),
        "income": _ref(p, "IncomeAccountRef"),
        "expense": _ref(p, "ExpenseAccountRef"),
        "balance": _money(p.get("Balance", 0)),
    }


def _line(line: Facts) -> tuple[str, str]:
    if "LinkedTxn" in line:
        return _money(line["Amount"]), line["LinkedTxn"][0]["TxnId"]
    detail = line[line["DetailType"]]
    names = ("AccountRef", "DiscountAccountRef", "ItemRef")
    return _money(line["Amount"]), next(detail[name]["value"] for name in names if name in detail)


def _within(line: Facts) -> list[Facts]:
    """The lines of a bundle."""
    found: list[Facts] = line.get("GroupLineDetail", {}).get("Line", [line])
    return found


def _class(line: Facts, p: Facts) -> str:
    return _ref(line.get(line.get("DetailType", ""), {}), "ClassRef") or _ref(p, "ClassRef") or ""


def _document(p: Facts) -> Facts:
    whole = [one for line in p.get("Line", []) for one in _within(line)]
    lines = [line for line in whole if line.get("DetailType") != "SubTotalLineDetail"]
    rate = p.get("ExchangeRate")
    if rate is None and "HomeTotalAmt" in p:
        rate = Decimal(str(p["HomeTotalAmt"])) / Decimal(str(p["TotalAmt"]))
    return {
        **_version(p),
        "date": p["TxnDate"],
        "currency": p["CurrencyRef"]["value"],
        "rate": None if rate is None else f"{Decimal(str(rate)):.6f}",
        "party": _ref(p, "CustomerRef") or _ref(p, "VendorRef") or _ref(p, "EntityRef"),
        "lines": [_line(line) for line in lines],
        "classes": [_class(line, p) for line in lines],
    }


def _trial_balance(p: Facts) -> Facts:
    rows = [row["ColData"] for row in p["Rows"].get("Row", []) if row["type"] == "Data"]
    return {"balances": {name["id"]: debit["value"] or f"-{credit['value']}" for name, debit, credit in rows}}


def _data(rows: list[Facts]) -> Iterator[list[Facts]]:
    """The cells of all rows that are no totals, and those of headers, which have amounts of their own."""
    for row in rows:
        if row["type"] == "Data":
            yield row["ColData"]
        elif "Rows" in row:
            yield row["Header"]["ColData"]
            yield from _data(row["Rows"]["Row"])


def _profit_and_loss(p: Facts) -> Facts:
    keys = [column["MetaData"][0]["Value"] for column in p["Columns"]["Column"]]
    sections = {row.get("group"): row for row in p["Rows"].get("Row", [])}
    found = {}
    for group, sign in (("Income", 1), ("OtherIncome", 1), ("COGS", -1), ("Expenses", -1), ("OtherExpenses", -1)):
        for name, *cells in _data([sections[group]] if group in sections else []):
            for key, cell in zip(keys[1:], cells, strict=True):
                if cell["value"] and key != "total":
                    found[f"{name['id']}/{'' if key == '0' else key}"] = _money(sign * Decimal(cell["value"]))
    return {"results": found}


def _general_ledger(p: Facts) -> Facts:
    """The sum of the rows of each account: not the totals that the report itself gives."""
    keys = [column["MetaData"][0]["Value"] for column in p["Columns"]["Column"]]
    found: dict[str, Decimal] = {}

    def add(rows: list[Facts]) -> None:
        for row in rows:
            add(row.get("Rows", {}).get("Row", []))
            cells = dict(zip(keys, row.get("ColData", ()), strict=False))
            if cells.get("txn_type", {}).get("id") and "id" in cells["account_name"]:  # a payment of nothing has none
                account = cells["account_name"]["id"]
                amounts = (Decimal(cells[key]["value"] or 0) for key in ("debt_home_amt", "credit_home_amt"))
                found[account] = found.get(account, Decimal(0)) + next(amounts) - next(amounts)

    add(p["Rows"].get("Row", []))
    return {"movements": {account: _money(amount) for account, amount in found.items() if amount}}


QUICKBOOKS: dict[str, Callable[[Facts], Facts]] = {
    "company_info": lambda p: {"name": p["CompanyName"], "year_start": p["FiscalYearStartMonth"]},
    "preferences": lambda p: {
        "home": p["CurrencyPrefs"]["HomeCurrency"]["value"],
        "close": p["AccountingInfoPrefs"].get("BookCloseDate"),
        "by_line": p["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"],
    },
    **dict.fromkeys(LISTS, _name),
    **dict.fromkeys(DOCUMENTS, _document),
    "trial_balances": _trial_balance,
    "profit_and_loss_by_class": _profit_and_loss,
    "general_ledgers": _general_ledger,
}
