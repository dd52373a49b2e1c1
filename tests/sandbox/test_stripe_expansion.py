"""What Stripe's `expand` brings, on lists and on one object, and what it refuses in which words."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.company.billing.price_list import COUPONS
from tests.sandbox.conftest import Client
from tests.sandbox.test_stripe import KEY, ask, contracts, error, get, rows

OLDER = KEY | {"Stripe-Version": "2022-11-15"}


def old(client: Client, path: str, **query: Any) -> Any:
    answer = ask(client, path, OLDER, **query)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()


def at(document: Any, path: str) -> list[Any]:
    """Everything that stands at a path, of arrays each."""
    found = [document]
    for name in path.split("."):
        inner = [one[name] for one in found if isinstance(one, dict) and one.get(name) is not None]
        found = [part for one in inner for part in (one if isinstance(one, list) else [one])]
    return found


IN_LISTS = [
    ("balance_transactions", "data.source", {"charge", "refund"}),
    ("balance_transactions", "data.source.payment_intent.customer", {"customer"}),
    ("charges", "data.balance_transaction", {"balance_transaction"}),
    ("charges", "data.customer", {"customer"}),
    ("charges", "data.payment_intent.latest_charge.customer", {"customer"}),
    ("charges", "data.refunds.data", {"refund"}),
    ("credit_notes", "data.invoice.customer", {"customer"}),
    ("credit_notes", "data.refunds.refund", {"refund"}),
    ("customers", "data.subscriptions.data", {"subscription"}),
    ("customers", "data.subscriptions.data.latest_invoice", {"invoice"}),
    ("disputes", "data.charge.balance_transaction", {"balance_transaction"}),
    ("invoiceitems", "data.pricing.price_details.product", {"product"}),
    ("invoices", "data.discounts.source.coupon", {"coupon"}),
    ("invoices", "data.lines.data.discounts", {"discount"}),
    ("invoices", "data.parent.subscription_details.subscription", {"subscription"}),
    ("invoices", "data.payments.data", {"invoice_payment"}),
    ("invoices", "data.total_discount_amounts.discount.customer", {"customer"}),
    ("payment_intents", "data.payment_method.customer", {"customer"}),
    ("plans", "data.product", {"product"}),
    ("prices", "data.product", {"product"}),
    ("refunds", "data.charge.payment_intent.customer", {"customer"}),
    ("subscriptions", "data.items.data.price", {"price"}),
    ("subscriptions", "data.latest_invoice.customer", {"customer"}),
]


@pytest.mark.parametrize(("path", "name", "kinds"), IN_LISTS, ids=[f"{p} {n}" for p, n, _ in IN_LISTS])
def test_a_list_brings_whole_objects_as_they_are_by_themselves(
    client: Client, path: str, name: str, kinds: set[str]
) -> None:
    """The same objects as when each is retrieved, and of everything else the same ids."""
    query = {"status": "all"} if path == "subscriptions" else {}
    found = [one for row in rows(client, path, **query, **{"expand[]": name}) for one in at({"data": row}, name)]
    assert {one["object"] for one in found} == kinds
    alive = [one for one in found if not one.get("deleted")][:20]
    lists = {"charge", "refund", "customer", "invoice", "subscription", "product", "coupon", "balance_transaction"}
    for one in alive:
        if one["object"] in lists and not name.startswith("data.subscriptions") and "coupon" not in name:
            plain = get(client, f"{one['object']}s/{one['id']}")
            assert one == plain


def test_one_object_brings_what_its_list_brings_under_data(client: Client) -> None:
    (row,) = get(client, "charges", limit=1, **{"expand[]": ["data.customer", "data.refunds"]})["data"]
    assert get(client, f"charges/{row['id']}", **{"expand[]": ["refunds", "customer"]}) == row
    assert get(client, f"charges/{row['id']}", **{"expand[0]": "customer", "expand[1]": "refunds"}) == row
    plain = get(client, f"charges/{row['id']}")
    assert "refunds" not in plain
    assert plain | {"customer": row["customer"], "refunds": row["refunds"]} == row
    assert plain["customer"] == row["customer"]["id"]


def test_four_levels_are_the_most(client: Client) -> None:
    """`data` is one of them: the product of a subscription's item is one level too deep in a list."""
    (contract,) = contracts("monthly")
    refused = error(client, "subscriptions", **{"expand[]": "data.items.data.price.product"})
    assert refused["code"] == "property_expansion_max_depth"
    assert refused["message"] == (
        "You cannot expand more than 4 levels of a property. Property: data.items.data.price.product"
    )
    item = get(client, f"subscriptions/{contract}", **{"expand[]": "items.data.price.product"})["items"]["data"][0]
    assert item["price"]["product"]["object"] == "product"
    assert error(client, "charges/ch_none", **{"expand[]": "a.b.c.d.e"})["code"] == "property_expansion_max_depth"


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("charges", "data.everything", "This property cannot be expanded (everything)."),
        ("charges", "data.amount", "This property cannot be expanded (amount)."),
        ("charges", "data.customer.email", "This property cannot be expanded (email)."),
        ("charges", "data", "This property cannot be expanded (data)."),
        ("charges", "everything", "This property cannot be expanded (everything)."),
        (
            *("charges", "customer"),
            "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead.",
        ),
        ("invoices", "data.charge", "This property cannot be expanded (charge)."),
        ("invoices/in_none", "data.customer", "This property cannot be expanded (data)."),
        ("account", "settings", "This property cannot be expanded (settings)."),
        ("subscription_items?subscription=SUB", "data.customer", "This property cannot be expanded (customer)."),
    ],
)
def test_what_cannot_be_expanded_is_refused_by_its_name(client: Client, path: str, name: str, message: str) -> None:
    (contract,) = contracts("monthly")
    path = path.replace("SUB", contract)
    mark = "&" if "?" in path else "?"
    assert error(client, f"{path}{mark}expand[]={name}")["message"] == message


def test_an_older_version_expands_what_stood_in_its_place(client: Client) -> None:
    bill = next(row for row in old(client, "invoices", limit=100, **{"expand[]": "data.charge"})["data"] if row["paid"])
    assert bill["charge"]["invoice"] == bill["id"]
    names = ["charge.balance_transaction", "payment_intent.latest_charge", "subscription.plan.product"]
    one = old(client, f"invoices/{bill['id']}", **{"expand[]": names})
    assert one["charge"]["balance_transaction"]["source"] == one["charge"]["id"]
    assert one["payment_intent"]["latest_charge"]["id"] == one["charge"]["id"]
    assert one["subscription"]["id"] == bill["subscription"]
    newer = "parent.subscription_details.subscription"
    assert ask(client, f"invoices/{bill['id']}", OLDER, **{"expand[]": newer}).status_code == 400


def test_tiers_come_with_plans_and_prices_wherever_they_stand(client: Client) -> None:
    """A tap of the older version asks for them in items, contracts and plans."""
    tiers = {row["id"]: row["tiers"] for row in rows(client, "prices", **{"expand[]": "data.tiers"}) if "tiers" in row}
    assert tiers
    assert {
        row["id"]: row["tiers"] for row in rows(client, "plans", **{"expand[]": "data.tiers"}) if "tiers" in row
    } == tiers
    found = {}
    for row in old(client, "subscriptions", limit=100, status="all", **{"expand[]": "data.plan.tiers"})["data"]:
        if row["plan"] is not None and "tiers" in row["plan"]:
            found[row["plan"]["id"]] = row["plan"]["tiers"]
        assert (row["plan"] is None) == (len(row["items"]["data"]) > 1)
    assert found
    assert found.items() <= tiers.items()


def test_a_deleted_customer_is_brought_as_what_is_left_of_it(client: Client) -> None:
    (contract,) = contracts("customer_deleted_long_ago")
    found = get(client, f"subscriptions/{contract}", **{"expand[]": "customer"})["customer"]
    assert found == {"id": found["id"], "object": "customer", "deleted": True}


def test_a_discount_brings_its_coupon_though_that_was_deleted(client: Client) -> None:
    launch = COUPONS["launch"].id
    error(client, f"coupons/{launch}", 404)
    expand = {"expand[]": "data.discounts.source.coupon", "status": "all"}
    given = [one["source"]["coupon"] for row in rows(client, "subscriptions", **expand) for one in row["discounts"]]
    assert {one["object"] for one in given} == {"coupon"}
    assert launch in {one["id"] for one in given}


def test_refunds_of_a_charge_have_a_list_of_their_own(client: Client) -> None:
    by_charge: dict[str, list[Any]] = {}
    for row in rows(client, "refunds"):
        by_charge.setdefault(row["charge"], []).append(row)
    most = max(by_charge, key=lambda charge: len(by_charge[charge]))
    assert len(by_charge[most]) > 1
    assert rows(client, f"charges/{most}/refunds", limit=1) == by_charge[most]
    assert get(client, f"charges/{most}", **{"expand[]": "refunds"})["refunds"]["data"] == by_charge[most]
