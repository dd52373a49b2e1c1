"""Stripe's answers of an older version against the OpenAPI document that Stripe published for it.

The document is of 2020-08-27. What came later without breaking anything is in answers of that version too, so objects
take more members than it names; Stripe itself closes none of its own.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.sandbox.conftest import Client
from tests.sandbox.test_stripe import KEY, ask

FILE = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "contracts" / "stripe" / "spec3.2022-03-25.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="Stripe's OpenAPI document is not here (PRODOPS_SHARED)")
LISTS = (
    *("accounts", "balance_transactions", "charges", "checkout/sessions", "coupons", "credit_notes", "customers"),
    *("disputes", "invoiceitems", "invoices", "payment_intents", "payouts", "plans", "prices", "products", "refunds"),
    *("subscriptions", "transfers"),
)
FEW = 40  # of each list: jsonschema takes half a second for a hundred with objects in them
EXPANDED = {
    "balance_transactions": ("data.source",),
    "charges": ("data.balance_transaction", "data.customer", "data.invoice", "data.refunds", "data.payment_intent"),
    "coupons": ("data.applies_to",),
    "customers": ("data.subscriptions", "data.sources", "data.tax_ids"),
    "invoices": ("data.charge", "data.customer", "data.discounts", "data.subscription", "data.payment_intent.customer"),
    "invoiceitems": ("data.plan.tiers", "data.price.product", "data.invoice"),
    "payment_intents": ("data.charges.data.refunds", "data.customer", "data.invoice"),
    "plans": ("data.tiers", "data.product"),
    "prices": ("data.tiers", "data.product"),
    "refunds": ("data.charge", "data.balance_transaction"),
    "subscriptions": ("data.latest_invoice.charge", "data.plan.tiers", "data.items.data.price", "data.customer"),
}


# A value that came later, and that answers of all versions have.
LATER = {"subscription": {"status": "paused"}}


def translated(schema: Any) -> Any:
    """OpenAPI's word for null in JSON Schema's."""
    if isinstance(schema, list):
        return [translated(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        name: translated(part) for name, part in schema.items() if name not in ("nullable", "pattern", "maxLength")
    }
    return {"anyOf": [{"type": "null"}, found]} if schema.get("nullable") is True else found


@cache
def document() -> Any:
    raw = json.loads(FILE.read_text("utf-8"))
    for kind, values in LATER.items():
        for name, value in values.items():
            raw["components"]["schemas"][kind]["properties"][name]["enum"].append(value)
    return {"version": raw["info"]["version"], "paths": raw["paths"], "components": translated(raw["components"])}


def problems(path: str, answer: Any) -> set[str]:
    operation = document()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator = Draft4Validator(translated(operation) | {"components": document()["components"]})
    return {f"{'.'.join(str(p) for p in error.absolute_path if not isinstance(p, int))}: {error.message[:160]}"
            for error in validator.iter_errors(answer)}  # fmt: skip


def get(client: Client, path: str, **query: Any) -> Any:
    answer = ask(client, path, KEY | {"Stripe-Version": document()["version"]}, **query)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("is_expanded", [False, True], ids=["plain", "expanded"])
def test_answers_are_what_stripes_document_promises(client: Client, path: str, is_expanded: bool) -> None:
    query: dict[str, Any] = {"status": "all"} if path == "subscriptions" else {}
    if is_expanded:
        query["expand[]"] = EXPANDED.get(path, ())
    assert problems(f"/v1/{path}", get(client, path, limit=FEW, **query)) == set()


def test_the_account_is_what_stripes_document_promises(client: Client) -> None:
    assert problems("/v1/account", get(client, "account")) == set()


def test_the_check_sees_a_newer_shape(client: Client) -> None:
    newer = ask(client, "invoices").json()
    assert any("'paid' is a required property" in one for one in problems("/v1/invoices", newer))
