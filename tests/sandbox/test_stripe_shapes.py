"""Stripe's objects against the ones that Stripe itself publishes for the pinned version (fixtures3.json).

A published object has every member that there is, filled at random; so its members are compared and not its values.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Client
from tests.sandbox.test_stripe import FURTHER, LISTS, get, rows

FILE = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "stripe" / "fixtures3.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="Stripe's published objects are not here (PRODOPS_SHARED)")

# Published, and not served: what only comes when it is expanded, and what is not yet for everybody.
NOT_SERVED = {
    "subscription": {"billing_schedules"},
    "charge": {"refunds"},
    "subscription_item": {"quantity"},
    "payment_method": {"customer_account"},
}
# Served when asked for, and not in a published object, which was asked for nothing.
EXPANDED = {
    "price": {"tiers", "currency_options"},
    "plan": {"tiers"},
    "coupon": {"applies_to"},
    "customer": {"sources", "subscriptions", "tax_ids"},
    "invoice": {"payments"},
}
# Objects of any members: what they hold is not the vendor's.
OPEN = (
    "metadata",
    "payment_method_details",
    "destination_details",
    "issuer",
    "source",
    "data",
    "pricing",
    "payment",
    "taxes",
    "last_payment_error",
)


@cache
def published() -> Any:
    return json.loads(FILE.read_text("utf-8"))["resources"]


def problems(found: Any, path: str = "") -> list[str]:
    """Where an object, or an object in it, has members that the published one of its kind has not, or lacks some."""
    if isinstance(found, list):
        return [problem for one in found for problem in problems(one, f"{path}[]")]
    if not isinstance(found, dict):
        return []
    kind, reported = str(found.get("object")), []
    if kind in published():
        promised = set(published()[kind])
        extra = found.keys() - promised - EXPANDED.get(kind, set())
        missing = promised - found.keys() - NOT_SERVED.get(kind, set())
        reported = [f"{path}.{name}: not published" for name in extra] + [f"{path}.{name}: missing" for name in missing]
        for name, value in found.items():
            inner = published()[kind].get(name)
            if isinstance(value, dict) and isinstance(inner, dict) and "object" not in value and name not in OPEN:
                reported += [f"{path}.{name}.{key}: not published" for key in value.keys() - inner.keys() if inner]
    return reported + [problem for name, value in found.items() for problem in problems(value, f"{path}.{name}")]


EXPANSIONS = {
    "prices": ["data.tiers", "data.product"],
    "plans": ["data.tiers"],
    "coupons": ["data.applies_to"],
    "customers": ["data.subscriptions", "data.sources", "data.tax_ids"],
    "subscriptions": ["data.discounts", "data.latest_invoice"],
    "invoices": ["data.payments", "data.payments.data.payment"],
    "charges": ["data.refunds", "data.payment_intent.payment_method", "data.balance_transaction"],
    "disputes": ["data.charge", "data.payment_intent"],
}


@pytest.mark.parametrize("path", [path for path in (*LISTS, *FURTHER) if path != "events"])
def test_objects_have_the_members_of_the_published_ones(client: Client, path: str) -> None:
    query: dict[str, Any] = {"status": "all"} if path == "subscriptions" else {}
    found = rows(client, path, **query | {"expand[]": EXPANSIONS.get(path, [])})
    assert found
    assert sorted({problem for row in found for problem in problems(row, path)}) == []


def test_the_account_has_the_members_of_the_published_one(client: Client) -> None:
    assert problems(get(client, "account"), "account") == []


def test_events_have_the_members_of_the_published_one(client: Client) -> None:
    for event in rows(client, "events"):
        assert event.keys() == published()["event"].keys()


def test_the_check_sees_an_older_shape(client: Client) -> None:
    event = next(event for event in rows(client, "events", type="customer.subscription.updated"))
    found = problems(event["data"]["object"])
    assert {".current_period_end: not published", ".items.data[].current_period_end: missing"} <= set(found)
