"""The clients: one row each.

Belongs here: which releases, and what a client itself can't read. Does not: what is asked (scripts/<name>.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """A published client. It is to read each stream of its vendor's loader whole.

    ``cannot``: of these it reads nothing, or not all, and why. ``hosts``: origins that are fixed in the client (by
    scheme and host), and the vendor that stands for each; the others are given our address as a setting."""

    name: str
    requires: tuple[str, ...]
    vendor: str
    cannot: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)


INTUIT = dict.fromkeys(
    ("https://quickbooks.api.intuit.com", "https://oauth.platform.intuit.com", "https://developer.intuit.com"),
    "quickbooks",
)
REPORTS = dict.fromkeys(
    ("trial_balances", "profit_and_loss_by_class", "general_ledgers"),
    "it reads a report of the days that it is given, and has no list of the company's periods",
)
NO_STREAM = "it has no such stream"
UNKNOWN = dict.fromkeys(("company_info", "preferences", "credit_card_payments", *REPORTS), NO_STREAM)
"""What neither tap nor connector of QuickBooks has."""
CLIENTS: tuple[Client, ...] = (
    Client(
        "jira",
        ("jira==3.10.5",),
        "jira",
        cannot={"changelogs": "it has no call for an issue's changelog but `expand`, which the vendor cuts"},
    ),
    Client("atlassian-python-api", ("atlassian-python-api==5.0.5",), "jira"),
    Client(
        "tap-jira",
        ("tap-jira==2.6.0",),
        "jira",
        cannot={
            "fields": "it has no such stream",
            "statuses": "it has no such stream",
            "boards": "it has no such stream",
            "sprints": "it has no such stream",
            "changelogs": "it takes them from `expand` of the search, which the vendor cuts",
        },
        hosts={"https://made-up-company.atlassian.net": "jira"},
    ),
    Client("python-quickbooks", ("python-quickbooks==0.9.12",), "quickbooks", cannot=REPORTS, hosts=INTUIT),
    Client("tap-quickbooks", ("tap-quickbooks==2.5.0",), "quickbooks", cannot=UNKNOWN, hosts=INTUIT),
    Client(
        "airbyte-source-quickbooks",
        ("airbyte-source-quickbooks==4.0.4",),
        "quickbooks",
        cannot=UNKNOWN,
        hosts=INTUIT,
    ),
    Client("stripe", ("stripe==16.1.0",), "stripe", hosts={"https://api.stripe.com": "stripe"}),
    Client(
        "tap-stripe",
        ("tap-stripe==3.3.0",),
        "stripe",
        cannot={
            "prices": "it reads plans, which are the prices that recur",
            "invoice_payments": "the version that it asks for, 2022-11-15, has none",
            "credit_notes": "it has no such stream",
            "credit_note_lines": "it has no such stream",
            "refunds": "it has no such stream: a charge shows its newest ones",
        },
        hosts={"https://api.stripe.com": "stripe"},
    ),
    Client(
        "PyBambooHR",
        ("PyBambooHR==0.8.1",),
        "bamboohr",
        cannot={"locations": "it is older than the list of them, and has no call for it"},
        hosts={"https://api.bamboohr.com": "bamboohr"},
    ),
)
