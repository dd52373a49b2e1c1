"""Customers and the accounts by which the product analytics knows them, as the company's own files list them.

Belongs here: who the customers are, how large, since when, and how they change in time. Does not: their contracts
(billing/), their users and what those do (usage/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sandbox.company.structure import DatedRow
from sandbox.timestamps import DAY, HOUR, SECOND, ms

COUNTS = {"tiny": 12, "small": 440, "medium": 5_000, "large": 10_000}
TREES = ("Alder", "Birch", "Cedar", "Elder", "Elm", "Fir", "Hazel", "Holly", "Juniper", "Larch", "Linden", "Maple")
TREES += ("Myrtle", "Oak", "Olive", "Pine", "Poplar", "Rowan", "Spruce", "Teak", "Thorn", "Walnut", "Willow", "Yew")
PLACES = ("brook", "field", "ford", "gate", "grove", "ham", "haven", "hill", "holm", "hurst", "lake", "land", "mark")
PLACES += ("mere", "mill", "moor", "port", "stead", "vale", "wick")
KINDS = ("Foods", "Logistics", "Bank", "Media", "Tools", "Clinics")  # in the order of the industries
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
# Where a company from Germany sells; the first eight customers are one of each.
MARKET_WEIGHTS = {"DACH": 30, "UKI": 16, "NORD": 9, "FR": 11, "IB": 7, "US": 15, "LATAM": 5, "APAC": 7}
SINCE = "2024-10-01"
BEGIN, LAST = ms("2024-10-02T00:00:00Z"), ms("2026-11-20T00:00:00Z")
# The first six have a story of their own, for every seed; all others stay as they are.
GROWN, PARENT, CHILD, SOLD, BUYER, ENDED = range(6)
GROWN_ON, SOLD_ON, ENDED_ON = "2026-04-15", "2026-03-20", "2026-07-01"


@dataclass(frozen=True, slots=True)
class Size:
    """What customers of a segment have in common: how many seats they begin with, how soon they go."""

    least: int
    more: int  # on average
    leave: float  # share of them that gives notice within a year


SIZES = {"SMB": Size(3, 5, 0.17), "MID": Size(12, 14, 0.1), "ENT": Size(45, 45, 0.05)}
# Of twelve customers eight are small and one is large; the first six as their stories need them.
PATTERN = ("SMB", "ENT", "SMB", "MID", "SMB", "SMB", "MID", "SMB", "SMB", "MID", "SMB", "SMB")


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str
    name: str
    account: str  # the group value under which its users' events come
    country: str
    segment: str  # when it comes
    seats: int  # that it needs when it comes
    since: int
    notice: int | None  # when it decides to leave


def customers(rng: Random, scale: str) -> tuple[list[Customer], dict[str, list[DatedRow]]]:
    """The customers, and the rows of customers.csv and customer_map.csv."""
    found, rows, mapped = [], [], []
    markets = list(MARKET_WEIGHTS)
    for number in range(COUNTS[scale]):
        market = rng.choices(markets, list(MARKET_WEIGHTS.values()))[0] if number > 7 else markets[number]
        segment = PATTERN[number % len(PATTERN)]
        customer = drawn(rng, number, lives(number, segment)[0][0], rng.choice(COUNTRIES[market]))
        found.append(customer)
        parent = found[PARENT].customer_id if number == CHILD else ""
        rest = (market, customer.country, INDUSTRIES[number % len(KINDS)])
        for segment_then, since, until in lives(number, segment):
            rows.append(DatedRow((customer.customer_id, customer.name, parent, segment_then, *rest, since, until)))
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


def drawn(rng: Random, number: int, segment: str, country: str) -> Customer:
    """More came in the beginning than lately; a small company's customers are there for a while."""
    size = SIZES[segment]
    since = BEGIN + int(rng.random() ** 1.6 * (LAST - BEGIN)) // SECOND * SECOND
    if number < 12:
        since = BEGIN + number * 11 * DAY + rng.randrange(10 * HOUR // SECOND) * SECOND
    stays = int(rng.expovariate(size.leave) * 365 * DAY)
    notice = since + 60 * DAY + stays
    if number <= ENDED:
        notice = ms(f"{ENDED_ON}T00:00:00Z") - 20 * DAY if number == ENDED else LAST
    return Customer(
        f"C{number + 1:05d}",
        name_of(number),
        f"acct-{rng.getrandbits(32):08x}",
        country,
        segment,
        seats=size.least + int(rng.expovariate(1 / size.more)),
        since=since,
        notice=notice if notice < LAST else None,
    )


def name_of(number: int, kinds: Sequence[str] = KINDS) -> str:
    """Another one for each of the first 480; then they come again, as another company of the same name."""
    stems = len(TREES) * len(PLACES)
    stem = number * 7 % stems
    again = f" {number // stems + 1}" if number >= stems else ""
    return f"{TREES[stem % len(TREES)]}{PLACES[stem // len(TREES)]} {kinds[number % len(kinds)]}{again}"


def lives(number: int, segment: str) -> list[tuple[str, str, str]]:
    """Segments of a customer with their days. Who ended has an account that still sends events."""
    if number == GROWN or number % 29 == 28:
        return [("SMB", SINCE, GROWN_ON), ("MID", GROWN_ON, "")]
    return [(segment, SINCE, ENDED_ON if number == ENDED else "")]


def account(key: str, customer_id: str, since: str = SINCE, until: str = "") -> DatedRow:
    return DatedRow(("amplitude", key, customer_id, since, until))
