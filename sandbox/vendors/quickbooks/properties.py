"""Which properties a query may name, by entity: those that it may be filtered and sorted by, and those that it may only
select.

Belongs here: names as Intuit's API reference lists them (its pages of entities mark what is filterable and sortable).
Does not: words of the language, values (query.py). Names have no case in a query. A property that is not here is not
known to the vendor's query, also where `select *` would show it, as a customer's `BillAddr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from sandbox.company.books.facts import DOCUMENTS, NAMES


class Kind(Enum):
    """How the values of a property compare."""

    TEXT = auto()
    ID = auto()
    NUMBER = auto()
    DATE = auto()
    INSTANT = auto()


KINDS = {
    "Id": Kind.ID,
    "MetaData.CreateTime": Kind.INSTANT,
    "MetaData.LastUpdatedTime": Kind.INSTANT,
    **dict.fromkeys(("TxnDate", "DueDate"), Kind.DATE),
    **dict.fromkeys(("Balance", "TotalAmt", "UnitPrice"), Kind.NUMBER),
}
"""All others are texts; a reference is the id that it names."""
UNSORTED = ("Active", "CustomerRef", "VendorRef", "SalesTermRef", "ProjectRef")
"""May be filtered by and not sorted by."""
ALWAYS, HEAD = "Id MetaData.CreateTime MetaData.LastUpdatedTime", "MetaData SyncToken sparse domain"
PERSON = "DisplayName GivenName MiddleName FamilyName PrintOnCheckName Active"
SOLD = "DocNumber TxnDate CustomerRef TotalAmt Balance"
ASKED = {
    "CompanyInfo": "CompanyName LegalName",
    "Preferences": "",
    "Account": "Name FullyQualifiedName AcctNum Description Active SubAccount ParentRef Classification AccountType "
    "AccountSubType",
    "Class": "Name FullyQualifiedName SubClass Active",
    "Department": "Name FullyQualifiedName SubDepartment Active",
    "Customer": f"{PERSON} CompanyName FullyQualifiedName PrimaryEmailAddr Balance",
    "Vendor": f"{PERSON} CompanyName PrimaryEmailAddr Balance",
    "Item": "Name Sku Description Active FullyQualifiedName Type UnitPrice",
    "Employee": PERSON,
    "JournalEntry": "DocNumber TxnDate",
    "Invoice": f"{SOLD} DueDate SalesTermRef ProjectRef",
    "CreditMemo": SOLD,
    "SalesReceipt": SOLD,
    "RefundReceipt": SOLD,
    "Payment": "TxnDate CustomerRef TotalAmt PaymentRefNum",
    "Deposit": "TxnDate",
    "Transfer": "TxnDate",
    "Bill": "DocNumber TxnDate DueDate VendorRef TotalAmt Balance",
    "VendorCredit": "DocNumber TxnDate VendorRef TotalAmt Balance",
    "BillPayment": "DocNumber TxnDate VendorRef TotalAmt",
    "Purchase": "DocNumber TxnDate PaymentType TotalAmt",
    "CreditCardPayment": "TxnDate",
}
BOOKED = "Line LinkedTxn CurrencyRef ExchangeRate HomeTotalAmt PrivateNote DepartmentRef ClassRef TxnTaxDetail"
FORM = f"{BOOKED} ApplyTaxAfterDiscount PrintStatus EmailStatus"
SHOWN = {
    "CompanyInfo": "Country FiscalYearStartMonth SupportedLanguages",
    "Preferences": "AccountingInfoPrefs CurrencyPrefs ReportPrefs",
    "Account": "CurrencyRef",
    "Class": "ParentRef",
    "Customer": "Taxable Job BillWithParent BalanceWithJobs CurrencyRef PreferredDeliveryMethod",
    "Vendor": "Vendor1099 CurrencyRef",
    "Item": "Taxable PurchaseCost TrackQtyOnHand IncomeAccountRef ExpenseAccountRef AssetAccountRef",
    "Employee": "BillableTime",
    "JournalEntry": f"{BOOKED} Adjustment",
    "Invoice": f"{FORM} Deposit DepositToAccountRef AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment "
    "AllowOnlineACHPayment",
    "CreditMemo": f"{FORM} RemainingCredit",
    "SalesReceipt": f"{FORM} DepositToAccountRef",
    "RefundReceipt": f"{FORM} DepositToAccountRef",
    "Payment": f"{BOOKED} DepositToAccountRef UnappliedAmt ProcessPayment",
    "Deposit": f"{BOOKED} DepositToAccountRef TotalAmt CashBack",
    "Transfer": f"{BOOKED} FromAccountRef ToAccountRef Amount",
    "Bill": f"{BOOKED} APAccountRef",
    "VendorCredit": f"{BOOKED} APAccountRef",
    "BillPayment": f"{BOOKED} PayType CheckPayment CreditCardPayment",
    "Purchase": f"{BOOKED} AccountRef EntityRef Credit",
    "CreditCardPayment": f"{BOOKED} BankAccountRef CreditCardAccountRef Amount",
}
UNUSED = {
    "Budget": "Name Active",
    "CustomerType": "Name Active",
    "Estimate": "DocNumber TxnDate CustomerRef TotalAmt",
    "PaymentMethod": "Name Active",
    "PurchaseOrder": "DocNumber TxnDate VendorRef TotalAmt",
    "TaxAgency": "DisplayName",
    "TaxCode": "Name Active",
    "TaxRate": "Name Active",
    "Term": "Name Active",
    "TimeActivity": "TxnDate",
}
"""Entities that QuickBooks has and this company has none of."""
UNTRACKED = ("TaxAgency", "TaxCode", "TaxRate", "TimeActivity")
"""Entities whose changes are not kept: https://developer.intuit.com, "Change data capture"."""
ENTITIES = ("CompanyInfo", "Preferences", *NAMES, *DOCUMENTS, *UNUSED)


@dataclass(frozen=True, slots=True)
class Properties:
    """Those of one entity, by their names in lower case."""

    asked: Mapping[str, str]
    shown: Mapping[str, str]

    @classmethod
    def of(cls, entity: str) -> Properties:
        asked = f"{ALWAYS} {(ASKED | UNUSED)[entity]}"
        return cls(_by_name(asked), _by_name(f"{asked} {HEAD} {SHOWN.get(entity, '')}"))


def _by_name(names: str) -> dict[str, str]:
    return {name.lower(): name for name in names.split()}


PROPERTIES = {entity: Properties.of(entity) for entity in ENTITIES}
