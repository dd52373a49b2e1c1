"""Customers and the accounts by which the product analytics knows them, as the company's own files list them.

Belongs here: who the customers are and how they change in time. Does not: their users and what those do (usage/).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.company.structure import MARKETS, SEGMENTS, DatedRow

COUNTS = {"tiny": 12, "small": 400, "medium": 5_000, "large": 10_000}
NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Koa", "Larch")
KINDS = ("Foods", "Logistics", "Bank", "Media", "Tools", "Clinics")
INDUSTRIES = ("retail", "logistics", "finance", "media", "manufacturing", "health")
COUNTRIES = {
    "DACH": ("DE", "AT", "CH"),
    "UKI": ("GB", "IE"),
    "NORD": ("SE", "DK"),
    "FR": ("FR",),
    "IB": ("ES", "PT"),
    "US": ("US",),
    "LATAM": ("BR", "MX"),
    "APAC": ("JP", "AU"),
}
SINCE = "2024-10-01"
# The first six have a story of their own, for every seed; all others stay as they are.
GROWN, PARENT, CHILD, SOLD, BUYER, ENDED = range(6)
GROWN_ON, SOLD_ON, ENDED_ON = "2026-04-15", "2026-03-20", "2026-07-01"


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str
    account: str  # the group value under which its users' events come
    country: str


def customers(rng: Random, scale: str) -> tuple[list[Customer], dict[str, list[DatedRow]]]:
    """The customers, and the rows of customers.csv and customer_map.csv."""
    found, rows, mapped = [], [], []
    for number in range(COUNTS[scale]):
        market = MARKETS[rng.randrange(len(MARKETS))].values[0] if number > 7 else MARKETS[number].values[0]
        segment = SEGMENTS[number % 3].values[0]
        customer = Customer(f"C{number + 1:05d}", f"acct-{rng.getrandbits(32):08x}", rng.choice(COUNTRIES[market]))
        found.append(customer)
        name = f"{NAMES[number % len(NAMES)]} {KINDS[number // len(NAMES) % len(KINDS)]} {number + 1}"
        parent = found[PARENT].customer_id if number == CHILD else ""
        rest = (market, customer.country, INDUSTRIES[rng.randrange(len(INDUSTRIES))])
        for segment_then, since, until in lives(number, segment):
            rows.append(DatedRow((customer.customer_id, name, parent, segment_then, *rest, since, until)))
        if number != SOLD:
            mapped.append(account(customer.account, customer.customer_id))
    sold = found[SOLD].account
    # The account goes on under the same key, with another customer behind it.
    mapped.append(account(sold, found[SOLD].customer_id, until=SOLD_ON))
    mapped.append(account(sold, found[BUYER].customer_id, since=SOLD_ON))
    # Another system's key of the same name says nothing about Amplitude's.
    mapped.append(DatedRow(("stripe", UNKNOWN_ACCOUNT, found[GROWN].customer_id, SINCE, "")))
    return found, {"customers": rows, "customer_map": mapped}


UNKNOWN_ACCOUNT = "acct-of-nobody"


def lives(number: int, segment: str) -> list[tuple[str, str, str]]:
    """Segments of a customer with their days. Who ended has an account that still sends events."""
    if number == GROWN or number % 29 == 28:
        return [("SMB", SINCE, GROWN_ON), ("MID", GROWN_ON, "")]
    return [(segment, SINCE, ENDED_ON if number == ENDED else "")]


def account(key: str, customer_id: str, since: str = SINCE, until: str = "") -> DatedRow:
    return DatedRow(("amplitude", key, customer_id, since, until))
