"""Stripe's endpoints: what a list holds and how it is cut, one object by its id, events of thirty days, refusals.

Belongs here: the behaviour behind each path that a loader uses. Does not: the JSON of an object (render.py, money.py,
old.py), what is expanded in it (expansion.py).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hmac import compare_digest
from pathlib import Path

from sandbox.company import Company
from sandbox.company.billing.facts import Billed, BillingEvent, BillingRecords, Record
from sandbox.company.billing.price_list import LISTED, key
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.stripe.expansion import expand, expansions
from sandbox.vendors.stripe.old import VERSIONS, renderer_of
from sandbox.vendors.stripe.render import URLS, StripeRenderer
from sandbox.vendors.stripe.shapes import Document, Shown, listed, seconds

API_KEY = "sk_sandbox"
VERSION = "2026-07-29.dahlia"  # of the recorded objects, 2026-08-21
ACCOUNT_VERSION = "2022-11-15"  # of the account, for who pins none and for all events
MOST, USUAL = 100, 10
KINDS = {url: kind for kind, url in URLS.items()}
EVENT_TYPES = {"subscription": "customer.subscription", "upcoming": "invoice", "dispute": "charge.dispute"}
BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
Filter = Callable[[Record, str], bool]


def same(name: str) -> Filter:
    return lambda record, value: record[name] == value


def active(record: Record, value: str) -> bool:
    return bool(record["active"]) == (value == "true")


def status(record: Record, value: str) -> bool:
    """`ended` is a word for what is over; without any word, what is canceled does not show."""
    if value == "all":
        return True
    return bool(record["status"] == ("canceled" if value == "ended" else value))


def never(record: Record, value: str) -> bool:
    """What no record here has."""
    return False


def currency_of_price(record: Record, value: str) -> bool:
    return bool(record["price"].currency == value)


def email(record: Record, value: str) -> bool:
    return f"billing@{record['id'][4:]}.example" == value


def has_price(record: Record, value: str) -> bool:
    return any(item.price.id == value for item in record["items"])


FILTERS: dict[str, dict[str, Filter]] = {
    "customer": {"email": email},
    "product": {"active": active, "ids[]": lambda record, value: record["id"] == value},
    "price": {"active": active, "currency": currency_of_price},
    "plan": {"active": active},
    "coupon": {},
    "subscription": {"status": status, "customer": same("customer"), "price": has_price, "plan": has_price},
    "invoiceitem": {
        "customer": same("customer"),
        "invoice": same("invoice"),
        "pending": lambda record, value: (record["invoice"] is None) == (value == "true"),
    },
    "invoice": {"status": same("status"), "customer": same("customer"), "subscription": same("subscription")},
    "credit_note": {"customer": same("customer"), "invoice": same("invoice")},
    "payment_intent": {"customer": same("customer")},
    "charge": {"customer": same("customer"), "payment_intent": same("intent"), "transfer_group": never},
    "refund": {"charge": same("charge")},
    "dispute": {"charge": same("charge")},
    "balance_transaction": {
        "type": same("type"),
        "source": same("source"),
        "currency": same("currency"),
        "payout": never,
    },
    "payout": {"status": never},
    "transfer": {"destination": never, "transfer_group": never},
    "checkout.session": {"customer": never, "payment_intent": never, "subscription": never},
}
STATUSES = {
    "subscription": ("all", "ended", "active", "canceled", "past_due", "paused", "trialing", "unpaid"),
    "invoice": ("draft", "open", "paid", "uncollectible", "void"),
}


def refused(status: int, message: str, code: str | None = None, param: str | None = None) -> Refusal:
    reported: Document = {"message": message, "type": "invalid_request_error"}
    if code is not None:
        reported |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
    return Refusal(status, document={"error": reported if param is None else reported | {"param": param}})


class Stripe:
    """One account, behind one key."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company, self.page_cap = company, setup.page_cap or MOST
        self.asked = 0

    @cached_property
    def books(self) -> BillingRecords:
        """Made with the first question, as no other vendor needs them."""
        return self.company.billing.books(0)

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {"BASE_URL": url, "API_KEY": API_KEY}

    def reply(self, call: Call) -> Reply:
        self.asked += 1
        version = call.headers.get("stripe-version") or ACCOUNT_VERSION
        headers = {
            "content-type": "application/json",
            "request-id": key("req", self.company.seed, self.asked),
            "stripe-version": version,
        }
        try:
            self._admit(call, version)
            self.books.advance(call.now)
            return answer(self._document(call, renderer_of(version)(self.books)), 200, headers)
        except Refusal as refusal:
            return answer(refusal.document, refusal.status, headers)

    def _admit(self, call: Call, version: str) -> None:
        given = key_in(call.authorization)
        if given is None:
            raise refused(401, "You did not provide an API key. You need to provide your API key in the Authorization "
                          "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")  # fmt: skip
        if not compare_digest(given.encode(), API_KEY.encode()):
            raise refused(401, "Invalid API Key provided: sk_********")
        if version not in VERSIONS:
            raise refused(400, f"Invalid Stripe API version: {version}")
        named = call.headers.get("stripe-account")
        if named is not None and named != self.account_id:
            message = (
                f"The provided key 'sk_********' does not have access to account '{named}' (or that account does not "
                "exist). Application access may have been revoked."
            )
            raise refused(403, message, "account_invalid")

    @property
    def account_id(self) -> str:
        return key("acct", self.company.seed, 1)

    def _document(self, call: Call, shown: StripeRenderer) -> Document:
        path = call.path.strip("/").split("/")
        if call.method == "GET" and path[0] == "v1":
            match path[1:]:
                case ["account"]:
                    return self._account(call, shown, self.account_id)
                case ["accounts"]:
                    return self._children(call, shown, "/v1/accounts", "account", [])  # none is connected to it
                case ["accounts", number]:
                    return self._account(call, shown, number)
                case ["events"]:
                    return self._events(call)
                case ["events", number]:
                    return self._event(number)
                case ["subscription_items"]:
                    return self._items(call, shown)
                case ["invoice_payments"]:
                    return self._payments(call, shown)
                case ["invoices" | "credit_notes" as url, number, "lines"]:
                    return self._lines(call, shown, url, number)
                case ["charges", number, "refunds"]:
                    return self._refunds(call, shown, number)
                case ["customers", number, "subscriptions"]:
                    return self._subscriptions(call, shown, number)
                case ["checkout", "sessions", *one]:
                    return self._objects(call, shown, "checkout/sessions", *one)
                case [url, *one] if url in KINDS and len(one) < 2:
                    return self._objects(call, shown, url, *one)
        raise refused(404, f"Unrecognized request URL ({call.method}: {call.path}).")

    def _objects(self, call: Call, shown: StripeRenderer, url: str, *one: str) -> Document:
        return self._one(call, shown, url, *one) if one else self._list(call, shown, url)

    # -- one

    def _account(self, call: Call, shown: StripeRenderer, number: str) -> Document:
        known(call, ())
        if number != self.account_id:
            raise refused(404, f"No such account: '{number}'", "resource_missing", "account")
        paths = expansions(expands(call), "account", shown.links, is_list=False)
        return whole(shown, "account", {"id": number, "created": LISTED}, paths)

    def _one(self, call: Call, shown: StripeRenderer, url: str, number: str) -> Document:
        kind = KINDS[url]
        paths = expansions(expands(call), kind, shown.links, is_list=False)
        known(call, ())
        if kind == "customer" and number in self.books.gone[kind]:
            return {"id": number, "object": "customer", "deleted": True}
        return whole(shown, kind, self._record(shown, kind, number), paths)

    @staticmethod
    def _record(shown: StripeRenderer, kind: str, number: str) -> Record:
        found = shown.rows(kind).get(number)
        if found is None:
            raise refused(404, f"No such {kind}: '{number}'", "resource_missing", "id")
        return found

    # -- lists

    def _list(self, call: Call, shown: StripeRenderer, url: str) -> Document:
        kind = KINDS[url]
        paths = expansions(expands(call), kind, shown.links, is_list=True)
        filters = FILTERS[kind]
        known(call, ("created", *PAGING, *filters))
        asked = {name: value for name in filters if (value := call.one(name)) is not None}
        for name, value in asked.items():
            if name == "status" and kind in STATUSES and value not in STATUSES[kind]:
                allowed = ", ".join(STATUSES[kind])
                raise refused(400, f"Invalid status: must be one of {allowed}", "parameter_invalid_enum", name)

        def wanted(record: Record) -> bool:
            if kind == "subscription" and "status" not in asked and record["status"] == "canceled":
                return False
            return all(filters[name](record, value) for name, value in asked.items())

        rows = list(shown.rows(kind).values())[::-1]
        return self._page(
            call,
            f"/v1/{url}",
            kind,
            [row["id"] for row in rows],
            lambda place: rows[place]["created"] // 1000,
            lambda place: wanted(rows[place]),
            lambda place: whole(shown, kind, rows[place], paths),
        )

    def _lines(self, call: Call, shown: StripeRenderer, url: str, number: str) -> Document:
        known(call, PAGING)
        record = self._record(shown, KINDS[url], number)
        if url == "invoices":
            lines = [shown.line(record, line) for line in record["lines"]]
            return self._children(call, shown, call.path, "line_item", lines)
        lines = [shown.credit_line(record, *line) for line in record["lines"]]
        return self._children(call, shown, call.path, "credit_note_line_item", lines)

    def _items(self, call: Call, shown: StripeRenderer) -> Document:
        known(call, ("subscription", *PAGING))
        contract = call.one("subscription")
        if contract is None:
            raise refused(400, "Missing required param: subscription.", "parameter_missing", "subscription")
        record = self._record(shown, "subscription", contract)
        items = [shown.item(record, item) for item in record["items"]]
        return self._children(call, shown, "/v1/subscription_items", "subscription_item", items)

    def _payments(self, call: Call, shown: StripeRenderer) -> Document:
        known(call, ("invoice", *PAGING))
        invoice = call.one("invoice")
        rows = list(shown.rows("invoice").values())[::-1]
        owners = rows if invoice is None else [self._record(shown, "invoice", invoice)]
        found = [payment for owner in owners for payment in shown.payments(owner)[1]]
        return self._children(call, shown, "/v1/invoice_payments", "invoice_payment", found)

    def _refunds(self, call: Call, shown: StripeRenderer, number: str) -> Document:
        known(call, PAGING)
        return self._children(call, shown, call.path, "refund", shown.refunds_of(self._record(shown, "charge", number)))

    def _subscriptions(self, call: Call, shown: StripeRenderer, number: str) -> Document:
        known(call, PAGING)
        owner = self._record(shown, "customer", number)
        return self._children(call, shown, call.path, "subscription", shown.subscriptions_of(owner))

    def _children(self, call: Call, shown: StripeRenderer, url: str, kind: str, rows: Sequence[Shown]) -> Document:
        ids = [row["id"] for row in rows]
        paths = expansions(expands(call), kind, shown.links, is_list=True)

        def show(place: int) -> Document:
            for path in paths:
                expand(shown, kind, rows[place], path)
            return rows[place]

        return self._page(call, url, kind, ids, lambda place: 0, lambda place: True, show)

    def _page(
        self,
        call: Call,
        url: str,
        kind: str,
        ids: Sequence[str],
        created: Callable[[int], int],
        wanted: Callable[[int], bool],
        show: Callable[[int], Document],
    ) -> Document:
        """The part of a list after or before an object. That object has to be there, though it need not be wanted."""
        limit = min(integer(call, "limit", USUAL, 1, MOST), self.page_cap)
        bounds = list(created_bounds(call))
        after, before = call.one("starting_after"), call.one("ending_before")
        if after is not None and before is not None:
            raise refused(400, "You may only specify one of these parameters: ending_before, starting_after.")
        places: Sequence[int] = range(len(ids))
        for name, number in (("starting_after", after), ("ending_before", before)):
            if number is not None:
                if number not in ids:
                    raise refused(400, f"No such {kind}: '{number}'", "resource_missing", name)
                at = ids.index(number)
                places = range(at + 1, len(ids)) if name == "starting_after" else range(at - 1, -1, -1)
        found = []
        for place in places:
            if all(meets(created(place), bound) for meets, bound in bounds) and wanted(place):
                found.append(place)
                if len(found) > limit:
                    break
        page = found[:limit] if before is None else found[:limit][::-1]
        return listed(url, [show(place) for place in page], len(found) > limit)

    # -- events

    def _events(self, call: Call) -> Document:
        known(call, ("created", "type", "types[]", *PAGING))
        wanted = [*call.query.get("types[]", []), *call.query.get("type", [])]
        types = re.compile("|".join(re.escape(one).replace(r"\*", ".*") for one in wanted))
        rows = list(self.books.recent)[::-1]
        shown = renderer_of(ACCOUNT_VERSION)(self.books)
        return self._page(
            call,
            "/v1/events",
            "event",
            [self._event_id(reported) for reported in rows],
            lambda place: rows[place].change.at // 1000,
            lambda place: not wanted or types.fullmatch(event_type(rows[place])) is not None,
            lambda place: self._reported(shown, rows[place]),
        )

    def _event(self, number: str) -> Document:
        for reported in self.books.recent:
            if self._event_id(reported) == number:
                return self._reported(renderer_of(ACCOUNT_VERSION)(self.books), reported)
        raise refused(404, f"No such event: '{number}'", "resource_missing", "id")

    def _event_id(self, reported: BillingEvent) -> str:
        return key("evt", self.company.seed, reported.number)

    def _reported(self, shown: StripeRenderer, reported: BillingEvent) -> Document:
        """The object as it was right after the event, in the shape of the version that the account had."""
        kind = reported.change.kind
        after = reported.after
        if kind == "payment_intent":
            after = tried(shown, reported.change)
        data: Document = {"object": shown.document(kind, after)}
        if reported.before is not None and reported.change.values is not None:
            before = shown.document(kind, reported.before)
            changed = {name: old for name, old in before.items() if data["object"].get(name) != old}
            data["previous_attributes"] = changed
        return {
            "id": self._event_id(reported),
            "object": "event",
            "api_version": ACCOUNT_VERSION,
            "created": seconds(reported.change.at),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": event_type(reported),
        }


PAGING = ("limit", "starting_after", "ending_before")


def event_type(reported: BillingEvent) -> str:
    return f"{EVENT_TYPES.get(reported.change.kind, reported.change.kind)}.{reported.change.what}"


def known(call: Call, names: Sequence[str]) -> None:
    for given in call.query:
        name = re.sub(r"^created\[(gt|gte|lt|lte)\]$", "created", given)
        if name not in names and not given.startswith("expand["):
            raise refused(400, f"Received unknown parameter: {given}", "parameter_unknown", given)


def integer(call: Call, name: str, usual: int, least: int, most: int) -> int:
    text = call.one(name)
    if text is None:
        return usual
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise refused(400, f"Invalid integer: {text}", "parameter_invalid_integer", name)
    if int(text) < least:
        words = f"This value must be greater than or equal to {least}."
        raise refused(400, words, "parameter_invalid_integer", name)
    if int(text) > most:
        words = f"This value must be less than or equal to {most} (it currently is '{text}')."
        raise refused(400, words, "parameter_invalid_integer", name)
    return int(text)


def created_bounds(call: Call) -> Iterator[tuple[Callable[[int, int], bool], int]]:
    """`created` by itself, or with gt, gte, lt and lte."""
    for name, meets in {"created": int.__eq__, **{f"created[{word}]": test for word, test in BOUNDS.items()}}.items():
        if call.one(name) is not None:
            yield meets, integer(call, name, 0, 0, 2**40)


def expands(call: Call) -> list[str]:
    return [name for given, values in call.query.items() if given.startswith("expand[") for name in values]


def whole(shown: StripeRenderer, kind: str, record: Record, paths: Sequence[Sequence[str]]) -> Document:
    made = shown.document(kind, record)
    for path in paths:
        expand(shown, kind, made, path)
    return made


def tried(shown: StripeRenderer, change: Billed) -> Record:
    """A payment intent right after a charge of it was tried: with that one as the newest."""
    intent, charges = shown.rows("payment_intent")[change.id], shown.rows("charge")
    tries = [key for key in intent["charges"] if charges[key]["created"] <= change.at]
    done = change.what == "succeeded"
    status, received = ("succeeded", intent["amount"]) if done else ("requires_payment_method", 0)
    return intent | {"charges": tries, "status": status, "received": received, "canceled": None}


def key_in(authorization: str | None) -> str | None:
    """A key is sent as Bearer, or as the user of HTTP Basic with no password."""
    scheme, _, given = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return given
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return None if password else user
