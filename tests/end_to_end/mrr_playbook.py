"""dbt-labs/mrr-playbook's 121 subscription periods, as a Stripe account would bill them, and its MRR of each month.

Belongs here: its periods as Stripe's objects, and its rules as its models state them. Does not: serving, loading and
comparing (test_stripe_cases.py).
The periods are those of its data/subscription_periods.csv (tests/cases/mrr_playbook); its code is not here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "cases/mrr_playbook/subscription_periods.csv"
ACCOUNT, START, PRODUCT = "playbook", "2017-01-01", "mrr_playbook"
CREATED = int(datetime(2017, 1, 1, tzinfo=UTC).timestamp())
Objects = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Period:
    """A subscription of a customer, from its first day to the one after its last, in dollars by the month."""

    key: str
    customer: str
    start: date
    end: date
    amount: int


def periods() -> list[Period]:
    with FILE.open() as lines:
        return [
            Period(
                row["subscription_id"],
                row["customer_id"],
                date.fromisoformat(row["start_date"]),
                date.fromisoformat(row["end_date"]),
                int(row["monthly_amount"]),
            )
            for row in csv.DictReader(lines)
        ]


def mrr_by_month(known: list[Period]) -> dict[date, Decimal]:
    """What its models give: in each month the amounts of the periods that hold on its first day. Its spine of months
    begins in 2018 and hides the four before; they are here by the same rule."""
    first, last = min(one.start for one in known), max(one.end for one in known)
    months = [month for month in _months(first, last) if month < last]
    return {month: Decimal(sum(one.amount for one in known if one.start <= month < one.end)) for month in months}


def departures(known: list[Period]) -> list[str]:
    """Where its rules would be wrong, were there any such periods: a row for each of two that overlap, nothing in the
    month of a start after the first, and a customer whose open period ends with the closed one beside it."""
    found = [f"{one.key}: begins within a month" for one in known if one.start.day != 1 or one.end.day != 1]
    by_customer = sorted(known, key=lambda one: (one.customer, one.start))
    return found + [
        f"{later.key}: overlaps {earlier.key}"
        for earlier, later in pairwise(by_customer)
        if earlier.customer == later.customer and later.start < earlier.end
    ]


def objects(known: list[Period]) -> Objects:
    """One subscription a period, paid each month in advance and canceled for its end."""
    made: Objects = {
        "products": [{"id": f"prod_{PRODUCT}", "object": "product", "active": True, "name": PRODUCT}],
        "customers": [
            {"id": f"cus_{key}", "object": "customer", "name": key, "currency": "usd", "balance": 0}
            for key in sorted({one.customer for one in known})
        ],
        "prices": [_price(amount) for amount in sorted({one.amount for one in known})],
        "subscriptions": [_subscription(one) for one in known],
        "invoices": [invoice for one in known for invoice in _invoices(one)],
    }
    return {stream: [{"created": CREATED, "metadata": {}} | one for one in records] for stream, records in made.items()}


def _price(amount: int) -> dict[str, Any]:
    return {
        "id": f"price_{amount}",
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": CREATED,
        "currency": "usd",
        "product": f"prod_{PRODUCT}",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "tax_behavior": "unspecified",
        "type": "recurring",
        "unit_amount": amount * 100,
        "unit_amount_decimal": str(amount * 100),
    }


def _subscription(one: Period) -> dict[str, Any]:
    *_, (last, end) = pairwise(_months(one.start, one.end))
    item = {
        "id": f"si_{one.key}",
        "object": "subscription_item",
        "created": _unix(one.start),
        "current_period_start": _unix(last),
        "current_period_end": _unix(end),
        "discounts": [],
        "price": _price(one.amount),
        "quantity": 1,
        "subscription": f"sub_{one.key}",
    }
    return {
        "id": f"sub_{one.key}",
        "object": "subscription",
        "billing_cycle_anchor": _unix(one.start),
        "cancel_at_period_end": True,
        "canceled_at": _unix(last),
        "cancellation_details": {"reason": "cancellation_requested"},
        "collection_method": "charge_automatically",
        "created": _unix(one.start),
        "currency": "usd",
        "customer": f"cus_{one.customer}",
        "discounts": [],
        "ended_at": _unix(one.end),
        "items": [item],
        "start_date": _unix(one.start),
        "status": "canceled",
    }


def _invoices(one: Period) -> Iterator[dict[str, Any]]:
    cents = one.amount * 100
    for number, (begin, end) in enumerate(pairwise(_months(one.start, one.end))):
        key, paid_at = f"in_{one.key}_{number}", _unix(begin)
        item = {"subscription": f"sub_{one.key}", "subscription_item": f"si_{one.key}", "proration": False}
        line = {
            "id": f"il_{one.key}_{number}",
            "object": "line_item",
            "amount": cents,
            "currency": "usd",
            "discount_amounts": [],
            "parent": {"type": "subscription_item_details", "subscription_item_details": item},
            "period": {"start": _unix(begin), "end": _unix(end)},
            "pricing": {
                "price_details": {"price": f"price_{one.amount}", "product": f"prod_{PRODUCT}"},
                "unit_amount_decimal": str(cents),
            },
            "quantity": 1,
            "subtotal": cents,
            "taxes": [],
        }
        yield {
            "id": key,
            "object": "invoice",
            "amount_due": cents,
            "amount_paid": cents,
            "amount_remaining": 0,
            "billing_reason": "subscription_cycle" if number else "subscription_create",
            "collection_method": "charge_automatically",
            "created": paid_at,
            "currency": "usd",
            "customer": f"cus_{one.customer}",
            "discounts": [],
            "lines": [line],
            "number": key.upper(),
            "parent": {
                "type": "subscription_details",
                "subscription_details": {"subscription": f"sub_{one.key}"},
            },
            "payments": [],
            "status": "paid",
            "status_transitions": {"finalized_at": paid_at, "paid_at": paid_at},
            "subtotal": cents,
            "total": cents,
            "total_discount_amounts": [],
            "total_excluding_tax": cents,
            "total_taxes": [],
        }


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count + 1)]


def _unix(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
