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
from tests.sandbox.conftest import Client, Serve, made

LISTS = (
    *("customers", "products", "prices", "coupons", "subscriptions", "invoiceitems", "invoices", "credit_notes"),
    *("charges", "refunds", "balance_transactions", "events"),
)
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


def test_an_unknown_version_is_refused(client: Client) -> None:
    answer = ask(client, "customers", KEY | {"Stripe-Version": "2099-01-01.rose"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Invalid Stripe API version: 2099-01-01.rose",
    )


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


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_newest_first_and_whole_in_pages_of_any_size(client: Client, path: str) -> None:
    query = {"status": "all"} if path == "subscriptions" else {}
    whole = rows(client, path, **query)
    created = [row["date" if path == "invoiceitems" else "created"] for row in whole]
    assert created == sorted(created, reverse=True)
    assert len({row["id"] for row in whole}) == len(whole) > 2
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


# -- events


def test_events_of_thirty_days_are_reported_in_the_accounts_own_version(client: Client) -> None:
    reported = rows(client, "events")
    now = ms(DEFAULT_NOW) // 1000
    assert now - 30 * 86_400 <= reported[-1]["created"] < now - 28 * 86_400
    assert {event["api_version"] for event in reported} == {ACCOUNT_VERSION}
    paid = next(event["data"]["object"] for event in reported if event["type"] == "invoice.paid")
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
