"""Everyday billing: the company's customers, their contracts and what becomes of them, drawn from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sandbox.company.billing.cases import billing_key
from sandbox.company.billing.contracts import BillingAccount, Contract
from sandbox.company.billing.facts import END, BillingWriter
from sandbox.company.billing.price_list import COUNTRY_CURRENCIES, COUPONS, SINCE, Catalogue
from sandbox.company.customers import Customer
from sandbox.company.structure import DatedRow
from sandbox.timestamps import DAY, HOUR, SECOND


@dataclass(frozen=True, slots=True)
class Habits:
    """How customers of a segment buy."""

    products: dict[str, int]
    terms: dict[str, int]
    second: float  # share of them that buys another product some time later
    fails: float  # how often a review finds that the card is no longer good


HABITS = {
    "SMB": Habits(
        {"storefront": 38, "payments": 16, "insights": 16, "mobile": 22, "suite": 4, "growth": 4},
        {"month": 82, "year": 18},
        second=0.12,
        fails=0.05,
    ),
    "MID": Habits(
        {"storefront": 28, "payments": 24, "insights": 20, "mobile": 8, "suite": 13, "growth": 7},
        {"month": 40, "year": 55, "two years": 5},
        second=0.3,
        fails=0.02,
    ),
    "ENT": Habits(
        {"storefront": 16, "payments": 26, "insights": 20, "suite": 28, "growth": 10},
        {"year": 80, "two years": 20},
        second=0.6,
        fails=0.0,
    ),
}
REVIEW = (60, 300)  # days between two times that a customer thinks about its contract


def mapped(seed: int, known: Sequence[Customer]) -> list[DatedRow]:
    """The rows of customer_map.csv: every customer is known to billing by one key."""
    return [
        DatedRow(("stripe", billing_key(seed, customer.customer_id), customer.customer_id, SINCE, ""))
        for customer in known
    ]


def everyday(ledger: BillingWriter, catalogue: Catalogue, known: Sequence[Customer]) -> None:
    """One or two contracts of each customer."""
    rng = Random(f"billing {ledger.seed}")  # draws of its own: billing moves nothing else
    for customer in known:
        begun = customer.since
        account = BillingAccount(
            ledger,
            catalogue,
            billing_key(ledger.seed, customer.customer_id),
            begun,
            name=customer.name,
            customer=customer.customer_id,
            country=customer.country,
            currency=COUNTRY_CURRENCIES.get(customer.country, "eur"),
        )
        contract(rng, account, customer, begun, customer.seats).run()
        again = begun + rng.randrange(30, 400) * DAY
        if rng.random() < HABITS[customer.segment].second and again < min(END, customer.notice or END) - 90 * DAY:
            contract(rng, account, customer, again, 1 + customer.seats * rng.randrange(3, 9) // 10).run()


def contract(rng: Random, account: BillingAccount, customer: Customer, begun: int, seats: int) -> Contract:
    """Seats come and go with the people who need them, until the customer leaves, or no longer pays."""
    habits = HABITS[customer.segment]
    products = list(habits.products)

    def some_product() -> str:
        return rng.choices(products, list(habits.products.values()))[0]

    term = rng.choices(list(habits.terms), list(habits.terms.values()))[0]
    coupon = COUPONS["partner"] if rng.random() < 0.06 else COUPONS["welcome"] if rng.random() < 0.1 else None
    trial = begun + 14 * DAY if rng.random() < 0.12 else None
    price = account.price(some_product(), term)
    made = Contract.sign(account, begun, (price, seats), coupon=coupon, trial_until=trial)
    at = begun + 20 * DAY
    while True:
        at += rng.randrange(*REVIEW) * DAY + rng.randrange(DAY // SECOND) * SECOND
        if customer.notice is not None and at >= customer.notice:
            made.until(customer.notice)
            # What is still to be billed comes first.
            gone = made.end + HOUR if made.pending else customer.notice
            made.leave(gone) if rng.random() < 0.85 else made.stop(gone)
            return made
        if at >= END:
            return made
        fate, seats = rng.random(), made.items[0].quantity
        if fate < habits.fails:
            made.fail(at, rng.choice(("paid", "paid", "canceled")))
            return made
        if fate < 0.6:
            # Who pays for a year would pay for new seats a year late.
            made.seats(at, max(1, seats + changed(rng, seats)), at_once=term != "month")
        elif fate < 0.64:
            made.swap(at, account.price(some_product(), term), seats)


def changed(rng: Random, seats: int) -> int:
    """Mostly more, by a tenth or a fifth, and at least by one."""
    if rng.random() < 0.72:
        return max(1, round(seats * rng.uniform(0.05, 0.25)))
    return -max(1, round(seats * rng.uniform(0.03, 0.15)))
