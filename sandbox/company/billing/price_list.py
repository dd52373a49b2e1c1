"""What the company sells and at which prices: products, prices and coupons as they stand in the billing system.

Belongs here: the catalogue and what a quantity costs. Does not: who buys (cases.py, everyday.py) and how
contracts run (contracts.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import Any

from sandbox.company.structure import DatedRow
from sandbox.timestamps import ms

SINCE, CHECKOUT_SINCE = "2024-10-01", "2025-10-01"
LISTED = ms("2024-09-16T09:00:00Z")
# What a price of 100 EUR cents is in the minor unit of each currency: JPY has no decimals, KWD three (in tens).
MINOR_UNITS = {"eur": 100, "usd": 110, "gbp": 85, "jpy": 160, "kwd": 330}
COUNTRY_CURRENCIES = {"GB": "gbp", "US": "usd", "BR": "usd", "MX": "usd", "AU": "usd", "JP": "jpy", "KW": "kwd"}


def key(prefix: str, seed: int, name: object) -> str:
    """An id as the vendor would give it; the same for the same name."""
    return f"{prefix}_{sha256(f'{seed} {prefix} {name}'.encode()).hexdigest()[:14]}"


@dataclass(frozen=True, slots=True)
class Sold:
    """A product of the billing system. `shares` are the company's products that it brings money to."""

    name: str
    cents: int  # of a unit and month, in EUR
    shares: tuple[tuple[str, str], ...]
    unit: str | None = "seat"
    earlier: tuple[tuple[str, str], ...] = ()  # the shares of before CHECKOUT_SINCE, where they were others


PRODUCTS = {
    "storefront": Sold("Storefront", 2_500, (("storefront", "1"),)),
    "payments": Sold("Payments", 4_900, (("payments", "1"),)),
    "insights": Sold("Insights", 3_300, (("insights", "1"),)),
    "mobile": Sold("Mobile App", 1_200, (("mobile", "1"),)),
    # A bundle whose shares change when one of its products comes, and one of thirds that add up to 1 only when rounded.
    "suite": Sold(
        "Commerce Suite",
        7_900,
        (("storefront", "0.5"), ("payments", "0.3"), ("checkout", "0.2")),
        earlier=(("storefront", "0.6"), ("payments", "0.4")),
    ),
    "growth": Sold(
        "Growth Pack", 5_900, (("insights", "0.333334"), ("mobile", "0.333333"), ("storefront", "0.333333"))
    ),
    "fraud": Sold("Fraud Shield", 900, (("payments-fraud", "1"),), None),
    "calls": Sold("API calls", 0, (("core", "1"),), "call"),
    "onboarding": Sold("Onboarding", 150_000, (("core", "1"),), None),
    # Nobody has mapped it.
    "connector": Sold("Legacy Connector", 1_900, (), None),
}
NEVER_SOLD = "misspelt"  # a product that was made by mistake and deleted

# Terms: interval, how many of them, and what they cost in tenths of a month's price.
TERMS: dict[str, tuple[str, int, int]] = {
    "month": ("month", 1, 10),
    "year": ("year", 1, 100),
    "two years": ("year", 2, 180),
    "18 months": ("month", 18, 160),
    "week": ("week", 1, 3),
    "day": ("day", 1, 1),
}
USUAL_TERMS = ("month", "year", "two years")


@dataclass(frozen=True, slots=True)
class Price:
    id: str
    product: str
    currency: str
    amount: Decimal | None  # of one unit, in the minor unit and parts of it; None where tiers say it
    interval: str | None  # None: charged once
    count: int = 1
    metered: bool = False
    tiers: tuple[tuple[int | None, int], ...] = ()  # up to this quantity, amount of each unit
    base_fee: int = 0  # of the first tier, however little is used
    tax_included: bool = False
    currencies: tuple[tuple[str, Decimal], ...] = ()  # where it has several: all of them, the one it is listed in first

    def cost(self, quantity: int) -> int:
        return sum(amount for _, amount in self.parts(quantity))

    def parts(self, quantity: int) -> list[tuple[int, int]]:
        """Units and what they cost, tier by tier."""
        if self.amount is not None:
            return [(quantity, int((self.amount * quantity).quantize(Decimal(1), ROUND_HALF_EVEN)))]
        found, below = [], 0
        for up_to, amount in self.tiers:
            units = max(0, (quantity if up_to is None else min(quantity, up_to)) - below)
            found.append((units, units * amount + (0 if found else self.base_fee)))
            below = up_to or below
        return [found[0], *(part for part in found[1:] if part[0])]

    def sold_in(self, currency: str) -> Price:
        """One of its currencies: a contract has one, whatever the price is listed in."""
        return replace(self, currency=currency, amount=dict(self.currencies)[currency])

    def listed(self) -> Price:
        return self.sold_in(self.currencies[0][0]) if self.currencies else self


@dataclass(frozen=True, slots=True)
class Coupon:
    id: str
    name: str
    percent: Decimal | None
    duration: str
    months: int | None = None
    amount: int | None = None
    currency: str | None = None
    product: str | None = None  # the only one that it is for


COUPONS = {
    "welcome": Coupon("WELCOME20", "First invoice 20 % off", Decimal(20), "once"),
    "partner": Coupon("PARTNER15", "Partner", Decimal("12.5"), "forever"),
    "launch": Coupon("LAUNCH3", "Three months 50 % off", Decimal(50), "repeating", 3),
    "charity": Coupon("CHARITY", "Free of charge", Decimal(100), "forever"),
    "add-on": Coupon("ADDON30", "Fraud Shield 30 % off", Decimal(30), "forever", product="fraud"),
    "tenner": Coupon("TENNER", "Ten off each term", None, "forever", None, 1_000, "eur"),
}


def in_minor_units(cents: int, currency: str) -> int:
    return cents * MINOR_UNITS[currency] // 100 // 10 * 10


class Catalogue:
    """All prices of one company, by product, term and currency."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.products = {name: key("prod", seed, name) for name in (*PRODUCTS, NEVER_SOLD)}
        self.prices: dict[tuple[str, str, str], Price] = {}
        for name, sold in PRODUCTS.items():
            if name not in ("calls", "onboarding"):
                for term in USUAL_TERMS:
                    for currency in MINOR_UNITS:
                        self._list(
                            name, term, currency, Decimal(in_minor_units(sold.cents * TERMS[term][2] // 10, currency))
                        )
        for term in ("18 months", "week", "day"):
            self._list(
                "insights",
                term,
                "eur",
                Decimal(in_minor_units(PRODUCTS["insights"].cents * TERMS[term][2] // 10, "eur")),
            )
        self._list("storefront", "free", "eur", Decimal(0), "month")
        self._list("onboarding", "once", "eur", Decimal(150_000), None)
        self._list("onboarding", "once", "usd", Decimal(165_000), None)
        # Less than a cent each, and known only when the month is over.
        self._list("calls", "metered", "eur", Decimal("0.35"), "month", metered=True)
        self._list("mobile", "tiered", "eur", None, "month", tiers=((10, 1_200), (50, 1_000), (None, 750)))
        # The price of before January 2025: no longer sold, still paid by those who have it.
        self._list("payments", "old month", "eur", Decimal(3_900), "month")
        # Two that are deleted while somebody has them; the second one is made anew under its id.
        self._list("insights", "deleted", "eur", Decimal(2_900), "month")
        self._list("mobile", "remade", "eur", Decimal(900), "month")
        self._list("payments", "tax included", "eur", Decimal(5_950), "month", tax_included=True)
        several = {"usd": Decimal(3_000), "eur": Decimal(2_800), "gbp": Decimal(2_400)}
        self._list("storefront", "several", "usd", several["usd"], "month", currencies=tuple(several.items()))
        # A fee for up to a thousand calls, also for none.
        self._list(
            *("calls", "base fee", "eur", None, "month"), metered=True, tiers=((1_000, 0), (None, 2)), base_fee=1_900
        )

    def _list(
        self,
        product: str,
        term: str,
        currency: str,
        amount: Decimal | None,
        interval: str | None = "",
        **more: Any,
    ) -> None:
        found, count = TERMS[term][:2] if interval == "" else (interval, 1)
        number = key("price", self.seed, f"{product} {term} {currency}")
        self.prices[product, term, currency] = Price(number, product, currency, amount, found, count, **more)

    def mapped(self) -> list[DatedRow]:
        """The rows of product_map.csv for the billing system's products; a bundle's weights add up to 1."""
        rows = []
        for name, sold in PRODUCTS.items():
            known = ("stripe", "product", self.products[name], "exact")
            for product, weight in sold.earlier:
                rows.append(DatedRow((*known, product, weight, SINCE, CHECKOUT_SINCE, sold.name)))
            since = CHECKOUT_SINCE if sold.earlier else SINCE
            rows += [DatedRow((*known, product, weight, since, "", sold.name)) for product, weight in sold.shares]
        return rows
