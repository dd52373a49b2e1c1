"""How the company is built: portfolios, products, modules, features, teams, people, time zones, its own files' rows.

Belongs here: what every vendor's data will join on. Does not: what a vendor calls by its own name (work/site.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.timestamps import ms

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
class DatedRow:
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
    "customers": (
        "customer_id",
        "name",
        "parent_id",
        "segment",
        "market",
        "country",
        "industry",
        "valid_from",
        "valid_to",
    ),
    "customer_map": ("source", "key", "customer_id", "valid_from", "valid_to"),
    "segments": ("code", "name"),
    "markets": ("code", "name", "region"),
    "worker_map": ("source", "key", "worker_id", "valid_from", "valid_to"),
    "account_map": ("account", "statement_group", "cost_type", "function", "sign", "valid_from", "valid_to"),
    "vendor_map": ("key", "worker_id", "agency", "cost_type", "valid_from", "valid_to"),
    "work_types": ("source", "object_type", "key", "kind"),
    "team_products": ("team_id", "product_id", "share", "valid_from", "valid_to"),
    "price_book": ("product_id", "market", "segment", "currency", "tier", "list_price", "valid_from", "valid_to"),
    "fx_plan": ("currency", "fiscal_year", "rate"),
    "fx_rates": ("date", "currency", "rate"),
    "holidays": ("country", "date"),
    "market_size": ("market", "segment", "product_id", "year", "tam", "sam", "currency"),
    "budget": ("account_group", "product_id", "period", "amount"),
    "ai_spend": ("vendor", "from", "to", "team_id", "user", "amount", "currency"),
    "capex_criteria": ("epic", "regime", "criterion", "met_on", "approver"),
    "checkins": ("kr_id", "date", "value", "author", "overrides"),
    "goal_links": ("work_item", "key_result_id", "share", "valid_from", "valid_to"),
    "link_types": ("link_type", "direction"),
    "promises": (*("promise_id", "work_item", "registered_at", "date", "metric", "slice", "feature", "size", "kind"),),
    "decisions": (
        "decision_id",
        "title",
        "owner",
        "product_id",
        "raised_at",
        "data_ready_at",
        "proposed_at",
        "decided_at",
        "withdrawn_at",
    ),
}

PRODUCTS = [
    DatedRow(("commerce", "Commerce", "portfolio", "", "ada", "growth", "2024-10-01", "")),
    DatedRow(("platform", "Platform", "portfolio", "", "ivo", "mature", "2024-10-01", "")),
    DatedRow(("payments", "Payments", "product", "commerce", "bela", "growth", "2024-10-01", "")),
    DatedRow(("checkout", "Checkout", "product", "commerce", "chen", "launch", "2025-10-01", "")),
    # Renamed at the start of 2026: two rows of one product, one after the other.
    DatedRow(("storefront", "Web Shop", "product", "commerce", "dara", "mature", "2024-10-01", "2026-01-01")),
    DatedRow(("storefront", "Storefront", "product", "commerce", "emil", "mature", "2026-01-01", "")),
    # Handed from one portfolio to the other in the middle of a month.
    DatedRow(("insights", "Insights", "product", "commerce", "hana", "launch", "2024-10-01", "2026-03-18")),
    DatedRow(("insights", "Insights", "product", "platform", "hana", "growth", "2026-03-18", "")),
    DatedRow(("mobile", "Mobile App", "product", "commerce", "jun", "growth", "2024-10-01", "")),
    DatedRow(("core", "Core Services", "product", "platform", "ivo", "mature", "2024-10-01", "")),
    DatedRow(("payments-fraud", "Fraud Shield", "module", "payments", "bela", "growth", "2024-10-01", "")),
    DatedRow(("payments-wallet", "Wallet", "module", "payments", "bela", "launch", "2025-06-01", "")),
    DatedRow(("insights-reports", "Reports", "module", "insights", "hana", "growth", "2024-10-01", "")),
    DatedRow(("storefront-search", "Search", "feature", "storefront", "emil", "mature", "2024-10-01", "")),
    # Retired in May 2026, though old clients go on sending its event.
    DatedRow(
        ("storefront-wishlist", "Wishlist", "feature", "storefront", "emil", "sunset", "2024-10-01", "2026-05-01")
    ),
    DatedRow(("checkout-express", "Express Checkout", "feature", "checkout", "chen", "growth", "2025-10-01", "")),
    DatedRow(("wallet-topup", "Top-up", "feature", "payments-wallet", "bela", "launch", "2025-06-01", "")),
    # Leaves its module in June 2026 and belongs to the product directly.
    DatedRow(("reports-export", "Export", "feature", "insights-reports", "hana", "growth", "2024-10-01", "2026-06-01")),
    DatedRow(("reports-export", "Export", "feature", "insights", "hana", "growth", "2026-06-01", "")),
    DatedRow(("reports-alerts", "Alerts", "feature", "insights-reports", "hana", "launch", "2024-10-01", "")),
    DatedRow(("insights-copilot", "Copilot", "feature", "insights", "hana", "launch", "2026-01-15", "")),
    DatedRow(("mobile-scan", "Scanner", "feature", "mobile", "jun", "growth", "2024-10-01", "")),
    # Handed from one product to another in the middle of a month.
    DatedRow(("mobile-offers", "Offers", "feature", "mobile", "jun", "growth", "2024-10-01", "2026-04-15")),
    DatedRow(("mobile-offers", "Offers", "feature", "storefront", "emil", "growth", "2026-04-15", "")),
    # A feature of a whole portfolio: no product is above it.
    DatedRow(("platform-sso", "Single Sign-On", "feature", "platform", "ivo", "mature", "2024-10-01", "")),
]

# Teams as Jira's Team field names them. "Falcon" is another team after the reorganisation; "Skunkworks" is in no file.
FIELD_TEAMS = ("Falcon", "Heron", "Osprey", "Platform Crew", "Skunkworks")
REORGANISATION = "2026-04-01"
TEAMS = [
    DatedRow(("T-FALCON", "Falcon", "stream", "engineering", "", "2025-01-01", REORGANISATION)),
    DatedRow(("T-EAGLE", "Falcon", "stream", "engineering", "", REORGANISATION, "")),
    DatedRow(("T-HERON", "Heron", "stream", "engineering", "", "2025-01-01", "")),
    DatedRow(("T-OSPREY", "Osprey", "stream", "engineering", "", "2025-07-01", "")),
    DatedRow(("T-CREW", "Platform Crew", "platform", "engineering", "", "2025-01-01", "")),
    DatedRow(("T-PRODUCT", "Product Management", "enabling", "product", "", "2025-01-01", "")),
    DatedRow(("T-DESIGN", "Design Studio", "enabling", "design", "", "2025-01-01", "")),
    DatedRow(("T-CARE", "Customer Care", "stream", "support", "", "2025-01-01", "")),
    DatedRow(("T-SALES", "Sales", "stream", "sales", "", "2025-01-01", "")),
    DatedRow(("T-MARKET", "Marketing", "stream", "marketing", "", "2025-01-01", "")),
    # Finance, and the people who look after people: one team of two functions.
    DatedRow(("T-OFFICE", "Back Office", "enabling", "finance", "", "2025-01-01", "")),
]


def jira(
    object_type: str, key: str, match: str, product: str, weight: str, since: str, until: str, reason: str
) -> tuple[str, ...]:
    """A row of product_map.csv for Jira; the weights of rows with the same object, key and match add up to 1."""
    return ("jira", object_type, key, match, product, weight, since, until, reason)


PROJECT_MAP = [
    # A mapping that changes in time: the past stays where it was.
    DatedRow(
        jira("project", "PAY", "exact", "payments", "1", "2025-01-01", "2026-01-01", "before Checkout was a product")
    ),
    DatedRow(jira("project", "PAY", "exact", "checkout", "1", "2026-01-01", "", "")),
    # The prefix covers SHOP from March 2026 on, when its exact row ends.
    DatedRow(jira("project", "SHOP", "exact", "storefront", "1", "2025-01-01", "2026-03-01", "")),
    DatedRow(
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
    DatedRow(jira("project", "S", "prefix", "core", "1", "2025-01-01", "", "weaker than the longer prefix")),
    DatedRow(jira("project", "IN*", "glob", "insights", "1", "2025-01-01", "", "")),
    # A weighted split whose weights change in time.
    DatedRow(jira("project", "OPS", "exact", "core", "0.6", "2025-01-01", "2026-02-01", "")),
    DatedRow(jira("project", "OPS", "exact", "storefront", "0.4", "2025-01-01", "2026-02-01", "")),
    DatedRow(jira("project", "OPS", "exact", "core", "0.333334", "2026-02-01", "", "")),
    DatedRow(jira("project", "OPS", "exact", "storefront", "0.333333", "2026-02-01", "", "")),
    DatedRow(jira("project", "OPS", "exact", "mobile", "0.333333", "2026-02-01", "", "")),
    # LAB is unmapped until somebody maps it, for its whole past, in November 2026.
    DatedRow(
        jira("project", "LAB", "exact", "insights-reports", "1", "2025-01-01", "", "mapped late"),
        ms("2026-11-16T09:00:00Z"),
    ),
    # Rows of another source must not touch Jira's keys.
    DatedRow(("amplitude", "project", "LAB", "exact", "mobile", "1", "2025-01-01", "", "another source's key")),
]


def amplitude(
    object_type: str,
    key: str,
    match: str,
    product: str,
    weight: str = "1",
    since: str = "2025-01-01",
    until: str = "",
    reason: str = "",
) -> tuple[str, ...]:
    """A row of product_map.csv for Amplitude: an event by its type, a project by its id, an exposure by its flag."""
    return ("amplitude", object_type, key, match, product, weight, since, until, reason)


MAPPED_LATE = ms("2026-10-20T09:00:00Z")
USAGE_MAP = [
    DatedRow(amplitude("project", "100001", "exact", "storefront")),
    DatedRow(amplitude("project", "*002", "glob", "insights")),
    # The mobile project is mapped, for its whole past, when somebody finds it missing.
    DatedRow(amplitude("project", "100003", "exact", "mobile", reason="mapped late"), MAPPED_LATE),
    DatedRow(amplitude("event", "Product Added", "exact", "storefront")),
    # Renamed in February 2026: two names, one feature.
    DatedRow(amplitude("event", "Search Performed", "exact", "storefront-search", until="2026-02-10")),
    DatedRow(amplitude("event", "Catalogue Searched", "exact", "storefront-search", since="2026-02-10")),
    DatedRow(amplitude("event", "Wishlist Saved", "exact", "storefront-wishlist")),
    DatedRow(amplitude("event", "Express Checkout", "prefix", "checkout-express")),
    # One payment serves several products, in other weights from March 2026 on.
    DatedRow(amplitude("event", "Payment Completed", "exact", "payments", "0.7", until="2026-03-01")),
    DatedRow(amplitude("event", "Payment Completed", "exact", "checkout", "0.3", until="2026-03-01")),
    DatedRow(amplitude("event", "Payment Completed", "exact", "payments", "0.333334", since="2026-03-01")),
    DatedRow(amplitude("event", "Payment Completed", "exact", "checkout", "0.333333", since="2026-03-01")),
    DatedRow(amplitude("event", "Payment Completed", "exact", "payments-wallet", "0.333333", since="2026-03-01")),
    DatedRow(amplitude("event", "Wallet Topped Up", "exact", "wallet-topup")),
    DatedRow(amplitude("event", "Gift Card Redeemed", "exact", "payments-wallet", reason="mapped late"), MAPPED_LATE),
    # Exact before the longest prefix before shorter ones before patterns.
    DatedRow(amplitude("event", "Report:", "prefix", "insights-reports")),
    DatedRow(amplitude("event", "Report: Alert", "prefix", "reports-alerts")),
    DatedRow(amplitude("event", "Report: Exported", "exact", "reports-export")),
    DatedRow(amplitude("event", "*Built", "glob", "insights")),
    DatedRow(amplitude("event", "Copilot Asked", "exact", "insights-copilot")),
    DatedRow(amplitude("event", "App Opened", "exact", "mobile")),
    # Counted for the scanner at first, for the shop afterwards.
    DatedRow(amplitude("event", "Barcode Scanned", "exact", "mobile-scan", until="2026-03-01")),
    DatedRow(amplitude("event", "Barcode Scanned", "exact", "storefront", since="2026-03-01")),
    DatedRow(amplitude("event", "Shelf Scanned", "exact", "mobile-scan")),
    DatedRow(amplitude("event", "Offer Redeemed", "exact", "mobile-offers")),
    DatedRow(amplitude("event", "Order Tracked", "exact", "storefront")),
    DatedRow(amplitude("event", "Single Sign-On Used", "exact", "platform-sso")),
    DatedRow(amplitude("exposure", "copilot-beta", "exact", "insights-copilot")),
    # The flag of a feature that everybody had until June 2026.
    DatedRow(amplitude("exposure", "express-", "prefix", "checkout-express", since="2026-06-01")),
]

SEGMENTS = [DatedRow(("ENT", "Enterprise")), DatedRow(("MID", "Mid-market")), DatedRow(("SMB", "Small business"))]
MARKETS = [
    DatedRow(("DACH", "Germany, Austria, Switzerland", "EMEA")),
    DatedRow(("UKI", "United Kingdom and Ireland", "EMEA")),
    DatedRow(("NORD", "Nordics", "EMEA")),
    DatedRow(("FR", "France", "EMEA")),
    DatedRow(("IB", "Iberia", "EMEA")),
    DatedRow(("US", "United States", "AMER")),
    DatedRow(("LATAM", "Latin America", "AMER")),
    DatedRow(("APAC", "Asia-Pacific", "APAC")),
]


@dataclass(frozen=True, slots=True)
class Person:
    account_id: str
    name: str
    time_zone: str
    active: bool = True
    account_type: str = "atlassian"
    hidden: bool = False  # the vendor filters this account out of lists


def worker_id(number: int) -> str:
    """A human of the company, whatever systems know them by; the people of Jira are the first."""
    return f"W-{number:04d}"


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
