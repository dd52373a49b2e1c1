"""The balance sheet as QuickBooks arranges it: sections within sections down to a type of account.

Belongs here: which sections there are, their names and groups, and which type of account stands in which. Does not: the
balances (reports.py, whose trial balance shows the same ones).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A section: either of other sections, or of the accounts of one type."""

    group: str
    title: str
    total: str
    parts: tuple[Part, ...] = ()
    type: str = ""


def of_accounts(group: str, title: str, type_: str) -> Part:
    return Part(group, title, f"Total {title}", type=type_)


def of_parts(group: str, title: str, *parts: Part) -> Part:
    return Part(group, title, f"Total {title}", parts)


EQUITY = of_accounts("Equity", "Equity", "Equity")
"""It ends with what the fiscal year has earned so far, which no account holds before the year is over."""
ASSETS = Part(
    "TotalAssets",
    "ASSETS",
    "TOTAL ASSETS",
    (
        of_parts(
            "CurrentAssets",
            "Current Assets",
            of_accounts("BankAccounts", "Bank Accounts", "Bank"),
            of_accounts("AR", "Accounts Receivable", "Accounts Receivable"),
            of_accounts("OtherCurrentAssets", "Other Current Assets", "Other Current Asset"),
        ),
        of_accounts("FixedAssets", "Fixed Assets", "Fixed Asset"),
    ),
)
LIABILITIES_AND_EQUITY = Part(
    "TotalLiabilitiesAndEquity",
    "LIABILITIES AND EQUITY",
    "TOTAL LIABILITIES AND EQUITY",
    (
        of_parts(
            "Liabilities",
            "Liabilities",
            of_parts(
                "CurrentLiabilities",
                "Current Liabilities",
                of_accounts("AP", "Accounts Payable", "Accounts Payable"),
                of_accounts("CreditCards", "Credit Cards", "Credit Card"),
                of_accounts("OtherCurrentLiabilities", "Other Current Liabilities", "Other Current Liability"),
            ),
            of_accounts("LongTermLiabilities", "Long-Term Liabilities", "Long Term Liability"),
        ),
        EQUITY,
    ),
)
