"""Stripe: billing, with a secret or restricted key, in one pinned version of the API.

Upstream -> table (landing/stripe/<table>; all payloads as they came, less blanks between their parts):
  GET /v1/customers, products, prices, coupons         -> customers, products, prices, coupons
  GET /v1/subscriptions?status=all                     -> subscriptions, subscription_items (whole per subscription)
  GET /v1/invoices, /v1/invoices/{id}/lines            -> invoices, invoice_lines (whole per invoice)
      with their payments, /v1/invoice_payments        -> invoice_payments (whole per invoice)
  GET /v1/invoiceitems                                 -> invoice_items, on an invoice or waiting for one
  GET /v1/credit_notes, /v1/credit_notes/{id}/lines    -> credit_notes, credit_note_lines (whole per credit note)
  GET /v1/charges, refunds                             -> charges, refunds
  GET /v1/balance_transactions                         -> balance_transactions

Cursor: lists know only `created`, which never shows that a subscription was canceled or an invoice paid. What changed
is told by /v1/events. They carry objects in the version that the account had then, so an event is taken for no more
than a name: the object is read again by its id. Events are kept for 30 days; a stream that lags by 29, or has never
landed, is listed whole first, and the events from before its list on are replayed over it. How far each stream has
followed the events stands in the cursor `events`, as JSON: the newest event's `created` as of before anything else was
read. Reading starts ten minutes before it: events are not visible at once, and many are of one second. Balance
transactions have no events and change only from pending to available: their cursor is the oldest one that is pending.
That an invoice item is on an invoice no event of the item tells: it is read again with the invoice whose lines name it.

Deletes: a changed object that Stripe does not know any more, or calls deleted, gets a tombstone, and so do its lines.
The census lists customers, products, prices, coupons and subscriptions whole; what landed and is not in a list is asked
for by its id before it is believed gone. Lines and items that left their parent get tombstones with it.

Alone: python -m ingestion.sources.stripe.load
Settings: SOURCES__STRIPE__API_KEY; START, before which invoices and their items, credit notes, charges, refunds and
balance transactions are left alone (what they are of is read however old it is).
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from ingestion.clock import iso, now
from ingestion.errors import SettingsError, SourceError
from ingestion.landing import Batch, Landed, Landing, Record, tombstones
from ingestion.records import Chunk, extract_path, parse_object
from ingestion.settings import is_set, resolve
from ingestion.sources.parts import Finding, LoadOptions, Source, Step, Stream, prefetch, run_steps
from ingestion.sources.stripe.api import (
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
    Endpoint,
    Family,
    StripeApi,
    StripeSettings,
)

EVENTS = "events"
OVERLAP = timedelta(minutes=10)
OLDEST = timedelta(days=29)
"""Events are kept for 30 days; one of them is for the load itself."""
QUIET = timedelta(days=1)
"""Where nothing has happened for longer, the cursor follows the vendor's clock, or it would seem to lag."""

CENSUS = (CUSTOMERS, PRODUCTS, PRICES, COUPONS, SUBSCRIPTIONS)
FOLLOWED = (*CENSUS, INVOICES, INVOICE_ITEMS, CREDIT_NOTES, CHARGES, REFUNDS)
TOUCHED: dict[str, tuple[tuple[Endpoint, str], ...]] = {
    **{endpoint.kind: ((endpoint, "id"),) for endpoint in FOLLOWED},
    # what changes an object without an event of that object that one could rely on
    "credit_note": ((CREDIT_NOTES, "id"), (INVOICES, "invoice")),
    "refund": ((REFUNDS, "id"), (CHARGES, "charge")),
    "discount": ((CUSTOMERS, "customer"), (SUBSCRIPTIONS, "subscription")),
    "invoiceitem": ((INVOICE_ITEMS, "id"), (INVOICES, "invoice")),
    "invoice_payment": ((INVOICES, "invoice"),),
    "dispute": ((CHARGES, "charge"),),
}
"""By the kind of object that an event is about: what to read again, and the member that names it."""

ITEM_OF_LINE = tuple(
    f"parent.{made_by}.invoice_item" for made_by in ("invoice_item_details", "subscription_item_details")
)
"""Where a line of an invoice names the invoice item that made it."""


class StripeLoad:
    """One load of one account."""

    def __init__(self, settings: StripeSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.api = StripeApi(settings)
        self.floor = int(datetime.combine(settings.start, time(), UTC).timestamp())
        newest, self.asked_at = self.api.newest_event()
        quiet_since = self.asked_at - QUIET
        self.mark = quiet_since if newest is None else max(_instant(newest), quiet_since)
        self.followed: dict[str, str] = json.loads(landing.through(EVENTS) or "{}")
        self.resyncs = {endpoint.stream: self._why_resync(endpoint) for endpoint in FOLLOWED}
        self.changed: dict[str, set[str]] = defaultdict(set)
        self.done: list[str] = []

    def load(self) -> Iterator[Landed]:
        """What is needed to understand a record lands before it."""
        steps = [
            Step(f"list of {endpoint.stream}", endpoint.stream, partial(self._list, endpoint))
            for endpoint in FOLLOWED
            if self.resyncs[endpoint.stream] is not None or (self.options.census and endpoint in CENSUS)
        ]
        steps.append(Step(EVENTS, EVENTS, self._events))
        for endpoint in FOLLOWED:
            needs = (EVENTS, f"list of {endpoint.stream}")
            steps.append(Step(endpoint.stream, endpoint.stream, partial(self._replay, endpoint), needs))
        steps.append(Step("cursor", EVENTS, self._land_followed))
        steps.append(Step("balance_transactions", "balance_transactions", self._balance_transactions))
        yield from run_steps(SOURCE.name, steps)

    def _why_resync(self, endpoint: Endpoint) -> str | None:
        """Why the stream is to be listed whole, in words where somebody should know; None where its events will do."""
        landed_to = self._landed_to(endpoint)
        if landed_to is None:
            return ""
        if self.asked_at - landed_to > OLDEST:
            return f"full resync: last read {landed_to:%Y-%m-%d}, and Stripe keeps events for 30 days only"
        return "full resync: asked for" if self.options.resync else None

    def _landed_to(self, endpoint: Endpoint) -> datetime | None:
        through = self.followed.get(endpoint.stream)
        return datetime.fromisoformat(through) if through else None

    # -- lists

    def _list(self, endpoint: Endpoint) -> Iterator[Landed]:
        alive = self.landing.alive(endpoint.stream)
        listed: set[str] = set()

        def listing() -> Iterator[list[Family]]:
            for page in self.api.families(endpoint, self.floor if endpoint.since_start else None):
                listed.update(family.key for family in page)
                yield page

        for landed in self._land(endpoint, listing()):
            yield replace(landed, note=self.resyncs[endpoint.stream] or "")
        if absent := self._absent(endpoint, alive, listed):
            yield from self._reread(endpoint, absent)

    def _absent(self, endpoint: Endpoint, alive: set[str], listed: set[str]) -> list[str]:
        """What landed and was not listed."""
        share = self.settings.max_deleted_share
        payloads = self.landing.payloads(endpoint.stream, alive - listed)
        absent = [key for key, text in payloads.items() if not self._is_before_start(endpoint, text)]
        if not listed:
            self.landing.refuse_empty(endpoint.stream, len(absent), share)
        self.landing.refuse_loss(endpoint.stream, len(absent), len(alive), share)
        return absent

    # -- what changed

    def _events(self) -> Iterator[Landed]:
        """Reads which objects changed since each stream was read; nothing of an event lands."""
        starts = {endpoint.stream: int((self._start(endpoint) - OVERLAP).timestamp()) for endpoint in FOLLOWED}
        for page in prefetch(self.api.events(min(starts.values()))):
            for event in page:
                for endpoint, member in TOUCHED.get(event.kind, ()):
                    key = event.object.get(member)
                    # an invoice that is still to come has an event, but no id
                    if isinstance(key, str) and event.created >= starts[endpoint.stream]:
                        self.changed[endpoint.stream].add(key)
        yield from ()

    def _start(self, endpoint: Endpoint) -> datetime:
        landed_to = self._landed_to(endpoint)
        return self.mark if landed_to is None or self.resyncs[endpoint.stream] is not None else landed_to

    def _replay(self, endpoint: Endpoint) -> Iterator[Landed]:
        yield from self._reread(endpoint, self.changed[endpoint.stream])
        self.done.append(endpoint.stream)

    def _billed(self, family: Family) -> Family:
        """The invoice items that an invoice's lines are made by are read again, for they may have come to it."""
        for line in family.children.get("invoice_lines", ()):
            if isinstance(line.payload, bytes):
                made_by = [extract_path(line.payload, path) for path in ITEM_OF_LINE]
                self.changed[INVOICE_ITEMS.stream].update(key for key in made_by if key)
        return family

    def _land_followed(self) -> Iterator[Landed]:
        """One cursor for all, because a package for each would be nine an hour for nothing; of those that failed it
        stays where it was."""
        followed = self.followed | dict.fromkeys(self.done, iso(self.mark))
        self.landing.land(EVENTS, [], through=json.dumps(followed))
        yield from ()

    def _balance_transactions(self) -> Iterator[Landed]:
        through = None if self.options.resync else self.landing.through(BALANCE_TRANSACTIONS.stream)
        since = self.floor
        if through:
            since = max(since, int((datetime.fromisoformat(through) - OVERLAP).timestamp()))
        settled: list[int] = []
        pending: list[int] = []

        def listing() -> Iterator[list[Family]]:
            for page in self.api.families(BALANCE_TRANSACTIONS, since):
                for family in page:
                    if (created := _created(family.record)) is not None:
                        (pending if _is_pending(family.record) else settled).append(created)
                yield page

        def reached() -> str | None:
            seconds = min(pending) if pending else max(settled, default=None)
            return None if seconds is None else iso(_instant(seconds))

        yield from self._land(BALANCE_TRANSACTIONS, listing(), reached)

    # -- landing

    def _reread(self, endpoint: Endpoint, keys: Iterable[str]) -> Iterator[Landed]:
        yield from self._land(endpoint, ([self._billed(self.api.family(endpoint, key))] for key in sorted(keys)))

    def _land(
        self, endpoint: Endpoint, pages: Iterator[list[Family]], reached: Callable[[], str | None] = lambda: None
    ) -> Iterator[Landed]:
        """Lands families in chunks, each whole; what is gone and the cursor ``reached`` come last."""
        batch = _Batch()
        gone: list[str] = []
        with closing(prefetch(pages)) as families:
            for page in families:
                for family in page:
                    if family.record is None:
                        gone.append(family.key)
                    elif not (endpoint.since_start and (_created(family.record) or self.floor) < self.floor):
                        batch.add(family)
                if batch.is_full:
                    yield from self._commit(endpoint, batch)
        alive = self.landing.alive(endpoint.stream) if gone else set()
        gone = [key for key in gone if key in alive]
        self.landing.refuse_loss(endpoint.stream, len(gone), len(alive), self.settings.max_deleted_share)
        yield from self._commit(endpoint, batch, gone, reached())

    def _commit(
        self, endpoint: Endpoint, batch: "_Batch", gone: Collection[str] = (), through: str | None = None
    ) -> Iterator[Landed]:
        keys, records, children = batch.take()
        batches = [Batch(endpoint.stream, [*records, *tombstones(gone)], through)]
        for child in endpoint.children:
            own = children.get(child.stream, [])
            left = self.landing.children(child.stream, [*keys, *gone]) - {one.record_id for one in own}
            batches.append(Batch(child.stream, [*own, *tombstones(left)]))
        yield from self.landing.land_together(batches)

    def _is_before_start(self, endpoint: Endpoint, payload: str) -> bool:
        created = _created(endpoint.shape.record(payload.encode(), now()))
        return endpoint.since_start and created is not None and created < self.floor


class _Batch:
    """Families held until they are worth a load."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._records = Chunk()
        self._children: dict[str, Chunk] = defaultdict(Chunk)

    def add(self, family: Family) -> None:
        if family.record:
            self._keys.append(family.key)
            self._records.add([family.record])
            for stream, children in family.children.items():
                self._children[stream].add(children)

    @property
    def is_full(self) -> bool:
        return self._records.is_full or any(chunk.is_full for chunk in self._children.values())

    def take(self) -> tuple[list[str], list[Record], dict[str, list[Record]]]:
        keys, self._keys = self._keys, []
        return keys, self._records.take(), {stream: chunk.take() for stream, chunk in self._children.items()}


def _created(record: Record | None) -> int | None:
    text = record.cursor if record else None
    return int(text) if text and text.isdecimal() else None


def _is_pending(record: Record | None) -> bool:
    return bool(
        record and isinstance(record.payload, bytes) and parse_object(record.payload).member("status") == "pending"
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _load(landing: Landing, options: LoadOptions) -> Iterator[Landed]:
    yield from StripeLoad(resolve("stripe", StripeSettings), landing, options).load()


def _is_configured() -> bool:
    return is_set("stripe", StripeSettings, "api_key")


def _check() -> list[Finding]:
    try:
        settings = resolve("stripe", StripeSettings)
    except SettingsError as error:
        return [Finding(False, error.what, error.hint)]
    findings = [Finding(True, "settings are complete")]
    api = StripeApi(settings.model_copy(update={"attempts": 1}))
    try:
        newest, _ = api.newest_event()
    except SourceError as error:
        return [*findings, Finding(False, "read events", error.hint)]
    seen = "there are none" if newest is None else f"the newest was created at {iso(_instant(newest))}"
    findings.append(Finding(True, f"read events; {seen}"))
    for endpoint in (*FOLLOWED, BALANCE_TRANSACTIONS):
        try:
            found = api.first_page(endpoint)
        except SourceError as error:
            findings.append(Finding(False, f"read {endpoint.stream}", error.hint))
        else:
            findings.append(Finding(True, f"read {endpoint.stream}{'' if found else '; there are none'}"))
    return findings


SOURCE = Source(
    name="stripe",
    title="Stripe",
    streams=(
        Stream("customers", "Customers of the account", "id"),
        Stream("products", "Products, active and not", "id"),
        Stream("prices", "Prices of the products, active and not, with their tiers", "id"),
        Stream("coupons", "Coupons, with the products they apply to", "id"),
        Stream("subscriptions", "Subscriptions, ended ones too, with their discounts", "id"),
        Stream("subscription_items", "Items of the subscriptions, whole per subscription", "id"),
        Stream("invoices", "Invoices in any status", "id"),
        Stream("invoice_lines", "Lines of the invoices, whole per invoice", "id"),
        Stream("invoice_payments", "Payments of the invoices, whole per invoice", "id"),
        Stream("invoice_items", "Invoice items, on an invoice or waiting for one", "id"),
        Stream("credit_notes", "Credit notes", "id"),
        Stream("credit_note_lines", "Lines of the credit notes, whole per credit note", "id"),
        Stream("charges", "Charges, failed ones too", "id"),
        Stream("refunds", "Refunds of charges", "id"),
        Stream("balance_transactions", "What moved the balance, with fees", "id"),
    ),
    load=_load,
    is_configured=_is_configured,
    check=_check,
)

if __name__ == "__main__":
    from ingestion.sources import print_load

    sys.exit(print_load("stripe"))
