"""Stripe: billing of each account, with a secret or restricted key, in one pinned version of the API.

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
is shown by /v1/events. They carry objects in the version that the account had then, so an event is taken for no more
than a name: the object is read again by its id. Events are kept for 30 days; a stream that lags by 29, or has never
landed, is listed whole first, and the events from before its list on are replayed over it. How far each stream has
followed the events stands in the cursor `events`, as JSON: the newest event's `created` as of before anything else was
read. Reading starts ten minutes before it: events are not visible at once, and many are of one second. Balance
transactions have no events and change only from pending to available: their cursor is the oldest one that is pending.
That an invoice item is on an invoice no event of the item shows: it is read again with the invoice whose lines name it.

Deletes: a changed object that Stripe does not know any more, or calls deleted, gets a tombstone, and so do its lines.
The census lists customers, products, prices, coupons and subscriptions whole; what landed and is not in a list is asked
for by its id before it is believed gone. Lines and items that left their parent get tombstones with it. A record of
which Stripe refuses a part does not land; it is named, and asked for again by the next load.

A restricted key that lacks a permission is refused, with Stripe's reason; it hides no field of what it may read.

Several accounts are read one after the other; where one fails, the others land. How their ids differ: accounts.py.

Alone: python -m ingestion.sources stripe
Settings: SOURCES__STRIPE__API_KEY of the one account there is, or of the first, whose ids stay as they are; ACCOUNTS, a
JSON list of {"id", "api_key", "start"}, the others; START (of an account that has none of its own), before which
invoices and their items, credit notes, charges, refunds and balance transactions are left alone (what they are of is
read however old it is). An account that is no longer listed stays as it was last read.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from ingestion.clock import iso, now
from ingestion.errors import SettingsError
from ingestion.landing import Batch, Landed, Landing, Record, tombstones
from ingestion.records import Chunk, Shape, extract_path, parse_object
from ingestion.settings import variable
from ingestion.sources.parts import (
    Feed,
    LoadOptions,
    Probe,
    Step,
    Stream,
    Unread,
    api_source,
    prefetch,
    resumed,
    vanished,
)
from ingestion.sources.stripe.accounts import AccountLanding
from ingestion.sources.stripe.api import Child, Endpoint, Family, StripeAccount, StripeApi, StripeSettings

EVENTS = "events"
UNREAD = "unread"
"""In the cursor, beside the streams: what of each could not be read, to be asked for again."""
OVERLAP = timedelta(minutes=10)
QUIET = timedelta(days=1)
"""Where nothing has happened for longer, the cursor follows the vendor's clock, or it would seem to lag."""

OLD_LINE = ("price", "proration", "tax_amounts")
# Expanded is what can be had in no other way: the tiers and currencies of a price, the products of a coupon, and which
# coupon a discount is of and until when: once it has ended, only the invoices name it. Payments of an invoice come with
# it, or each would have to be asked for.
PRODUCTS = Endpoint("products", "Products, active and not", "product")
PRICES = Endpoint(
    "prices",
    "Prices of the products, active and not, with their tiers and what they are in other currencies",
    "price",
    expand=("tiers", "currency_options"),
)
COUPONS = Endpoint("coupons", "Coupons, with the products they apply to", "coupon", expand=("applies_to",))
CUSTOMERS = Endpoint("customers", "Customers of the account", "customer")
SUBSCRIPTIONS = Endpoint(
    "subscriptions",
    "Subscriptions, ended ones too, with their discounts",
    "subscription",
    params={"status": "all"},  # without it those that ended are hidden
    expand=("discounts", "items.data.discounts"),
    old=("current_period_end",),
    children=(
        Child(
            "subscription_items",
            "Items of the subscriptions, whole per subscription",
            "items",
            "/v1/subscription_items",
            owner="subscription",
            expand=("discounts",),
        ),
    ),
)
INVOICES = Endpoint(
    "invoices",
    "Invoices in any status",
    "invoice",
    since_start=True,
    expand=("discounts", "payments"),
    old=("subscription", "paid", "total_tax_amounts"),
    children=(
        Child(
            "invoice_lines", "Lines of the invoices, whole per invoice", "lines", "/v1/invoices/{}/lines", old=OLD_LINE
        ),
        Child(
            "invoice_payments",
            "Payments of the invoices, whole per invoice",
            "payments",
            "/v1/invoice_payments",
            owner="invoice",
            may_lack=True,
        ),
    ),
)
INVOICE_ITEMS = Endpoint(
    "invoice_items",
    "Invoice items, on an invoice or waiting for one",
    "invoiceitem",
    since_start=True,
    old=("price", "unit_amount"),
    shape=Shape("id", cursor="date"),
    name="invoiceitems",
)
CREDIT_NOTES = Endpoint(
    "credit_notes",
    "Credit notes",
    "credit_note",
    since_start=True,
    old=("tax_amounts",),
    children=(
        Child(
            "credit_note_lines",
            "Lines of the credit notes, whole per credit note",
            "lines",
            "/v1/credit_notes/{}/lines",
            old=OLD_LINE,
        ),
    ),
)
CHARGES = Endpoint("charges", "Charges, failed ones too", "charge", since_start=True, old=("invoice",))
REFUNDS = Endpoint("refunds", "Refunds of charges", "refund", since_start=True)
BALANCE_TRANSACTIONS = Endpoint(
    "balance_transactions", "What moved the balance, with fees", "balance_transaction", since_start=True
)

CENSUS = (CUSTOMERS, PRODUCTS, PRICES, COUPONS, SUBSCRIPTIONS)
FOLLOWED = (*CENSUS, INVOICES, INVOICE_ITEMS, CREDIT_NOTES, CHARGES, REFUNDS)
EVERY = (*FOLLOWED, BALANCE_TRANSACTIONS)
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

    def __init__(
        self, settings: StripeSettings, account: StripeAccount, landing: Landing, options: LoadOptions
    ) -> None:
        self.all_landing, self.landing = landing, AccountLanding(landing, account.id)
        self.options = options
        self.max_deleted_share = settings.max_deleted_share
        self.api = StripeApi(settings, account)
        self.floor = int(datetime.combine(account.start or settings.start, time(), UTC).timestamp())
        self.feed: Feed
        self.is_answering = False
        self.changed: dict[str, set[str]] = defaultdict(set)
        self.unread = {one.stream: Unread("stripe", one.stream, one.kind) for one in EVERY}
        self.done: list[str] = []

    def steps(self) -> Iterator[Step]:
        """What is needed to understand a record lands before it."""
        yield Step("clock", EVENTS, self._read_clock)
        if not self.is_answering:
            return
        for endpoint in FOLLOWED:
            if self.resyncs[endpoint.stream] is not None or (self.options.census and endpoint in CENSUS):
                yield Step(f"list of {endpoint.stream}", endpoint.stream, partial(self._list, endpoint))
        yield Step(EVENTS, EVENTS, self._events)
        for endpoint in FOLLOWED:
            needs = (EVENTS, f"list of {endpoint.stream}")
            yield Step(endpoint.stream, endpoint.stream, partial(self._replay, endpoint), needs)
        yield Step("cursor", EVENTS, self._land_cursor)
        yield Step("balance_transactions", "balance_transactions", self._balance_transactions)

    def _read_clock(self) -> Iterator[Landed]:
        """How far there is to follow, before anything else is read."""
        newest, asked_at = self.api.newest_event()
        quiet_since = asked_at - QUIET
        self.mark = quiet_since if newest is None else max(_instant(newest), quiet_since)
        read_to = json.loads(self.landing.through(EVENTS) or "{}")
        for stream, keys in read_to.pop(UNREAD, {}).items():
            self.changed[stream].update(keys)
        self.feed = Feed(read_to, asked_at, "Stripe keeps events for 30 days only", self.options, OVERLAP)
        self.resyncs = {endpoint.stream: self.feed.why_resync(endpoint.stream) for endpoint in FOLLOWED}
        self.is_answering = True
        yield from ()

    # -- lists

    def _list(self, endpoint: Endpoint) -> Iterator[Landed]:
        alive, unread = self.landing.alive(endpoint.stream), self.unread[endpoint.stream]
        listed: set[str] = set()

        def listing() -> Iterator[list[Family]]:
            since = self.floor if endpoint.since_start else None
            for page in self.api.families(endpoint, unread, since):
                listed.update(family.key for family in page)
                yield page

        for landed in self._land(endpoint, listing()):
            yield replace(landed, note=self.resyncs[endpoint.stream] or "")

        def since_start(missing: set[str]) -> list[str]:
            payloads = self.landing.payloads(endpoint.stream, missing)
            return [key for key, text in payloads.items() if not self._is_before_start(endpoint, text)]

        listed.update(unread.errors)
        share = self.max_deleted_share
        if absent := vanished(self.all_landing, endpoint.stream, listed, share, alive=alive, expected=since_start):
            yield from self._reread(endpoint, absent)

    # -- what changed

    def _events(self) -> Iterator[Landed]:
        """Reads which objects changed since each stream was read; nothing of an event lands."""
        starts = {one.stream: int(self.feed.since(one.stream, self.mark).timestamp()) for one in FOLLOWED}
        for page in prefetch(self.api.events(min(starts.values()))):
            for event in page:
                for endpoint, member in TOUCHED.get(event.kind, ()):
                    key = event.object.get(member)
                    # an invoice that is still to come has an event, but no id
                    if isinstance(key, str) and event.created >= starts[endpoint.stream]:
                        self.changed[endpoint.stream].add(key)
        yield from ()

    def _replay(self, endpoint: Endpoint) -> Iterator[Landed]:
        yield from self._reread(endpoint, self.changed[endpoint.stream])
        if note := self.unread[endpoint.stream].note:
            yield replace(self.landing.land_together([Batch(endpoint.stream, [])])[0], note=note)
        self.done.append(endpoint.stream)

    def _billed(self, family: Family) -> Family:
        """The invoice items that an invoice's lines are made by are read again, for they may have come to it."""
        for line in family.children.get("invoice_lines", ()):
            if isinstance(line.payload, bytes):
                made_by = [extract_path(line.payload, path) for path in ITEM_OF_LINE]
                self.changed[INVOICE_ITEMS.stream].update(key for key in made_by if key)
        return family

    def _land_cursor(self) -> Iterator[Landed]:
        """One cursor for all, because a package for each would be nine an hour for nothing. What could not be read
        stands in it too: no event would name it again."""
        unread = {stream: sorted(one.errors) for stream, one in self.unread.items() if one.errors}
        moved = self.feed.moved(self.done, self.mark)
        self.landing.land_cursor(EVENTS, json.dumps({**moved, UNREAD: unread} if unread else moved))
        yield from ()

    def _balance_transactions(self) -> Iterator[Landed]:
        through = self.landing.through(BALANCE_TRANSACTIONS.stream)
        since = int(resumed(through, _instant(self.floor), OVERLAP, self.options).timestamp())
        settled: list[int] = []
        pending: list[int] = []

        def listing() -> Iterator[list[Family]]:
            for page in self.api.families(BALANCE_TRANSACTIONS, self.unread[BALANCE_TRANSACTIONS.stream], since):
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
        unread = self.unread[endpoint.stream]

        def families() -> Iterator[list[Family]]:
            for key in sorted(keys):
                with unread.asked(key):
                    yield [self._billed(self.api.family(endpoint, unread, key))]

        yield from self._land(endpoint, families())

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
        self.all_landing.refuse_loss(endpoint.stream, len(gone), len(alive), self.max_deleted_share)
        yield from self._commit(endpoint, batch, gone, reached())

    def _commit(
        self, endpoint: Endpoint, batch: "_Batch", gone: Collection[str] = (), through: str | None = None
    ) -> Iterator[Landed]:
        records, children = batch.take()
        batches = [Batch(endpoint.stream, [*records, *tombstones(gone)], through)]
        for child in endpoint.children:
            keys, own = children.get(child.stream, ([], []))
            left = self.landing.children(child.stream, [*keys, *gone]) - {one.record_id for one in own}
            batches.append(Batch(child.stream, [*own, *tombstones(left)]))
        yield from self.landing.land_together(batches)

    def _is_before_start(self, endpoint: Endpoint, payload: str) -> bool:
        created = _created(endpoint.shape.record(payload.encode(), now()))
        return endpoint.since_start and created is not None and created < self.floor


class _Batch:
    """Families held until they are worth a load."""

    def __init__(self) -> None:
        self._records = Chunk()
        self._parents: dict[str, list[str]] = defaultdict(list)
        self._children: dict[str, Chunk] = defaultdict(Chunk)

    def add(self, family: Family) -> None:
        if family.record:
            self._records.add([family.record])
            for stream, children in family.children.items():
                self._parents[stream].append(family.key)
                self._children[stream].add(children)

    @property
    def is_full(self) -> bool:
        return self._records.is_full or any(chunk.is_full for chunk in self._children.values())

    def take(self) -> tuple[list[Record], dict[str, tuple[list[str], list[Record]]]]:
        """The records, and of each stream of children whose they are and all of these."""
        parents, self._parents = self._parents, defaultdict(list)
        children = {stream: (parents[stream], chunk.take()) for stream, chunk in self._children.items()}
        return self._records.take(), children


def _created(record: Record | None) -> int | None:
    text = record.cursor if record else None
    return int(text) if text and text.isdecimal() else None


def _is_pending(record: Record | None) -> bool:
    return bool(
        record and isinstance(record.payload, bytes) and parse_object(record.payload).member("status") == "pending"
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _label(account: StripeAccount) -> str:
    return f"account {account.id}" if account.id else ""


def _steps(settings: StripeSettings, landing: Landing, options: LoadOptions) -> Generator[Step, None, None]:
    accounts = settings.all_accounts()
    if all(account.id for account in accounts) and landing.through(EVENTS):
        hint = (
            "missing, though its account landed, which would stay as it is and count twice beside one of ACCOUNTS; set "
            "it beside ACCOUNTS, which names the others alone, or load into a home of its own"
        )
        raise SettingsError(variable("stripe", "api_key"), hint)
    for account in accounts:
        for step in StripeLoad(settings, account, landing, options).steps():
            yield step.within(_label(account)) if account.id else step


def _probes(settings: StripeSettings) -> Iterator[Probe]:
    accounts = settings.all_accounts()
    for account in accounts:
        api = StripeApi(settings, account)
        of = f"{_label(account)}: " if account.id else ""
        # of several accounts one may sign in though another can not
        yield Probe(f"{of}read events", partial(_newest_event, api), needed=len(accounts) == 1)
        for endpoint in EVERY:
            yield Probe(f"{of}read {endpoint.stream}", partial(_first_page, api, endpoint))


def _newest_event(api: StripeApi) -> str:
    newest, _ = api.newest_event()
    return "; there are none" if newest is None else f"; the newest was created at {iso(_instant(newest))}"


def _first_page(api: StripeApi, endpoint: Endpoint) -> str:
    return "" if api.first_page(endpoint) else "; there are none"


def _streams() -> Iterator[Stream]:
    for endpoint in EVERY:
        yield Stream(endpoint.stream, endpoint.lands, "id")
        for child in endpoint.children:
            yield Stream(child.stream, child.lands, "id")


SOURCE = api_source(
    "stripe",
    "Stripe",
    _streams(),
    settings=StripeSettings,
    credentials=("api_key", "accounts"),
    steps=_steps,
    probes=_probes,
)
