"""Everyday billing: the company's customers, their contracts and what becomes of them, drawn from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sandbox.company.billing.cases import billing_key
from sandbox.company.billing.contracts import BillingAccount, Contract
from sandbox.company.billing.facts import END, START, BillingWriter
from sandbox.company.billing.price_list import COUNTRY_CURRENCIES, COUPONS, SINCE, Catalogue
from sandbox.company.customers import ENDED, ENDED_ON, Customer
from sandbox.company.structure import DatedRow
from sandbox.timestamps import DAY, HOUR, SECOND, ms

MIX = {"storefront": 30, "payments": 22, "insights": 20, "mobile": 14, "suite": 9, "growth": 5}
TERM_MIX = {"month": 70, "year": 26, "two years": 4}


def mapped(seed: int, known: Sequence[Customer]) -> list[DatedRow]:
    """The rows of customer_map.csv: every customer is known to billing by one key."""
    return [
        DatedRow(("stripe", billing_key(seed, customer.customer_id), customer.customer_id, SINCE, ""))
        for customer in known
    ]


def everyday(ledger: BillingWriter, catalogue: Catalogue, known: Sequence[Customer]) -> None:
    """One or two contracts of each customer."""
    rng = Random(f"billing {ledger.seed}")  # draws of its own: billing moves nothing else
    for number, customer in enumerate(known):
        begun = START + rng.randrange((END - START) * 9 // 10 // SECOND) * SECOND
        if number < 12:  # a small company's customers are there for a while
            begun = START + number * 11 * DAY + rng.randrange(10 * HOUR // SECOND) * SECOND
        account = BillingAccount(
            ledger,
            catalogue,
            billing_key(ledger.seed, customer.customer_id),
            begun,
            name=f"Customer {customer.customer_id}",
            customer=customer.customer_id,
            country=customer.country,
            currency=COUNTRY_CURRENCIES.get(customer.country, "eur"),
        )
        first = contract(rng, account, begun)
        if rng.random() < 0.15 and begun + 90 * DAY < END:
            contract(rng, account, begun + rng.randrange(30, 80) * DAY).run()
        if number == ENDED:
            first.leave(max(begun, ms(f"{ENDED_ON}T00:00:00Z") - 20 * DAY))
        first.run()


def contract(rng: Random, account: BillingAccount, begun: int) -> Contract:
    product = rng.choices(list(MIX), list(MIX.values()))[0]
    term = rng.choices(list(TERM_MIX), list(TERM_MIX.values()))[0]
    coupon = COUPONS["partner"] if rng.random() < 0.06 else COUPONS["welcome"] if rng.random() < 0.1 else None
    trial = begun + 14 * DAY if rng.random() < 0.12 else None
    made = Contract.sign(
        account,
        begun,
        (account.price(product, term), 1 + int(rng.expovariate(1 / 12))),
        coupon=coupon,
        trial_until=trial,
    )
    at = begun + 20 * DAY
    while rng.random() < 0.55:
        at += rng.randrange(20, 260) * DAY + rng.randrange(DAY // SECOND) * SECOND
        if at >= END:
            return made
        fate = rng.random()
        if fate < 0.7:
            made.seats(at, max(1, made.items[0].quantity + rng.choice((-3, -1, 1, 2, 4, 6))))
        elif fate < 0.8:
            made.swap(at, account.price(rng.choice(list(MIX)), term), made.items[0].quantity)
        elif fate < 0.86:
            made.fail(at, rng.choice(("paid", "paid", "canceled")))
            return made
        elif fate < 0.95:
            made.leave(at)
            return made
        else:
            made.stop(at)
            return made
    return made
