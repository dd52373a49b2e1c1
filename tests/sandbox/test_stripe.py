"""Stripe's behaviour, endpoint by endpoint: what a loader would get wrong if it believed what it first sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.billing.facts import Billed
from sandbox.company.billing.price_list import COUPONS
from sandbox.timestamps import ms
from sandbox.truth import landed_from
from sandbox.vendors.stripe.api import ACCOUNT_VERSION, VERSION
from sandbox.vendors.stripe.old import VERSIONS
from tests.sandbox.conftest import Client, Serve, made

LISTS = (
    *("customers", "products", "prices", "coupons", "subscriptions", "invoiceitems", "invoices", "credit_notes"),
    *("charges", "refunds", "balance_transactions", "events"),
)
FURTHER = ("plans", "payment_intents", "disputes")  # what Stripe makes of others, and what no loader of ours lands
UNUSED = ("accounts", "payouts", "transfers", "checkout/sessions")
KEY = {"Authorization": "Bearer sk_sandbox", "Stripe-Version": VERSION}
Query = dict[str, Any]


def ask(client: Client, path: str, headers: dict[str, str] | None = None, **query: Any) -> requests.Response:
    headers = KEY if headers is None else headers
    return requests.get(f"{client.url}/stripe/v1/{path}", params=query, headers=headers, timeout=10)


def get(client: Client, path: str, **query: Any) -> Any:
    answer = ask(client, path, **query)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()


def error(client: Client, path: str, expected: int = 400, **query: Any) -> Any:
    answer = ask(client, path, **query)
    assert answer.status_code == expected, answer.text[:300]
    reported = answer.json()["error"]
    assert reported["type"] == "invalid_request_error"
    return reported


def pages(client: Client, path: str, **query: Any) -> Iterator[list[Any]]:
    query.setdefault("limit", 100)
    while True:
        page = get(client, path, **query)
        yield page["data"]
        if not page["has_more"]:
            return
        query["starting_after"] = page["data"][-1]["id"]


def rows(client: Client, path: str, **query: Any) -> list[Any]:
    return [row for page in pages(client, path, **query) for row in page]


def contracts(case: str) -> tuple[str, ...]:
    return next(known.keys for known in made(1).cases if known.name == case)


# -- who may, and in which version


@pytest.mark.parametrize("key", ["sk_other", "sk_sandbox2", ""])
def test_a_wrong_key_is_refused_and_not_repeated(client: Client, key: str) -> None:
    answer = ask(client, "customers", {"Authorization": f"Bearer {key}", "Stripe-Version": VERSION})
    assert answer.status_code == 401
    assert "Invalid API Key" in answer.json()["error"]["message"]
    assert "sandbox" not in answer.text
    assert ask(client, "customers", {}).status_code == 401


def test_a_key_is_also_the_user_of_basic_authentication_without_a_password(client: Client) -> None:
    def status(*auth: str) -> int:
        return requests.get(f"{client.url}/stripe/v1/customers", auth=auth, timeout=10).status_code

    assert [status("sk_sandbox", ""), status("sk_other", ""), status("", "sk_sandbox"), status("sk_sandbox", "x")] == [
        *(200, 401, 401, 401),
    ]
    assert ask(client, "customers", {"Authorization": "Basic sk_sandbox:"}).status_code == 401


def test_the_account_is_known_by_its_id_and_no_other_one_is(client: Client) -> None:
    own = get(client, "account")
    assert (own["object"], own["country"], own["settings"]["dashboard"]["display_name"]) == ("account", "DE", "Sandbox")
    assert get(client, f"accounts/{own['id']}") == own
    assert error(client, "accounts/acct_other", 404)["code"] == "resource_missing"
    assert ask(client, "customers", KEY | {"Stripe-Account": own["id"]}).status_code == 200
    refused = ask(client, "customers", KEY | {"Stripe-Account": "acct_other"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "account_invalid")


@pytest.mark.parametrize("path", UNUSED)
def test_what_the_account_does_not_use_is_an_empty_list(client: Client, path: str) -> None:
    assert get(client, path) == {"object": "list", "data": [], "has_more": False, "url": f"/v1/{path}"}


def test_an_unknown_version_is_refused(client: Client) -> None:
    answer = ask(client, "customers", KEY | {"Stripe-Version": "2099-01-01.rose"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Invalid Stripe API version: 2099-01-01.rose",
    )


SHAPES = {  # of each version: a member of an object that it has, and one that it does not have
    "2020-08-27": (("charges", "refunds", ""), ("payment_intents", "charges", "latest_charge")),
    "2022-11-15": (("charges", "invoice", "refunds"), ("payment_intents", "latest_charge", "charges")),
    "2023-10-16": (("products", "features", "marketing_features"), ("invoices", "paid", "parent")),
    "2024-06-20": (("products", "marketing_features", "features"), ("invoices", "charge", "parent")),
    "2025-02-24.acacia": (("subscriptions", "current_period_end", ""), ("credit_notes", "refund", "total_taxes")),
    "2025-03-31.basil": (("subscriptions", "items", "current_period_end"), ("invoices", "parent", "charge")),
    "2026-10-28.endive": (("invoices", "parent", "paid"), ("charges", "payment_intent", "invoice")),
}


@pytest.mark.parametrize("version", SHAPES)
def test_each_version_has_its_own_shapes(client: Client, version: str) -> None:
    for path, there, not_there in SHAPES[version]:
        answer = ask(client, path, KEY | {"Stripe-Version": version})
        assert answer.headers["stripe-version"] == version
        for row in answer.json()["data"]:
            assert (there in row, not_there in row) == (True, False), (path, there, not_there)


def test_every_version_shows_the_same_objects(client: Client) -> None:
    """Only shapes differ; and a discount holds its coupon before 2025-09-30."""
    query = {"limit": 100, "expand[]": "data.discounts"}
    found = {}
    for version in VERSIONS:
        answer = ask(client, "subscriptions", KEY | {"Stripe-Version": version}, **query).json()["data"]
        found[version] = [row["id"] for row in answer]
        for discount in (one for row in answer for one in row["discounts"]):
            is_older = version < "2025-09-30"
            assert ("coupon" in discount, "source" in discount) == (is_older, not is_older), version
            assert not is_older or discount["coupon"]["object"] == "coupon"
    assert len({tuple(ids) for ids in found.values()}) == 1


def test_who_pins_no_version_gets_the_accounts_own_shapes(client: Client) -> None:
    answer = ask(client, "subscriptions", {"Authorization": KEY["Authorization"]}, limit=1)
    (old,) = answer.json()["data"]
    (new,) = get(client, "subscriptions", limit=1)["data"]
    assert answer.headers["stripe-version"] == ACCOUNT_VERSION
    assert old["id"] == new["id"]
    assert old["current_period_end"] == new["items"]["data"][0]["current_period_end"]
    assert "current_period_end" not in new
    assert "current_period_end" not in old["items"]["data"][0]


# -- lists


@pytest.mark.parametrize("path", [*LISTS, *FURTHER])
def test_lists_are_newest_first_and_whole_in_pages_of_any_size(client: Client, path: str) -> None:
    query = {"status": "all"} if path == "subscriptions" else {}
    whole = rows(client, path, **query)
    created = [row["date" if path == "invoiceitems" else "created"] for row in whole]
    assert created == sorted(created, reverse=True)
    assert len({row["id"] for row in whole}) == len(whole) > (0 if path == "disputes" else 2)
    newest = get(client, path, **query)
    assert len(newest["data"]) == min(10, len(whole))
    assert newest["object"] == "list"
    assert newest["url"] == f"/v1/{path}"
    assert newest["has_more"] == (len(whole) > 10)
    assert newest["data"] == whole[:10]
    if len(whole) < 200:
        assert rows(client, path, limit=7, **query) == whole


def test_a_page_before_an_object_is_in_the_same_order(client: Client) -> None:
    whole = [row["id"] for row in rows(client, "prices")]
    page = get(client, "prices", ending_before=whole[30], limit=5)
    assert [row["id"] for row in page["data"]] == whole[25:30]
    assert page["has_more"]
    assert not get(client, "prices", ending_before=whole[3], limit=5)["has_more"]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ({"limit": 101}, "parameter_invalid_integer", "limit"),
        ({"limit": 0}, "parameter_invalid_integer", "limit"),
        ({"limit": "many"}, "parameter_invalid_integer", "limit"),
        ({"starting_after": "cus_none"}, "resource_missing", "starting_after"),
        ({"ending_before": "cus_none"}, "resource_missing", "ending_before"),
        ({"updated[gte]": 5}, "parameter_unknown", "updated[gte]"),
        ({"created[gte]": "yesterday"}, "parameter_invalid_integer", "created[gte]"),
    ],
)
def test_what_a_list_does_not_take_is_refused(client: Client, query: Query, code: str, param: str) -> None:
    reported = error(client, "customers", **query)
    assert (reported["code"], reported["param"]) == (code, param)


def test_lists_are_filtered_by_when_their_objects_came_and_by_nothing_newer(client: Client) -> None:
    whole = rows(client, "charges")
    at = whole[40]["created"]
    for word, kept in (
        ("[gte]", lambda created: created >= at),
        ("[gt]", lambda created: created > at),
        ("[lte]", lambda created: created <= at),
        ("[lt]", lambda created: created < at),
        ("", lambda created: created == at),
    ):
        found = rows(client, "charges", **{f"created{word}": at})
        assert found == [row for row in whole if kept(row["created"])]


def test_canceled_contracts_are_hidden_unless_asked_for(client: Client) -> None:
    shown = {row["id"]: row["status"] for row in rows(client, "subscriptions")}
    whole = {row["id"]: row["status"] for row in rows(client, "subscriptions", status="all")}
    canceled = {row["id"] for row in rows(client, "subscriptions", status="canceled")}
    assert set(whole.values()) == {"active", "canceled", "past_due", "paused", "trialing", "unpaid"}
    assert canceled == {key for key, status in whole.items() if status == "canceled"} == whole.keys() - shown.keys()
    assert error(client, "subscriptions", status="gone")["param"] == "status"
    assert get(client, f"subscriptions/{min(canceled)}")["status"] == "canceled"


def test_products_and_prices_are_active_or_not(client: Client) -> None:
    for path in ("products", "prices"):
        whole = rows(client, path)
        for active in (True, False):
            found = rows(client, path, active=str(active).lower())
            assert found == [row for row in whole if row["active"] == active] != []


def test_a_deleted_customer_is_in_no_list_and_says_so_by_itself(client: Client) -> None:
    (contract,) = contracts("customer_deleted_long_ago")
    owner = get(client, f"subscriptions/{contract}")["customer"]
    assert owner not in {row["id"] for row in rows(client, "customers")}
    assert get(client, f"customers/{owner}") == {"id": owner, "object": "customer", "deleted": True}
    assert len(rows(client, "invoices", customer=owner)) > 5
    assert error(client, "customers", starting_after=owner)["code"] == "resource_missing"


def test_what_is_deleted_otherwise_is_not_found(client: Client) -> None:
    reported = error(client, f"coupons/{COUPONS['launch'].id}", 404)
    assert (reported["code"], reported["param"]) == ("resource_missing", "id")
    assert error(client, "customers/cus_none", 404)["message"] == "No such customer: 'cus_none'"
    assert "Unrecognized request URL" in error(client, "orders", 404)["message"]


# -- objects in objects


def test_ten_children_come_with_their_parent_and_all_from_their_own_list(client: Client) -> None:
    (contract,) = contracts("thirteen_items")
    items = get(client, f"subscriptions/{contract}")["items"]
    assert (len(items["data"]), items["has_more"]) == (10, True)
    assert len(rows(client, "subscription_items", subscription=contract, limit=4)) == 13
    assert error(client, "subscription_items")["code"] == "parameter_missing"
    (note,) = [note for note in rows(client, "credit_notes") if note["lines"]["has_more"]]
    lines = rows(client, f"credit_notes/{note['id']}/lines")
    assert sum(line["amount"] for line in lines) == note["amount"]
    assert len(lines) == 13
    many = [row for row in rows(client, "invoices", subscription=contract) if row["lines"]["has_more"]]
    for invoice in many:
        lines = rows(client, f"invoices/{invoice['id']}/lines", limit=10)
        assert lines[:10] == invoice["lines"]["data"]
        assert sum(line["amount"] for line in lines) == invoice["subtotal"]
    assert len(many) >= 5


def test_discounts_and_tiers_come_by_id_or_not_at_all_unless_expanded(client: Client) -> None:
    (contract,) = contracts("discount_forever")
    plain, whole = (get(client, f"subscriptions/{contract}", **query) for query in ({}, {"expand[]": ["discounts"]}))
    (discount,) = whole["discounts"]
    assert plain["discounts"] == [discount["id"]]
    assert discount["source"] == {"coupon": "PARTNER15", "type": "coupon"}
    assert not any("tiers" in price for price in rows(client, "prices"))
    tiered = [price for price in rows(client, "prices", **{"expand[]": "data.tiers"}) if "tiers" in price]
    assert [[tier["up_to"] for tier in price["tiers"]] for price in tiered] == [[1_000, None], [10, 50, None]]
    assert [tier["flat_amount"] for tier in tiered[0]["tiers"]] == [1_900, None]
    assert "cannot be expanded" in error(client, "prices", **{"expand[]": "data.everything"})["message"]


def test_money_is_in_whole_minor_units_and_time_in_whole_seconds(client: Client) -> None:
    prices = {price["id"]: price for price in rows(client, "prices")}
    tiered, metered = (
        next(price for price in prices.values() if found(price))
        for found in (
            lambda price: price["billing_scheme"] == "tiered",
            lambda price: (price["recurring"] or {}).get("usage_type") == "metered" and price["unit_amount_decimal"],
        )
    )
    assert (tiered["unit_amount"], tiered["unit_amount_decimal"]) == (None, None)
    assert (metered["unit_amount"], metered["unit_amount_decimal"]) == (None, "0.35")
    (yen,), (dinar,) = contracts("yen"), contracts("dinar")
    invoice = rows(client, "invoices", subscription=yen)[-1]
    assert (invoice["currency"], invoice["total"]) == ("jpy", 16 * 4_000)
    assert rows(client, "invoices", subscription=dinar)[0]["total"] == 6 * 161_700
    assert all(isinstance(row["created"], int) for row in prices.values())
    (contract,) = contracts("metered")
    assert ["quantity" in item for item in get(client, f"subscriptions/{contract}")["items"]["data"]] == [True, False]


def test_all_that_is_served_is_what_must_be_landed(client: Client) -> None:
    facts = landed_from("stripe", made(1), DEFAULT_NOW)
    for path in LISTS[:-1]:
        query = {"status": "all"} if path == "subscriptions" else {}
        stream = {"invoiceitems": "invoice_items"}.get(path, path)
        assert {row["id"] for row in rows(client, path, **query)} == facts[stream].keys(), path
    for invoice in rows(client, "invoices"):
        known = facts["invoices"][invoice["id"]]
        assert (invoice["status"], invoice["amount_paid"]) == (known["status"], known["paid"])
    assert {row["id"] for row in rows(client, "invoice_payments")} == facts["invoice_payments"].keys()


# -- what is billed and paid


def test_a_line_waits_for_its_invoice_and_no_event_reports_when_it_comes(serve: Serve) -> None:
    """Seats of 21 June, billed on 10 July."""
    client = serve(company=made(1), now="2025-06-22T00:00:00Z")
    (contract,) = contracts("seats_change")
    known = [row for row in rows(client, "invoiceitems", pending="true") if row["parent"]]
    waiting = [row for row in known if row["parent"]["subscription_details"]["subscription"] == contract]
    assert [(row["invoice"], row["proration"], row["quantity"]) for row in waiting] == [
        (None, True, 9),
        (None, True, 5),
    ]
    assert {row["date"] for row in waiting} == {ms("2025-06-21T10:00:00Z") // 1000}
    client.advance(seconds=20 * 86_400)
    (invoice,) = {get(client, f"invoiceitems/{row['id']}")["invoice"] for row in waiting}
    lines = get(client, f"invoices/{invoice}")["lines"]["data"]
    made_by = {line["parent"]["subscription_item_details"]["invoice_item"] for line in lines}
    assert made_by == {row["id"] for row in waiting} | {None}
    assert {row["id"] for row in rows(client, "invoiceitems", invoice=invoice)} == {row["id"] for row in waiting}
    reported = [event for event in rows(client, "events") if event["data"]["object"].get("id") in made_by - {None}]
    assert {event["type"] for event in reported} == {"invoiceitem.created"}


def test_all_tries_of_an_invoice_are_of_its_one_payment(client: Client) -> None:
    (contract,) = contracts("past_due_then_paid")
    many = rows(client, "invoices", subscription=contract, **{"expand[]": "data.payments"})
    tries = {row["id"]: rows(client, "charges", payment_intent=row["payments"]["data"][0]["payment"]["payment_intent"])
             for row in many}  # fmt: skip
    assert {tuple(sorted(one["status"] for one in found)) for found in tries.values()} == {
        ("succeeded",),
        ("failed",) * 4 + ("succeeded",),
    }
    assert sum(map(len, tries.values())) == len({one["id"] for found in tries.values() for one in found})
    assert {row["payments"]["data"][0]["status"] for row in many} == {"paid"}
    assert rows(client, "invoice_payments", invoice=many[0]["id"]) == many[0]["payments"]["data"]
    assert "payments" not in get(client, f"invoices/{many[0]['id']}")
    (free,) = contracts("wholly_discounted")
    nothing = rows(client, "invoices", subscription=free, **{"expand[]": "data.payments"})
    assert {len(row["payments"]["data"]) for row in nothing} == {0}


def test_plans_are_the_prices_that_recur(client: Client) -> None:
    prices = {row["id"]: row for row in rows(client, "prices")}
    plans = {row["id"]: row for row in rows(client, "plans")}
    assert plans.keys() == {key for key, price in prices.items() if price["recurring"]} < prices.keys()
    for key, plan in plans.items():
        price = prices[key]
        assert (plan["amount"], plan["currency"], plan["product"], plan["interval"]) == (
            *(price["unit_amount"], price["currency"], price["product"], price["recurring"]["interval"]),
        )
    assert get(client, f"plans/{min(plans)}") == plans[min(plans)]
    (one_time, *_) = prices.keys() - plans.keys()
    assert error(client, f"plans/{one_time}", 404)["message"] == f"No such plan: '{one_time}'"


def test_a_payment_intent_is_what_was_asked_and_received_for_one_invoice(client: Client) -> None:
    intents = {row["id"]: row for row in rows(client, "payment_intents")}
    bills = [row for row in rows(client, "invoices", **{"expand[]": "data.payments"}) if row["payments"]["data"]]
    named = {row["payments"]["data"][0]["payment"]["payment_intent"]: row for row in bills}
    assert intents.keys() == named.keys()
    charges: dict[str, list[Any]] = {}
    for charge in reversed(rows(client, "charges")):
        charges.setdefault(charge["payment_intent"], []).append(charge)
    assert charges.keys() <= intents.keys()
    for key, intent in intents.items():
        bill, tries = named[key], charges.get(key, [])
        received = sum(one["amount"] for one in tries if one["status"] == "succeeded")
        assert (intent["customer"], intent["currency"]) == (bill["customer"], bill["currency"])
        assert intent["amount_received"] == received == bill["amount_paid"]
        assert intent["latest_charge"] == (tries[-1]["id"] if tries else None)
        assert (intent["status"] == "succeeded") == (received > 0) == (intent["amount"] == received)
        assert (intent["status"] == "canceled") == (bill["status"] == "void")
    assert {intent["status"] for intent in intents.values()} == {"succeeded", "requires_payment_method", "canceled"}
    (customer, *_) = {intent["customer"] for intent in intents.values()}
    of_customer = [key for key, intent in intents.items() if intent["customer"] == customer]
    assert [row["id"] for row in rows(client, "payment_intents", customer=customer)] == of_customer


def test_an_inquiry_is_a_dispute_that_moves_no_money(client: Client) -> None:
    (asked,) = rows(client, "disputes")
    charge = get(client, f"charges/{asked['charge']}")
    assert (asked["status"], asked["balance_transactions"], asked["is_charge_refundable"]) == (
        "warning_closed",
        [],
        True,
    )
    assert (asked["amount"], asked["currency"], asked["payment_intent"]) == (
        *(charge["amount"], charge["currency"], charge["payment_intent"]),
    )
    assert [row["id"] for row in rows(client, "charges") if row["disputed"]] == [charge["id"]]
    assert charge["refunded"]
    assert get(client, f"disputes/{asked['id']}") == asked
    assert rows(client, "disputes", charge=charge["id"]) == [asked]
    reported = rows(client, "events", type="charge.dispute.*")
    assert [(event["type"], event["data"]["object"]["status"]) for event in reported] == [
        ("charge.dispute.closed", "warning_closed"),
        ("charge.dispute.created", "warning_needs_response"),
    ]


# -- events


def test_events_of_thirty_days_are_reported_in_the_accounts_own_version(client: Client) -> None:
    reported = rows(client, "events")
    now = ms(DEFAULT_NOW) // 1000
    assert now - 30 * 86_400 <= reported[-1]["created"] < now - 28 * 86_400
    assert {event["api_version"] for event in reported} == {ACCOUNT_VERSION}
    bills = (event["data"]["object"] for event in reported if event["type"] == "invoice.paid")
    paid = next(bill for bill in bills if bill["lines"]["data"][0]["price"])
    now_paid = get(client, f"invoices/{paid['id']}")
    assert now_paid["parent"]["subscription_details"]["subscription"] == paid["subscription"]
    assert paid["paid"] is True
    assert paid["charge"].startswith("ch_")
    assert {"parent", "total_taxes"}.isdisjoint(paid)
    assert {"price", "proration", "type"} <= paid["lines"]["data"][0].keys()
    assert now_paid["lines"]["data"][0]["pricing"]["price_details"]["price"] == paid["lines"]["data"][0]["price"]["id"]
    assert get(client, f"events/{reported[0]['id']}") == reported[0]


def test_events_report_of_changes_and_deletions_and_never_of_money_that_moves(client: Client) -> None:
    reported = rows(client, "events")
    kinds = {event["type"] for event in reported}
    assert {
        *("customer.deleted", "customer.updated", "customer.subscription.created", "customer.subscription.updated"),
        *("customer.subscription.deleted", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.deleted"),
        *("invoice.payment_failed", "invoice.marked_uncollectible", "credit_note.created", "charge.failed"),
        *("charge.succeeded", "charge.refunded", "refund.created", "product.updated", "product.deleted"),
        *("coupon.deleted", "payment_intent.succeeded", "invoiceitem.created", "invoiceitem.deleted"),
    } <= kinds
    assert not any(kind.startswith("balance") for kind in kinds)
    prefetch = rows(client, "events", type="invoice.upcoming")
    assert prefetch
    assert not any("id" in event["data"]["object"] for event in prefetch)
    some = rows(client, "events", **{"types[]": ["customer.deleted", "product.deleted"]})
    assert some == [event for event in reported if event["type"] in ("customer.deleted", "product.deleted")] != []
    of_contracts = rows(client, "events", type="customer.subscription.*")
    assert of_contracts == [event for event in reported if event["type"].startswith("customer.subscription.")] != []
    paid = rows(client, "events", type="payment_intent.*")
    assert {event["data"]["object"]["object"] for event in paid} == {"payment_intent"}
    assert {(event["type"], event["data"]["object"]["status"]) for event in paid} == {
        ("payment_intent.succeeded", "succeeded"),
        ("payment_intent.payment_failed", "requires_payment_method"),
    }
    charges = {row["id"]: row for row in rows(client, "charges")}
    for event in paid:
        newest = charges[event["data"]["object"]["latest_charge"]]
        assert (newest["created"], newest["payment_intent"]) == (event["created"], event["data"]["object"]["id"])
    (renamed,) = rows(client, "events", type="product.updated")
    assert renamed["data"]["previous_attributes"] == {"name": "Mobile App"}
    assert renamed["data"]["object"]["name"] == "Mobile"


def test_an_event_holds_what_was_then_and_the_object_what_is_now(client: Client) -> None:
    reported = rows(client, "events", type="invoice.created")
    assert {event["data"]["object"]["status"] for event in reported} == {"draft"}
    now = {row["id"]: row["status"] for row in rows(client, "invoices")}
    assert {now.get(event["data"]["object"]["id"]) for event in reported} == {"draft", "open", "paid", None}


def test_money_becomes_available_and_no_event_reports(serve: Serve) -> None:
    client = serve(company=Company(1, "tiny"))
    pending = [row for row in rows(client, "balance_transactions") if row["status"] == "pending"]
    assert pending
    client.advance(seconds=3 * 86_400)
    assert get(client, f"balance_transactions/{pending[0]['id']}")["status"] == "available"


# -- while somebody reads


def test_something_new_or_deleted_between_two_pages(serve: Serve) -> None:
    company = Company(1, "tiny")
    client = serve(company=company)
    whole = [row["id"] for row in rows(client, "customers")]
    at = ms(DEFAULT_NOW)
    values = {**company.billing.books(at).records["customer"][whole[0]], "name": "Somebody new"}
    company.billing.happen(Billed(at, "customer", "cus_new", "created", values | {"id": "cus_new", "created": at}))
    after = get(client, "customers", starting_after=whole[9])["data"]
    assert [row["id"] for row in after] == whole[10:20]
    company.billing.happen(Billed(at, "customer", whole[9], "deleted", None))
    assert error(client, "customers", starting_after=whole[9])["code"] == "resource_missing"
    assert [row["id"] for row in get(client, "customers")["data"]] == ["cus_new", *whole[:9]]


@pytest.mark.parametrize("what", ["insert", "edit", "delete"])
def test_a_fault_changes_billing_between_two_requests(serve: Serve, what: str) -> None:
    fault = {"fault": "mutate_billing", "path": "customers", "nth": 2, "what": what, "kind": "customer"}
    client = serve(company=Company(1, "tiny"), faults=[fault])
    before = rows(client, "customers")
    after = rows(client, "customers")
    assert len(after) - len(before) == {"insert": 1, "edit": 0, "delete": -1}[what]
    names = {"insert": "created", "edit": "updated", "delete": "deleted"}
    newest = get(client, "events", limit=1)["data"][0]
    assert newest["type"] == f"customer.{names[what]}"


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, ("rate_limit", "global-rate", None)),
        ({"reason": "endpoint-concurrency", "retry": True}, ("rate_limit", "endpoint-concurrency", "true")),
        ({"reason": "lock_timeout", "retry": False}, ("lock_timeout", None, "false")),
    ],
)
def test_limits_are_reported_without_saying_when_to_come_again(serve: Serve, options: Query, shown: Any) -> None:
    client = serve(faults=[{"fault": "stripe_limited", "source": "stripe", **options}])
    answer = ask(client, "customers")
    named = [answer.headers.get(name) for name in ("stripe-rate-limited-reason", "stripe-should-retry")]
    assert (answer.status_code, answer.json()["error"]["code"], *named) == (429, *shown)
    assert "retry-after" not in answer.headers
    assert ask(client, "customers").status_code == 200


def test_an_error_by_the_script_is_in_stripes_words(serve: Serve) -> None:
    client = serve(faults=[{"fault": "status", "source": "stripe", "status": 403}])
    assert error(client, "charges", 403)["message"] == "Answered with 403 by the fault script."


def test_faults_of_records_reach_stripes_rows(serve: Serve) -> None:
    script = [
        {"fault": "plant", "path": "charges", "field": "amount", "raw": "2^63"},
        {"fault": "empty_list", "path": "refunds"},
    ]
    client = serve(faults=script)
    assert get(client, "charges", limit=1)["data"][0]["amount"] == 2**63
    assert get(client, "refunds", limit=1) == {"object": "list", "data": [], "has_more": False, "url": "/v1/refunds"}


# -- what other companies have, by the label of its case


def bills(client: Client, case: str, **query: Any) -> list[Any]:
    """Invoices of a case's contracts, oldest first, with all of their lines."""
    found = [row for key in contracts(case) for row in rows(client, "invoices", subscription=key, **query)]
    return sorted(found, key=lambda row: row["created"])


def case_of(client: Client, case: str) -> list[Any]:
    return [get(client, f"subscriptions/{key}", **{"expand[]": "discounts"}) for key in contracts(case)]


def test_tax_in_a_price_is_in_the_lines_amount_and_apart_in_its_taxes(client: Client) -> None:
    """8 × 59.50, of which 76.00 are tax: nothing comes on top."""
    newest = bills(client, "tax_included")[-1]
    (line,), (tax,) = newest["lines"]["data"], newest["total_taxes"]
    assert (line["amount"], newest["total"], newest["total_excluding_tax"]) == (47_600, 47_600, 40_000)
    assert (tax["amount"], tax["tax_behavior"], tax["taxable_amount"]) == (7_600, "inclusive", 40_000)
    assert [one["amount"] for one in line["taxes"]] == [7_600]
    (contract,) = case_of(client, "tax_included")
    assert contract["items"]["data"][0]["price"]["tax_behavior"] == "inclusive"


def test_what_is_sent_has_a_due_date_and_no_payment_is_tried(client: Client) -> None:
    paid, unpaid = (bills(client, case)[-1] for case in ("sent_and_paid_late", "sent_and_never_paid"))
    assert [one["collection_method"] for one in (paid, unpaid)] == ["send_invoice"] * 2
    assert [one["due_date"] - one["created"] for one in (paid, unpaid)] == [30 * 86_400] * 2
    assert paid["status_transitions"]["paid_at"] - paid["due_date"] == 75 * 86_400
    assert (unpaid["status"], unpaid["attempt_count"]) == ("open", 0)
    (contract,) = case_of(client, "sent_and_never_paid")
    assert (contract["status"], contract["collection_method"], contract["days_until_due"]) == (
        "unpaid",
        "send_invoice",
        30,
    )


def test_an_invoice_written_anew_by_hand_is_of_no_contract(client: Client) -> None:
    void = bills(client, "void_and_written_anew")[-1]
    (old,) = void["lines"]["data"]
    by_hand = rows(client, "invoices", customer=void["customer"])[0]
    (line,) = by_hand["lines"]["data"]
    assert (void["status"], by_hand["status"], by_hand["parent"], by_hand["billing_reason"]) == (
        *("void", "paid", None, "manual"),
    )
    assert (line["amount"], line["period"]) == (old["amount"], old["period"])
    assert line["pricing"]["price_details"]["product"] == old["pricing"]["price_details"]["product"]
    assert line["pricing"]["price_details"]["price"] != old["pricing"]["price_details"]["price"]


def test_goodwill_is_a_void_invoice_after_payments_were_tried(client: Client) -> None:
    (void,) = (row for row in bills(client, "void_as_goodwill") if row["status"] == "void")
    assert void["attempt_count"] > 1
    assert void["status_transitions"]["voided_at"] - void["created"] > 9 * 86_400
    assert case_of(client, "void_as_goodwill")[0]["status"] == "active"


def test_a_draft_in_its_grace_says_when_it_will_be_final(client: Client) -> None:
    newest = bills(client, "draft_in_its_grace")[-1]
    assert (newest["status"], newest["auto_advance"]) == ("draft", True)
    assert newest["automatically_finalizes_at"] - newest["created"] == 60 * 3_600
    assert newest["automatically_finalizes_at"] > ms(DEFAULT_NOW) // 1000


def test_items_of_different_intervals_have_terms_and_invoices_of_their_own(client: Client) -> None:
    (contract,) = case_of(client, "mixed_intervals")
    month, year = contract["items"]["data"]
    assert contract["billing_mode"]["type"] == "flexible"
    assert month["current_period_end"] < year["current_period_end"]
    lines = [len(row["lines"]["data"]) for row in bills(client, "mixed_intervals")]
    assert lines == [2, *[1] * 11, 2, *[1] * 5]


def test_a_pending_update_leaves_a_void_invoice_and_no_seat(company: Company, serve: Serve) -> None:
    waiting = serve(now="2026-08-05T12:00:00Z")
    (key,) = contracts("pending_update_that_expired")
    asked = get(waiting, f"subscriptions/{key}")
    (item,) = asked["pending_update"]["subscription_items"]
    assert (item["quantity"], asked["items"]["data"][0]["quantity"], asked["status"]) == (15, 10, "active")
    assert get(waiting, f"invoices/{asked['latest_invoice']}")["status"] == "open"
    later = serve(now="2026-08-07T00:00:00Z")
    gone = get(later, f"subscriptions/{key}")
    assert (gone["pending_update"], gone["items"]["data"][0]["quantity"]) == (None, 10)
    assert get(later, f"invoices/{asked['latest_invoice']}")["status"] == "void"
    assert rows(later, "invoiceitems", invoice=asked["latest_invoice"])
    assert rows(later, "events", **{"type": "customer.subscription.pending_update_expired"})


def test_one_month_is_open_and_all_later_ones_are_paid(client: Client) -> None:
    statuses = [row["status"] for row in bills(client, "one_month_left_open")]
    assert statuses == [*["paid"] * 4, "open", *["paid"] * 8]
    assert case_of(client, "one_month_left_open")[0]["status"] == "active"


def test_each_trial_has_an_invoice_over_nothing(client: Client) -> None:
    for case, trials in (("trial_extended", 2), ("second_trial", 2)):
        lines = [line for row in bills(client, case) for line in row["lines"]["data"]]
        free = [line["period"] for line in lines if line["amount"] == 0]
        assert len(free) == trials
        (contract,) = case_of(client, case)
        assert (contract["trial_end"], contract["status"]) == (max(one["end"] for one in free), "active")
    given_back = [line for row in bills(client, "second_trial") for line in row["lines"]["data"] if line["amount"] < 0]
    assert [line["parent"]["subscription_item_details"]["proration"] for line in given_back] == [True]


def test_a_price_that_is_gone_or_made_anew_stays_what_it_was_in_the_item(client: Client) -> None:
    (contract,) = case_of(client, "price_deleted")
    price = contract["items"]["data"][0]["price"]
    assert (price["unit_amount"], price["active"]) == (2_900, False)
    error(client, f"prices/{price['id']}", 404)
    assert price["id"] not in {row["id"] for row in rows(client, "prices")}
    old, new = (one["items"]["data"][0]["price"] for one in case_of(client, "plan_remade"))
    assert (old["unit_amount"], new["unit_amount"]) == (900, 1_400)
    assert old["id"] == new["id"]
    assert get(client, f"prices/{old['id']}") == new


def test_a_price_of_several_currencies_is_embedded_as_it_is_listed(client: Client) -> None:
    (contract,) = case_of(client, "price_in_several_currencies")
    price = contract["items"]["data"][0]["price"]
    assert (contract["currency"], price["currency"], price["unit_amount"]) == ("eur", "usd", 3_000)
    options = get(client, f"prices/{price['id']}", **{"expand[]": "currency_options"})["currency_options"]
    assert {currency: one["unit_amount"] for currency, one in options.items()} == {
        **{"usd": 3_000, "eur": 2_800, "gbp": 2_400},
    }
    (line,) = bills(client, "price_in_several_currencies")[-1]["lines"]["data"]
    assert (line["currency"], line["amount"], line["pricing"]["unit_amount_decimal"]) == ("eur", 36_400, "2800")


def test_a_first_bill_for_a_part_of_a_month_has_its_discount(client: Client) -> None:
    """294.00 for 19 days and 14 hours of 31 days are 185.73; 12.5 % of them are 23.22."""
    first, second = bills(client, "prorated_first_bill")[:2]
    (line,) = first["lines"]["data"]
    assert line["parent"]["subscription_item_details"]["proration"]
    assert (line["amount"], [one["amount"] for one in line["discount_amounts"]]) == (18_573, [2_322])
    assert (second["subtotal"], second["total"], second["created"]) == (
        29_400,
        25_725,
        ms("2025-06-01T00:00:00Z") // 1000,
    )


def test_a_contract_never_changes_its_currency(client: Client) -> None:
    old, new = case_of(client, "currency_changed")
    assert [(one["currency"], one["status"]) for one in (old, new)] == [("eur", "canceled"), ("usd", "active")]
    assert old["customer"] == new["customer"]
    assert get(client, f"customers/{new['customer']}")["currency"] == "usd"
    assert new["start_date"] - old["ended_at"] == 1_800


def test_a_fee_beside_use_is_billed_when_nothing_is_used(client: Client) -> None:
    """Of the first month nothing, of the fourth 1,796 calls: 19.00 for up to a thousand and 15.92 for the rest."""
    lines = [[line["amount"] for line in row["lines"]["data"]] for row in bills(client, "metered_with_a_base_fee")]
    assert (lines[0], lines[1], lines[4]) == ([14_700], [1_900, 14_700], [1_900, 1_592, 14_700])
