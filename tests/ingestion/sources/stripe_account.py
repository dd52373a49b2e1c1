"""A Stripe account of a few records that a test makes, changes and deletes, also between two requests of a load.

Belongs here: an account small enough to see what lands of it record by record. Does not: a company's billing (sandbox).
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingestion.sources.stripe.api import VERSION
from sandbox.server import serve_in_thread
from tests.ingestion import conftest
from tests.ingestion.sources.small_account import SmallAccount
from tests.ingestion.sources.vendor_site import copy_home

KEY = "sk_CANARY_7c20"
HOUR, DAY = 3600, 86_400
EMBEDDED = 10
CHILDREN = {
    "subscriptions": {"items": "subscription_items"},
    "invoices": {"lines": "invoice_lines", "payments": "invoice_payments"},
    "credit_notes": {"lines": "credit_note_lines"},
}
PATHS = {"invoice_items": "invoiceitems"}
Given = dict[str, Any]


class Account(SmallAccount):
    """Serves its records as Stripe does; ``now`` is its clock, in unix seconds, and ``log`` what was asked."""

    source, secret = "stripe", KEY

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.now = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
        self.records: dict[str, dict[str, Given]] = {}
        self.events: list[Given] = []
        self.deleted: set[str] = set()
        self.between: Callable[[str], None] = lambda asked: None
        self.failing: dict[str, int] = {}
        self.key, self.name = KEY, ""
        self.others: list[Account] = []
        """What else is served at the same address, each with its own key."""
        self.set(API_KEY=KEY)

    def copy(self, home: Path, environment: pytest.MonkeyPatch) -> "Account":
        """The same account and what landed of it, in a home of its own."""
        twin = Account(copy_home(self.home, home), environment)
        twin.now, twin.records, twin.events = self.now, deepcopy(self.records), list(self.events)
        return twin

    def beside(self, name: str, **settings: str) -> "Account":
        """Another account of the same company, listed by this name."""
        other = Account(self.home, self.environment)
        other.now, other.key, other.name, other.log = self.now, f"rk_CANARY_{name}", name, self.log
        self.others.append(other)
        listed = json.loads(os.environ.get("SOURCES__STRIPE__ACCOUNTS", "[]"))
        self.set(ACCOUNTS=json.dumps([*listed, {"id": name, "api_key": other.key, **settings}]))
        return other

    # -- what happens

    def put(self, stream: str, key: str, reported: bool = True, **members: Any) -> None:
        """A record comes, or some of it changes."""
        known = self.records.setdefault(stream, {})
        kind = PATHS.get(stream, stream).removesuffix("s")
        since = "date" if stream == "invoice_items" else "created"
        known[key] = {"id": key, "object": kind, since: self.now, **known.get(key, {}), **members}
        if reported:
            self.report(f"{kind}.updated", known[key])

    def delete(self, stream: str, key: str, reported: bool = True) -> None:
        gone = self.records[stream].pop(key)
        self.deleted.add(key)
        if reported:
            self.report(f"{gone['object']}.deleted", gone)

    def report(self, kind: str, record: Given) -> None:
        """An event, which shows the record in a version that is long past."""
        shown = {**record, "api_version": "2019-05-16", "current_period_end": 1, "paid": False}
        event = {"id": f"evt_{len(self.events)}", "object": "event", "type": kind, "created": self.now}
        self.events.insert(0, {**event, "api_version": "2019-05-16", "data": {"object": shown}})

    def later(self, seconds: int) -> None:
        self.now += seconds

    # -- loading

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve_in_thread(self) as url:
            self.set(BASE_URL=url)
            self.environment.setenv("PRODOPS_NOW", datetime.fromtimestamp(self.now, UTC).isoformat())
            yield

    def assert_whole(self) -> None:
        """What is alive in landing is what the account has, children included, as it is now."""
        for stream, expected in self.records.items():
            assert alive(stream, self.name) == {key: _served(one, stream) for key, one in expected.items()}, stream
            for member, child_stream in CHILDREN.get(stream, {}).items():
                children = {child["id"]: child for record in expected.values() for child in record.get(member, ())}
                assert alive(child_stream, self.name) == children, stream

    # -- answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        asked = f"{request.url.path}?{request.url.query}".removesuffix("?")
        self.log.append(asked)
        self.between(asked)
        owner = next((one for one in self.others if request.headers["authorization"] == f"Bearer {one.key}"), self)
        answer = owner._answer(request)
        answer.headers["date"] = format_datetime(datetime.fromtimestamp(self.now, UTC), usegmt=True)
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {self.key}":
            return JSONResponse({"error": {"type": "invalid_request_error"}}, 401)
        assert request.headers["stripe-version"] == VERSION
        _, _, stream, *rest = request.url.path.split("/")
        if status := next((code for part, code in self.failing.items() if part in request.url.path), 0):
            return JSONResponse({"error": {"type": "api_error" if status >= 500 else "invalid_request_error"}}, status)
        if stream == "events":
            return self._list([event for event in self.events if event["created"] > self.now - 30 * DAY], request)
        if stream == "subscription_items":
            owner = self.records["subscriptions"][request.query_params["subscription"]]
            return self._list(owner["items"], request)
        if stream == "invoice_payments":
            return self._list(self.records["invoices"][request.query_params["invoice"]]["payments"], request)
        stream = {path: own for own, path in PATHS.items()}.get(stream, stream)
        known = self.records.get(stream, {})
        if not rest:
            oldest_first = sorted(known.values(), key=lambda record: int(record.get("created", record.get("date"))))
            shown = [_served(record, stream) for record in oldest_first[::-1] if _is_listed(record, request)]
            return self._list(shown, request)
        if rest[0] not in known:
            if stream == "customers" and rest[0] in self.deleted:
                return JSONResponse({"id": rest[0], "object": "customer", "deleted": True})
            return JSONResponse({"error": {"code": "resource_missing"}}, 404)
        if rest[1:]:
            return self._list(known[rest[0]][rest[1]], request)
        return JSONResponse(_served(known[rest[0]], stream))

    def _list(self, records: list[Given], request: Request) -> Response:
        asked = request.query_params
        since = int(asked.get("created[gte]", 0))
        records = [record for record in records if record.get("created", since) >= since]
        if after := asked.get("starting_after"):
            keys = [record["id"] for record in records]
            if after not in keys:
                return JSONResponse({"error": {"code": "resource_missing", "param": "starting_after"}}, 400)
            records = records[keys.index(after) + 1 :]
        page = records[: int(asked["limit"])]
        return JSONResponse({"object": "list", "data": page, "has_more": len(page) < len(records)})


def _is_listed(record: Given, request: Request) -> bool:
    """``hidden`` is of no vendor: a record that is not listed though it is there."""
    ended = record.get("status") == "canceled" and request.query_params.get("status") != "all"
    return not ended and record.get("status") != "hidden"


def _served(record: Given, stream: str) -> Given:
    return record | {member: _embedded(record.get(member, [])) for member in CHILDREN.get(stream, ())}


def _embedded(children: list[Given]) -> Given:
    return {"object": "list", "data": children[:EMBEDDED], "has_more": len(children) > EMBEDDED}


def alive(stream: str, account: str = "") -> dict[str, Given]:
    """By the id that the account has."""
    found = conftest.alive("stripe", stream).items()
    known = {key.rpartition("/"): json.loads(text) for key, (_, text) in found}
    return {key: record for (name, _, key), record in known.items() if name == account}
