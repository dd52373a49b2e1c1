"""What happened in billing: every change of a customer, subscription, invoice … as a plain fact, and the fold of them.

Belongs here: how billing facts are written, kept and folded. Does not: why they happen (contracts.py, cases.py,
everyday.py), the vendor's JSON (sandbox/vendors/stripe).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.company.billing.price_list import Catalogue, key
from sandbox.company.work.events import Event, due, insert
from sandbox.timestamps import DAY, ms

START, END = ms("2024-10-01T00:00:00Z"), ms("2026-12-01T00:00:00Z")
EVENTS_KEPT = 30 * DAY  # how long the vendor keeps an event
KINDS = (
    *("customer", "product", "price", "coupon", "subscription", "invoiceitem", "invoice"),
    *("credit_note", "charge", "refund", "dispute", "balance_transaction"),
)


@dataclass(frozen=True, slots=True)
class Billed(Event):
    """A record of billing comes, changes some values, or goes (values None). `what` is the vendor's word for it; where
    it is empty, no event of the vendor shows it. Of a kind that is not in KINDS nothing is kept but the event."""

    kind: str
    id: str
    what: str
    values: Mapping[str, Any] | None


@dataclass
class BillingWriter:
    """Facts being written, in any order."""

    seed: int
    changes: list[Billed] = field(default_factory=list)
    _given: Counter[str] = field(default_factory=Counter)

    def id(self, prefix: str) -> str:
        self._given[prefix] += 1
        return key(prefix, self.seed, self._given[prefix])

    def write(self, at: int, kind: str, number: str, what: str, /, **values: Any) -> None:
        self.changes.append(Billed(at, kind, number, what, values))

    def remove(self, at: int, kind: str, number: str) -> None:
        self.changes.append(Billed(at, kind, number, "deleted", None))


Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BillingEvent:
    """A change as the vendor's event shows it: the record before and after."""

    number: int
    change: Billed
    before: Record | None
    after: Record


class Billing:
    """All that happens in billing, in order."""

    def __init__(self, catalogue: Catalogue, changes: list[Billed]) -> None:
        self.catalogue = catalogue
        self.changes = sorted(changes, key=lambda change: change.at)

    def happen(self, change: Billed) -> Billed:
        return insert(self.changes, change)

    def books(self, now: int | str) -> BillingRecords:
        """A fresh fold of everything up to an instant."""
        books = BillingRecords(self)
        books.advance(ms(now))
        return books


class BillingRecords:
    """Every record of billing at `now`, in the order in which they came."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing
        self.now = 0
        self.records: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.gone: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self.recent: deque[BillingEvent] = deque()
        self._applied = 0

    def advance(self, now: int) -> None:
        for change in due(self.billing.changes, self._applied, now):
            self._apply(change)
            self._applied += 1
        self.now = max(now, self.now)
        while self.recent and self.recent[0].change.at < self.now - EVENTS_KEPT:
            self.recent.popleft()

    def _apply(self, change: Billed) -> None:
        fresh = {"id": change.id, "created": change.at}
        if change.kind not in self.records:
            self.recent.append(BillingEvent(self._applied, change, None, {**fresh, **(change.values or {})}))
            return
        known = self.records[change.kind]
        before = known.get(change.id)
        if change.what == "created":  # a plan may be made anew under its id
            self.gone[change.kind].discard(change.id)
        if change.id in self.gone[change.kind]:
            return
        if change.values is None:
            if before is None:
                return
            self.gone[change.kind].add(change.id)
            after = known.pop(change.id)
        else:
            known[change.id] = after = {**(fresh if before is None else before), **change.values}
        if change.what:
            self.recent.append(BillingEvent(self._applied, change, before, after))
