"""The books' records as QuickBooks writes them: names, documents, their lines; money as numbers with two decimals.

Belongs here: the JSON of an object. Does not: which objects an answer holds (api.py), reports (reports.py).
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from sandbox.company.books.facts import Books, DocumentLine, Record
from sandbox.company.books.names import CLASSIFICATIONS
from sandbox.timestamps import local

Document = dict[str, Any]
ZONE = "America/Los_Angeles"
CURRENCIES = {"EUR": "Euro", "USD": "United States Dollar", "GBP": "British Pound Sterling"}
CENT = Decimal("0.01")
HIDDEN = " (deleted)"
PEOPLE = ("Customer", "Vendor", "Employee")


def timestamp(at: int) -> str:
    """An instant as QuickBooks writes it: to the second, with the offset that California has then."""
    return local(at, ZONE).isoformat(timespec="seconds")


def time_of(at: int) -> str:
    """The instant of an answer."""
    return local(at, ZONE).isoformat(timespec="milliseconds")


def money(minor_units: int) -> Decimal | int:
    """Nothing is a bare 0."""
    return Decimal(minor_units).scaleb(-2) if minor_units else 0


def converted(amount: Decimal | int, rate: Decimal | int) -> Decimal:
    """In the currency of the books, to the minor unit."""
    return (amount * Decimal(rate)).quantize(CENT, ROUND_HALF_UP)


class QuickBooksRenderer:
    """The objects as they stand in the books."""

    def __init__(self, books: Books) -> None:
        self.books, self.home = books, books.bookkeeping.home
        self.accounts = {record["subtype"]: record for record in books.records["Account"].values()}

    def document(self, kind: str, record: Record) -> Document:
        base = {
            "domain": "QBO",
            "sparse": False,
            "Id": record["id"],
            "SyncToken": str(record["version"]),
            "MetaData": {"CreateTime": timestamp(record["created"]), "LastUpdatedTime": timestamp(record["updated"])},
        }
        shown: Document = getattr(self, f"_{kind.lower()}")(record)
        return shown | base | named(record) if kind in PEOPLE else base | shown

    # -- names

    def _customer(self, record: Record) -> Document:
        balance = money(record["balance"])
        shown: Document = {"Taxable": False, "Job": False, "BillWithParent": False, "Balance": balance}
        shown |= {"BalanceWithJobs": balance, "CurrencyRef": currency(record["currency"])}
        return shown | {"PreferredDeliveryMethod": "Print", "FullyQualifiedName": record["name"]}

    def _vendor(self, record: Record) -> Document:
        shown: Document = {"Balance": money(record["balance"]), "Vendor1099": False}
        return shown | {"CurrencyRef": currency(record["currency"])}

    def _employee(self, record: Record) -> Document:
        given, _, family = record["name"].removesuffix(HIDDEN).partition(" ")
        return {"BillableTime": False, "GivenName": given, "FamilyName": family}

    def _account(self, record: Record) -> Document:
        parent = self.books.records["Account"].get(record["parent"])
        shown: Document = {"Name": record["name"], "SubAccount": parent is not None}
        if parent is not None:
            shown["ParentRef"] = {"value": parent["id"]}
        return shown | {
            "FullyQualifiedName": self.account_name(record),
            "Active": record["active"],
            "Classification": CLASSIFICATIONS[record["type"]],
            "AccountType": record["type"],
            "AccountSubType": record["subtype"],
            "CurrencyRef": currency(record["currency"]),
        }

    def account_name(self, record: Record) -> str:
        parent = self.books.records["Account"].get(record["parent"])
        name: str = record["name"]
        return name if parent is None else f"{parent['name']}:{name}"

    def _class(self, record: Record) -> Document:
        name, full, above = record["name"], record["name"], record["above"]
        parent = {"ParentRef": {"value": above}} if above else {}
        while above:
            known = self.books.records["Class"][above]
            full, above = f"{known['name']}:{full}", known["above"]
        is_below = {"SubClass": bool(parent), **parent}
        return {"Name": name, **is_below, "FullyQualifiedName": full, "Active": record["active"]}

    def _department(self, record: Record) -> Document:
        name = record["name"]
        return {"Name": name, "SubDepartment": False, "FullyQualifiedName": name, "Active": record["active"]}

    def _item(self, record: Record) -> Document:
        name = record["name"]
        shown = {"Name": name, "Active": record["active"], "FullyQualifiedName": name, "Taxable": False}
        kind = "Group" if record["is_bundle"] else "Inventory" if record["asset"] else "Service"
        shown |= {"UnitPrice": 0, "Type": kind, "PurchaseCost": 0, "TrackQtyOnHand": kind == "Inventory"}
        accounts = {"IncomeAccountRef": record["income"], "ExpenseAccountRef": record["expense"]}
        accounts["AssetAccountRef"] = record["asset"]
        return shown | {name: self._ref("Account", number) for name, number in accounts.items() if number}

    def _companyinfo(self, record: Record) -> Document:
        return {
            "CompanyName": record["name"],
            "LegalName": record["name"],
            "Country": record["country"],
            "FiscalYearStartMonth": month_name[record["year_start"]],
            "SupportedLanguages": "en",
        }

    def _preferences(self, record: Record) -> Document:
        start = month_name[self.books.bookkeeping.year_start]
        prefs: Document = {
            "UseAccountNumbers": False,
            "TrackDepartments": True,
            "DepartmentTerminology": "Location",
            "ClassTrackingPerTxn": not record["by_line"],
            "ClassTrackingPerTxnLine": record["by_line"],
            "FirstMonthOfFiscalYear": start,
            "TaxYearMonth": start,
            "CustomerTerminology": "Customers",
        }
        if record["close"] is not None:
            prefs["BookCloseDate"] = str(record["close"])
        return {
            "AccountingInfoPrefs": prefs,
            "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": record["home"]}},
            "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        }

    def _ref(self, kind: str, number: str) -> Document:
        record = self.books.records[kind][number]
        return {"value": number, "name": self.account_name(record) if kind == "Account" else record["name"]}

    def _refs(self, **numbers: tuple[str, str]) -> Document:
        """References by their names: kind and id, left out where there is no id."""
        return {f"{name}Ref": self._ref(kind, number) for name, (kind, number) in numbers.items() if number}

    # -- documents

    def _dated(self, record: Record) -> Document:
        shown: Document = {"TxnDate": str(record["date"]), "CurrencyRef": currency(record["currency"])}
        if record["currency"] != self.home:
            shown["ExchangeRate"] = record["rate"]
        if record["note"]:
            shown["PrivateNote"] = record["note"]
        tags = self._refs(Department=("Department", record["department"]), Class=("Class", record["product"]))
        return shown | tags

    def _whole(self, record: Record, lines: list[Document], kept: int = 0) -> Document:
        """A document and its total, in both currencies where they differ."""
        parts = [-line.amount if line.is_deducted else line.amount for line in record["lines"]]
        parts += [record["tax"], -kept]
        shown = self._dated(record) | {"Line": lines, "TotalAmt": money(sum(parts))}
        if record["currency"] != self.home:
            shown["HomeTotalAmt"] = sum(converted(money(part), record["rate"]) for part in parts)
        return shown

    def _sale(self, record: Record) -> Document:
        lines = []
        whole = [(number, line) for number, line in enumerate(record["lines"], 1) if not line.is_deducted]
        for bundle, parts in groupby(whole, key=lambda part: part[1].bundle):
            sold = [self._sold(*part) for part in parts]
            lines += [self._bundled(bundle, sold)] if bundle else sold
        subtotal = sum(line.amount for _, line in whole)
        lines.append({"Amount": money(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
        for line in record["lines"]:
            if line.is_deducted:
                detail = {"PercentBased": False, "DiscountAccountRef": self._ref("Account", line.account)}
                lines.append(
                    {"Amount": money(line.amount), "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
                )
        return {
            "DocNumber": record["number"],
            **self._whole(record, lines),
            "TxnTaxDetail": {"TotalTax": money(record["tax"])},
            "CustomerRef": self._ref("Customer", record["party"]),
            "ApplyTaxAfterDiscount": False,
            "PrintStatus": "NeedToPrint",
            "EmailStatus": "NotSet",
        }

    def _sold(self, number: int, line: DocumentLine) -> Document:
        detail = self._refs(Item=("Item", line.item), Class=("Class", line.product))
        detail |= {**priced(line), "TaxCodeRef": {"value": "NON"}}
        shown = {"Id": str(number), "LineNum": number, "Amount": money(line.amount)}
        return shown | {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    def _bundled(self, bundle: str, lines: list[Document]) -> Document:
        detail = {"GroupItemRef": self._ref("Item", bundle), "Quantity": 1, "Line": lines}
        amount = sum(line["Amount"] for line in lines)
        shown = {"Id": f"{lines[0]['Id']}00", "LineNum": lines[0]["LineNum"], "Amount": amount}
        return shown | {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}

    def _invoice(self, record: Record) -> Document:
        shown: Document = {"AllowIPNPayment": False, "AllowOnlinePayment": False}
        if record["deposited"]:
            shown["Deposit"] = money(record["deposited"])
            shown["DepositToAccountRef"] = self._ref("Account", record["account"])
        shown |= {"AllowOnlineCreditCardPayment": False, "AllowOnlineACHPayment": False}
        return shown | self._sale(record) | self._open(record, lambda number: "Payment")

    def _open(self, record: Record, paid_by: Callable[[str], str]) -> Document:
        """What is still to be paid, and by what something was."""
        parts = (-line.amount if line.is_deducted else line.amount for line in record["lines"])
        linked = [{"TxnId": number, "TxnType": paid_by(number)} for number in record["payers"]]
        balance = money(sum(parts) + record["tax"] - record["paid"])
        return {"LinkedTxn": linked, "DueDate": str(record["due"]), "Balance": balance}

    def _creditmemo(self, record: Record) -> Document:
        shown = self._sale(record)
        left = shown["TotalAmt"] - money(record["paid"])
        return shown | {"Balance": left, "RemainingCredit": left}

    def _salesreceipt(self, record: Record) -> Document:
        account = record["account"] or self.accounts["UndepositedFunds"]["id"]
        return self._sale(record) | {"Balance": 0, "DepositToAccountRef": self._ref("Account", account)}

    def _refundreceipt(self, record: Record) -> Document:
        return self._salesreceipt(record)

    def _payment(self, record: Record) -> Document:
        credits = self.books.records["CreditMemo"]
        lines = [linked(line, "CreditMemo" if line.linked in credits else "Invoice") for line in record["lines"]]
        return {
            **self._refs(Customer=("Customer", record["party"]), DepositToAccount=("Account", record["account"])),
            "PaymentRefNum": record["number"],
            "UnappliedAmt": 0,
            "ProcessPayment": False,
            **self._whole(record, lines),
        }

    def _billpayment(self, record: Record) -> Document:
        bank = self._ref("Account", record["account"])
        if record["how"] == "CreditCard":
            how: Document = {"CreditCardPayment": {"CCAccountRef": bank}}
        else:
            how = {"CheckPayment": {"BankAccountRef": bank, "PrintStatus": "NotSet"}}
        lines = [linked(line, "Bill") for line in record["lines"]]
        shown = {"DocNumber": record["number"], "VendorRef": self._ref("Vendor", record["party"])}
        return shown | {"PayType": record["how"]} | how | self._whole(record, lines)

    def _deposit(self, record: Record) -> Document:
        lines = []
        for line in record["lines"]:
            if line.linked:
                lines.append(linked(line, "Payment", TxnLineId="0"))
                continue
            number, detail = len(lines) + 1, {"AccountRef": self._ref("Account", line.account)}
            shown = {"Id": str(number), "LineNum": number, "Amount": money(line.amount)}
            lines.append(shown | {"DetailType": "DepositLineDetail", "DepositLineDetail": detail})
        shown = self._whole(record, lines, record["kept"])
        shown.pop("ExchangeRate", None)  # a deposit says what it came to instead
        if record["kept"]:
            shown["CashBack"] = {"AccountRef": self._ref("Account", record["kept_in"]), "Amount": money(record["kept"])}
        return shown | {"DepositToAccountRef": self._ref("Account", record["account"])}

    def _transfer(self, record: Record) -> Document:
        accounts = self._refs(FromAccount=("Account", record["source"]), ToAccount=("Account", record["account"]))
        return self._dated(record) | accounts | {"Amount": money(record["amount"])}

    def _creditcardpayment(self, record: Record) -> Document:
        accounts = self._refs(
            BankAccount=("Account", record["source"]), CreditCardAccount=("Account", record["account"])
        )
        return self._dated(record) | accounts | {"Amount": money(record["amount"])}

    def _journalentry(self, record: Record) -> Document:
        lines = []
        for number, line in enumerate(record["lines"]):
            detail = {"PostingType": line.side}
            detail |= self._refs(
                Account=("Account", line.account),
                Class=("Class", line.product),
                Department=("Department", line.department),
            )
            if line.tax:
                detail |= {"TaxCodeRef": {"value": "5"}, "TaxAmount": money(line.tax)}
                detail["TaxApplicableOn"] = "Sales" if line.side == "Credit" else "Purchase"
            shown = {"Id": str(number), "Amount": money(line.amount), "DetailType": "JournalEntryLineDetail"}
            lines.append(shown | {"JournalEntryLineDetail": detail})
        shown = {"DocNumber": record["number"], "Adjustment": False, **self._dated(record), "Line": lines}
        taxed = [line.tax if line.side == "Credit" else -line.tax for line in record["lines"] if line.tax]
        return shown | ({"TxnTaxDetail": {"TotalTax": money(abs(sum(taxed)))}} if taxed else {})

    # What is in no document is an entry in the reports alone.
    _salestaxpayment = _payrolladjustment = _journalentry

    def _bought(self, record: Record) -> Document:
        lines = []
        for number, line in enumerate(record["lines"], 1):
            kind = "ItemBasedExpenseLineDetail" if line.item else "AccountBasedExpenseLineDetail"
            detail = self._refs(
                Account=("Account", line.account), Item=("Item", line.item), Class=("Class", line.product)
            )
            if line.item:
                detail |= priced(line)
            detail |= {"BillableStatus": "NotBillable", "TaxCodeRef": {"value": "NON"}}
            shown = {"Id": str(number), "LineNum": number, "Amount": money(line.amount), "DetailType": kind}
            lines.append(shown | {kind: detail})
        return {"DocNumber": record["number"], **self._whole(record, lines)}

    def _bill(self, record: Record) -> Document:
        payments = self.books.records["BillPayment"]
        return self._owed(record) | self._open(record, lambda number: f"BillPayment{payments[number]['how']}")

    def _vendorcredit(self, record: Record) -> Document:
        shown = self._owed(record)
        return shown | {"Balance": shown["TotalAmt"]}

    def _owed(self, record: Record) -> Document:
        payable = next(
            account["id"]
            for account in self.books.records["Account"].values()
            if account["type"] == "Accounts Payable" and account["currency"] == record["currency"]
        )
        refs = self._refs(Vendor=("Vendor", record["party"]), APAccount=("Account", payable))
        return self._bought(record) | refs

    def _purchase(self, record: Record) -> Document:
        shown = self._bought(record)
        who = self._ref("Vendor", record["party"]) | {"type": "Vendor"}
        shown |= {"AccountRef": self._ref("Account", record["account"]), "PaymentType": record["how"], "EntityRef": who}
        return shown | {"Credit": record["credit"]}


def priced(line: DocumentLine) -> Document:
    quantity = line.quantity or 1
    return {"UnitPrice": money(line.amount // quantity), "Qty": quantity}


def named(record: Record) -> Document:
    """What customers, vendors and employees are called. A hidden one has a mark, its cheques have none."""
    name = record["name"]
    return {"DisplayName": name, "PrintOnCheckName": name.removesuffix(HIDDEN), "Active": record["active"]}


def currency(code: str) -> Document:
    return {"value": code, "name": CURRENCIES[code]}


def linked(line: DocumentLine, kind: str, **more: str) -> Document:
    return {"Amount": money(line.amount), "LinkedTxn": [{"TxnId": line.linked, "TxnType": kind, **more}]}
