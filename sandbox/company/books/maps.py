"""What product operations say of the books: account_map.csv, vendor_map.csv, their rows in other maps.

Belongs here: what they know and what they have not got round to. Does not: the books themselves (names.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.company.books.names import CLASSES, UNMAPPED_CLASSES
from sandbox.company.customers import Customer
from sandbox.company.structure import DatedRow
from sandbox.timestamps import ms

SINCE = "2024-10-01"
RECLASSIFIED = "2026-01-01"
AGENCY_FOUND = ms("2026-10-20T09:00:00Z")
# Statement group, cost type, function. Travel and what exchange rates do are in no row.
ACCOUNTS = {
    **dict.fromkeys(
        ("bank", "receivable", "receivable_foreign", "undeposited", "stripe_balance", "stripe_receivable", "prepaid"),
        ("asset", "", ""),
    ),
    **dict.fromkeys(("bank_foreign", "till", "stock"), ("asset", "", "")),
    **dict.fromkeys(("receivable_before", "receivable_third", "receivable_partners"), ("asset", "", "")),
    **dict.fromkeys(("equipment", "depreciated", "development"), ("asset", "", "")),
    **dict.fromkeys(("payable", "payable_foreign", "card", "deferred", "sales_tax"), ("liability", "", "")),
    **dict.fromkeys(("payroll_payable", "accrued", "tax_payable", "loan"), ("liability", "", "")),
    **dict.fromkeys(("opening", "retained", "capital"), ("equity", "", "")),
    **dict.fromkeys(("subscriptions", "services", "licences", "discounts", "goods"), ("revenue", "", "")),
    "hosting": ("cost_of_revenue", "cloud", "engineering"),
    "support": ("cost_of_revenue", "contractor", "support"),
    "support_pay": ("cost_of_revenue", "payroll", "support"),
    "payment_fees": ("cost_of_revenue", "payment_fees", ""),
    "stock_cost": ("cost_of_revenue", "goods", ""),
    **dict.fromkeys(("payroll", "salaries", "employer"), ("operating_expense", "payroll", "")),
    "contractors": ("operating_expense", "contractor", "engineering"),
    "tools": ("operating_expense", "tools", ""),
    "rent": ("operating_expense", "facilities", ""),
    "marketing": ("operating_expense", "marketing", "sales"),
    "bad_debt": ("operating_expense", "bad_debt", ""),
    "depreciation": ("operating_expense", "depreciation", ""),
    **dict.fromkeys(("interest_earned", "interest"), ("other", "", "")),
    "income_tax": ("tax", "", ""),
}
CREDITED = ("liability", "equity", "revenue")


def rows(accounts: Mapping[str, str], vendors: Mapping[str, str], worker: str) -> dict[str, list[DatedRow]]:
    """Ids of accounts and vendors by their names; the worker behind the vendor that is a person."""
    mapped = []
    for name, (group, cost_type, function) in ACCOUNTS.items():
        sign = "-1" if group in CREDITED else "1"
        since = SINCE
        if name == "support":  # an expense of running the company until somebody looked
            mapped.append(
                DatedRow((accounts[name], "operating_expense", cost_type, function, sign, since, RECLASSIFIED))
            )
            since = RECLASSIFIED
        mapped.append(DatedRow((accounts[name], group, cost_type, function, sign, since, "")))
    return {
        "account_map": mapped,
        "vendor_map": [
            DatedRow((vendors["freelancer"], worker, "", "contractor", SINCE, "")),
            DatedRow((vendors["agency"], "", "Northgate Developers", "contractor", SINCE, "")),
            DatedRow((vendors["support"], "", "Evertide Support", "contractor", SINCE, ""), AGENCY_FOUND),
            DatedRow((vendors["pairwright"], "", "Pairwright", "ai", SINCE, "")),
            DatedRow((vendors["askably"], "", "Askably", "ai", SINCE, "")),
            DatedRow((vendors["scribewell"], "", "Scribewell", "ai", SINCE, "")),
        ],
    }


def customers(ids: Sequence[str], known: Sequence[Customer]) -> list[DatedRow]:
    """The rows of customer_map.csv for those who are invoiced in the books: all but the last are customers of ours."""
    ours = [customer.customer_id for customer in known]
    return [DatedRow(("quickbooks", number, who, SINCE, "")) for number, who in zip(ids[:-1], ours, strict=False)]


def classes(ids: Mapping[str, str]) -> list[DatedRow]:
    """The rows of product_map.csv for the classes: each is a product, but for those that nobody has mapped."""
    return [
        DatedRow(("quickbooks", "class", ids[product], "exact", product, "1", SINCE, "", title))
        for product, title in CLASSES.items()
        if product not in UNMAPPED_CLASSES
    ]
