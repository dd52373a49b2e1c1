"""How the company is built: portfolios, products, modules, teams, people, time zones, and its own files' rows.

Here belongs what every vendor's data will join on. Not here: anything a vendor calls by its own name (see site.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.moments import ms

# (the API user's zone, the zone the company reports in): all with daylight saving, two with half hours, never the same.
ZONES = (
    ("Europe/Berlin", "America/New_York"),
    ("America/New_York", "Europe/London"),
    ("America/St_Johns", "Europe/Berlin"),
    ("Australia/Sydney", "America/Los_Angeles"),
    ("Australia/Lord_Howe", "Asia/Kolkata"),
)
FIRST_NAMES = ("Ada", "Bela", "Chen", "Dara", "Emil", "Farah", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Milan")
LAST_NAMES = ("Abel", "Brandt", "Costa", "Diaz", "Evans", "Gupta", "Hoang", "Kaya", "Lind", "Moreau", "Okafor")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the company's files. It stands in the file from the instant `known_from` on, until `known_to`."""

    values: tuple[str, ...]
    known_from: int = 0
    known_to: int | None = None

    def known(self, now: int) -> bool:
        return self.known_from <= now and (self.known_to is None or now < self.known_to)


HEADERS = {
    "products": ("product_id", "name", "level", "parent_id", "owner", "lifecycle", "valid_from", "valid_to"),
    "product_map": (
        "source",
        "object_type",
        "key",
        "match",
        "product_id",
        "weight",
        "valid_from",
        "valid_to",
        "reason",
    ),
    "teams": ("team_id", "name", "type", "function", "parent_id", "valid_from", "valid_to"),
}

PRODUCTS = [
    Row(("commerce", "Commerce", "portfolio", "", "ada", "growth", "2025-01-01", "")),
    Row(("platform", "Platform", "portfolio", "", "ivo", "mature", "2025-01-01", "")),
    Row(("payments", "Payments", "product", "commerce", "bela", "growth", "2025-01-01", "")),
    Row(("checkout", "Checkout", "product", "commerce", "chen", "launch", "2025-10-01", "")),
    # Renamed at the start of 2026: two rows of one product, one after the other.
    Row(("storefront", "Web Shop", "product", "commerce", "dara", "mature", "2025-01-01", "2026-01-01")),
    Row(("storefront", "Storefront", "product", "commerce", "emil", "mature", "2026-01-01", "")),
    # Handed from one portfolio to the other in the middle of a month.
    Row(("insights", "Insights", "product", "commerce", "hana", "launch", "2025-01-01", "2026-03-18")),
    Row(("insights", "Insights", "product", "platform", "hana", "growth", "2026-03-18", "")),
    Row(("mobile", "Mobile App", "product", "commerce", "jun", "growth", "2025-01-01", "")),
    Row(("core", "Core Services", "product", "platform", "ivo", "mature", "2025-01-01", "")),
    Row(("payments-fraud", "Fraud Shield", "module", "payments", "bela", "growth", "2025-01-01", "")),
    Row(("payments-wallet", "Wallet", "module", "payments", "bela", "launch", "2025-06-01", "")),
    Row(("insights-reports", "Reports", "module", "insights", "hana", "growth", "2025-01-01", "")),
]

# Teams as Jira's Team field names them. "Falcon" is another team after the reorganisation; "Skunkworks" is in no file.
FIELD_TEAMS = ("Falcon", "Heron", "Osprey", "Platform Crew", "Skunkworks")
REORGANISATION = "2026-04-01"
TEAMS = [
    Row(("T-FALCON", "Falcon", "stream", "engineering", "", "2025-01-01", REORGANISATION)),
    Row(("T-EAGLE", "Falcon", "stream", "engineering", "", REORGANISATION, "")),
    Row(("T-HERON", "Heron", "stream", "engineering", "", "2025-01-01", "")),
    Row(("T-OSPREY", "Osprey", "stream", "engineering", "", "2025-07-01", "")),
    Row(("T-CREW", "Platform Crew", "platform", "engineering", "", "2025-01-01", "")),
]


def jira(
    object_type: str, key: str, match: str, product: str, weight: str, since: str, until: str, reason: str
) -> tuple[str, ...]:
    """A row of product_map.csv for Jira; the weights of rows with the same object, key and match add up to 1."""
    return ("jira", object_type, key, match, product, weight, since, until, reason)


PROJECT_MAP = [
    # A mapping that changes in time: the past stays where it was.
    Row(jira("project", "PAY", "exact", "payments", "1", "2025-01-01", "2026-01-01", "before Checkout was a product")),
    Row(jira("project", "PAY", "exact", "checkout", "1", "2026-01-01", "", "")),
    # The prefix covers SHOP from March 2026 on, when its exact row ends.
    Row(jira("project", "SHOP", "exact", "storefront", "1", "2025-01-01", "2026-03-01", "")),
    Row(
        jira(
            "project",
            "SH",
            "prefix",
            "mobile",
            "1",
            "2025-01-01",
            "",
            "weaker than the exact row while that one is valid",
        )
    ),
    Row(jira("project", "S", "prefix", "core", "1", "2025-01-01", "", "weaker than the longer prefix")),
    Row(jira("project", "IN*", "glob", "insights", "1", "2025-01-01", "", "")),
    # A weighted split whose weights change in time.
    Row(jira("project", "OPS", "exact", "core", "0.6", "2025-01-01", "2026-02-01", "")),
    Row(jira("project", "OPS", "exact", "storefront", "0.4", "2025-01-01", "2026-02-01", "")),
    Row(jira("project", "OPS", "exact", "core", "0.333334", "2026-02-01", "", "")),
    Row(jira("project", "OPS", "exact", "storefront", "0.333333", "2026-02-01", "", "")),
    Row(jira("project", "OPS", "exact", "mobile", "0.333333", "2026-02-01", "", "")),
    # LAB is unmapped until somebody maps it, for its whole past, in November 2026.
    Row(
        jira("project", "LAB", "exact", "insights-reports", "1", "2025-01-01", "", "mapped late"),
        ms("2026-11-16T09:00:00Z"),
    ),
    # Rows of another source must not touch Jira's keys.
    Row(("amplitude", "project", "LAB", "exact", "mobile", "1", "2025-01-01", "", "another source's key")),
]


@dataclass(frozen=True, slots=True)
class Person:
    account_id: str
    name: str
    time_zone: str
    active: bool = True
    account_type: str = "atlassian"
    hidden: bool = False  # the vendor filters this account out of lists


def people(rng: Random, count: int) -> list[Person]:
    """Staff, one automation app, one who left, and accounts that a list of users leaves out."""
    found = []
    for number in range(count):
        name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[rng.randrange(len(LAST_NAMES))]}"
        found.append(
            Person(
                account_id=f"5f{rng.getrandbits(88):022x}",
                name=name,
                time_zone=ZONES[rng.randrange(len(ZONES))][0],
                active=number != 3,
                hidden=number in (4, 9, 10),
            )
        )
    found.append(Person(f"557058:{rng.getrandbits(128):032x}", "Automation for Jira", "UTC", True, "app"))
    return found
