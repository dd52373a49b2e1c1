"""How Stripe is asked, answer by answer: pages, lists inside records, versions, what is gone and what only failed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingestion.errors import SourceError
from ingestion.sources.parts import Unread
from ingestion.sources.stripe.api import VERSION, Endpoint, Family, StripeApi, StripeSettings
from ingestion.sources.stripe.load import (
    BALANCE_TRANSACTIONS,
    CHARGES,
    COUPONS,
    CREDIT_NOTES,
    CUSTOMERS,
    INVOICE_ITEMS,
    INVOICES,
    PRICES,
    PRODUCTS,
    REFUNDS,
    SUBSCRIPTIONS,
)
from tests.ingestion.scripted_server import Server, Step, answer, scripted

SECRET = "sk_CANARY_9a31"
RECORDED = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "stripe" / "fixtures3.json"
EVERY = (
    *(CUSTOMERS, PRODUCTS, PRICES, COUPONS, SUBSCRIPTIONS),
    *(INVOICES, INVOICE_ITEMS, CREDIT_NOTES, CHARGES, REFUNDS, BALANCE_TRANSACTIONS),
)
Asking = Callable[[StripeApi], Any]


@contextmanager
def asked(*script: Step, **settings: Any) -> Iterator[tuple[StripeApi, Server]]:
    with scripted(*script) as server:
        quick = {"retry_wait": 0.001, "longest_wait": 0.01, "attempts": 3}
        found = StripeSettings(base_url=server.url, api_key=SECRET, **quick, **settings)
        yield StripeApi(found, *found.all_accounts()), server


def unread(endpoint: Endpoint) -> Unread:
    return Unread("stripe", endpoint.stream, endpoint.kind)


def page(*records: dict[str, Any], more: bool = False, indent: int | None = None, **headers: str) -> bytes:
    return answer(json.dumps({"object": "list", "data": records, "has_more": more}, indent=indent), **headers)


def missing(status: str = "404 Not Found") -> bytes:
    error = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such object"}
    return answer(json.dumps({"error": error}), status)


def customer(number: int, **members: Any) -> dict[str, Any]:
    return {"id": f"cus_{number}", "object": "customer", "created": number, **members}


def listing(*records: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(records), "has_more": False}


def lines(count: int, first: int = 0, more: bool = False) -> dict[str, Any]:
    found = [{"id": f"il_{first + number}", "object": "line_item"} for number in range(count)]
    return {"object": "list", "data": found, "has_more": more}


def invoice(**members: Any) -> dict[str, Any]:
    inside = {"lines": lines(1), "payments": lines(0)}
    return {"id": "in_1", "object": "invoice", "created": 5, **inside, "parent": None, **members}


def listed(api: StripeApi, endpoint: Endpoint, since: int | None = None) -> list[Family]:
    return [family for families in api.families(endpoint, unread(endpoint), since) for family in families]


def refused(asking: Asking, *script: Step) -> SourceError:
    with asked(*script) as (api, _), pytest.raises(SourceError) as caught:
        asking(api)
    assert SECRET not in str(caught.value)
    return caught.value


def test_every_request_names_the_key_and_the_version_and_no_more_than_a_page() -> None:
    with asked(page(), page_size=1000) as (api, server):
        listed(api, SUBSCRIPTIONS, since=1_700_000_000)
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["stripe-version"] == VERSION
    assert "status=all" in request.target
    assert "limit=100" in request.target
    assert "created%5Bgte%5D=1700000000" in request.target
    assert "expand%5B%5D=data.discounts" in request.target


def test_pages_go_on_after_the_last_record_of_the_one_before() -> None:
    with asked(page(customer(3), customer(2), more=True), page(customer(1))) as (api, server):
        assert [family.key for family in listed(api, CUSTOMERS)] == ["cus_3", "cus_2", "cus_1"]
    assert "starting_after" not in server.requests[0].target
    assert "starting_after=cus_2" in server.requests[1].target


def test_where_the_record_to_go_on_after_was_deleted_the_list_is_read_again() -> None:
    first = page(customer(3), customer(2), more=True)
    again = page(customer(3), customer(1))
    with asked(first, missing("400 Bad Request"), again) as (api, server):
        assert [family.key for family in listed(api, CUSTOMERS)] == ["cus_3", "cus_2", "cus_3", "cus_1"]
    assert "starting_after" not in server.requests[2].target


def test_a_list_that_never_holds_still_is_given_up_by_name() -> None:
    first = page(customer(3), customer(2), more=True)
    error = refused(lambda api: listed(api, CUSTOMERS), *([first, missing("400 Bad Request")] * 5), answer())
    assert (error.stream, error.cursor) == ("customers", "cus_2")
    assert "deleted each of the 5 times" in str(error)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (page(customer(2), more=True), "same page token twice"),
        (page(more=True), "without records says that more follow"),
        (answer('{"error": {"type": "api_error"}}'), "error inside a good answer"),
        (answer("{}", "400 Bad Request"), "the request was refused"),
        (answer("<html>", content_type="text/html"), "not JSON but text/html"),
    ],
)
def test_a_second_page_that_makes_no_sense_ends_the_list_by_name(second: bytes, words: str) -> None:
    error = refused(lambda api: listed(api, CUSTOMERS), page(customer(2), more=True), second)
    assert (error.stream, error.cursor) == ("customers", "cus_2")
    assert words in str(error)


def test_lines_beyond_ten_come_from_the_invoices_own_list_all_of_them() -> None:
    first = page(invoice(lines=lines(10, more=True)))
    rest = [page(*lines(7)["data"], more=True), page(*lines(5, first=7)["data"])]
    with asked(first, *rest, page_size=7) as (api, server):
        (family,) = listed(api, INVOICES)
    found = family.children["invoice_lines"]
    assert [child.record_id for child in found] == [f"il_{number}" for number in range(12)]
    assert {child.parent_id for child in found} == {"in_1"}
    assert server.requests[1].target.startswith("/v1/invoices/in_1/lines?limit=7")


def test_items_beyond_ten_are_asked_for_by_their_subscription() -> None:
    subscription = {"id": "sub_1", "object": "subscription", "created": 5, "items": lines(10, more=True)}
    with asked(page(subscription), page(*lines(12)["data"])) as (api, server):
        (family,) = listed(api, SUBSCRIPTIONS)
    assert len(family.children["subscription_items"]) == 12
    assert server.requests[1].target.startswith("/v1/subscription_items?subscription=sub_1")
    assert "expand%5B%5D=data.discounts" in server.requests[1].target, "or its discounts would come as ids"


def test_a_record_is_the_same_text_however_it_was_found() -> None:
    object_ = invoice(total=1, rate=1.5)
    retrieved = answer(json.dumps(object_, indent=2) + "\n")
    with asked(page(object_, indent=2), retrieved) as (api, _):
        (found,) = listed(api, INVOICES)
        asked_for = api.family(INVOICES, unread(INVOICES), "in_1")
    assert found.record
    assert asked_for.record
    assert found.record.payload == asked_for.record.payload == json.dumps(object_, separators=(",", ":")).encode()
    lines_of = [[child.payload for child in one.children["invoice_lines"]] for one in (found, asked_for)]
    assert lines_of[0] == lines_of[1] != []


def test_numbers_keep_every_digit() -> None:
    price = '{"id": "price_1", "unit_amount_decimal": "0.10", "n": 1.10, "big": 12345678901234567890123}'
    text = f'{{"data": [ {price} ], "has_more": false}}'
    with asked(answer(text)) as (api, _):
        (family,) = listed(api, PRICES)
    assert family.record
    assert family.record.payload == (
        b'{"id":"price_1","unit_amount_decimal":"0.10","n":1.10,"big":12345678901234567890123}'
    )


@pytest.mark.parametrize("gone", [missing(), answer('{"id": "cus_1", "object": "customer", "deleted": true}')])
def test_what_stripe_does_not_know_or_calls_deleted_is_gone(gone: bytes) -> None:
    with asked(gone) as (api, _):
        assert api.family(CUSTOMERS, unread(CUSTOMERS), "cus_1") == Family("cus_1", None, {})


@pytest.mark.parametrize("failed", [answer("{}", "404 Not Found"), answer('{"error": {}}'), answer("{}", "400 Bad")])
def test_what_only_failed_is_not_gone(failed: bytes) -> None:
    error = refused(lambda api: api.family(CUSTOMERS, unread(CUSTOMERS), "cus_1"), failed)
    assert (error.stream, error.cursor) == ("customers", "cus_1")


def test_an_id_of_any_letters_stays_one_part_of_the_path() -> None:
    with asked(missing()) as (api, server):
        api.family(COUPONS, unread(COUPONS), "50% off/../v1?x")
    assert server.requests[0].target.startswith("/v1/coupons/50%25%20off%2F..%2Fv1%3Fx?expand")


def test_an_answer_of_another_version_is_refused_by_name() -> None:
    other = page(customer(1), Stripe_Version="2024-06-20")
    error = refused(lambda api: listed(api, CUSTOMERS), other)
    assert error.stream == "customers"
    assert f"is of version 2024-06-20 though {VERSION} was asked for" in str(error)
    with asked(page(customer(1), Stripe_Version=VERSION)) as (api, _):
        assert len(listed(api, CUSTOMERS)) == 1


@pytest.mark.parametrize(
    ("endpoint", "record", "stream", "member"),
    [
        (SUBSCRIPTIONS, {"id": "x", "items": lines(0), "current_period_end": 1}, "subscriptions", "current_period_end"),
        (INVOICES, invoice(subscription="sub_1"), "invoices", "subscription"),
        (INVOICES, invoice(paid=False), "invoices", "paid"),
        (INVOICES, invoice(lines=listing({"id": "x", "price": {}})), "invoice_lines", "price"),
        (INVOICES, invoice(lines=listing({"id": "x", "proration": False})), "invoice_lines", "proration"),
        (INVOICE_ITEMS, {"id": "x", "unit_amount": 5}, "invoice_items", "unit_amount"),
        (CHARGES, {"id": "x", "invoice": "in_1"}, "charges", "invoice"),
    ],
)
def test_a_record_of_an_older_shape_is_refused_by_name(
    endpoint: Endpoint, record: dict[str, Any], stream: str, member: str
) -> None:
    error = refused(lambda api: listed(api, endpoint), page(record))
    assert error.stream == stream
    assert error.cursor
    assert f"has {member}, so it is of a version before {VERSION}" in str(error)


@pytest.mark.skipif(not RECORDED.exists(), reason=f"no recorded objects at {RECORDED}")
@pytest.mark.parametrize("endpoint", EVERY, ids=lambda endpoint: endpoint.stream)
def test_the_recorded_objects_are_of_the_pinned_version(endpoint: Endpoint) -> None:
    recorded = json.loads(RECORDED.read_text())["resources"]
    record = recorded[endpoint.kind]
    if endpoint is INVOICES:  # payments come only where they are asked for
        record["payments"] = {"object": "list", "data": [recorded["invoice_payment"]], "has_more": False}
    with asked(page(record), answer(json.dumps(record))) as (api, _):
        (family,) = listed(api, endpoint)
        alone = api.family(endpoint, unread(endpoint), record["id"]).record
    assert family.record
    assert alone
    assert family.record.payload == alone.payload
    assert json.loads(alone.payload or "") == record
    for child in endpoint.children:
        embedded = record[child.member]["data"]
        assert [json.loads(one.payload or "") for one in family.children[child.stream]] == embedded


@pytest.mark.parametrize(
    "busy",
    [
        answer("{}", "429 Too Many Requests", Stripe_Rate_Limited_Reason="endpoint-concurrency"),
        answer('{"error": {"code": "lock_timeout"}}', "429 Too Many Requests", Stripe_Should_Retry="true"),
        answer("{}", "503 Service Unavailable", Stripe_Should_Retry="true"),
    ],
)
def test_limits_and_locks_are_waited_out_though_nothing_says_how_long(busy: bytes) -> None:
    with asked(busy, busy, page(customer(1))) as (api, server):
        assert [family.key for family in listed(api, CUSTOMERS)] == ["cus_1"]
    assert len(server.requests) == 3
    error = refused(lambda api: listed(api, CUSTOMERS), busy)
    assert "gave up after 3 attempts" in str(error)


@pytest.mark.parametrize(("status", "words"), [("401 No", "make a new token"), ("403 No", "lack the permission")])
def test_a_key_that_may_not_is_reported_at_once(status: str, words: str) -> None:
    error = refused(lambda api: listed(api, CUSTOMERS), answer('{"error": {}}', status))
    assert (error.status, error.stream) == (int(status[:3]), "customers")
    assert words in str(error)


@pytest.mark.parametrize("key", ["", "pk_live_1", "sk_with blank", "sk_line\nX-Header: 1", "sk_ключ"])
def test_a_key_that_can_not_be_one_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        StripeSettings(api_key=key)
    assert not key or key not in str(caught.value)
