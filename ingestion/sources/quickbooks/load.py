"""QuickBooks Online: the books of one company, by an app that a person connected to it.

Upstream -> table (landing/quickbooks/<table>; payloads as they came, documents whole with their lines):
  select * from CompanyInfo, Preferences                 -> company_info, preferences
  … Account, Class, Department, Customer, Vendor, Item   -> accounts, classes, departments, customers, vendors, items
  … Employee, names and dates only                       -> employees
  … JournalEntry, Invoice, CreditMemo, SalesReceipt, RefundReceipt, Payment, Deposit, Transfer, Bill, VendorCredit,
    BillPayment, Purchase, CreditCardPayment             -> journal_entries, invoices, credit_memos, …
  GET reports/TrialBalance, ProfitAndLoss by class       -> trial_balances, profit_and_loss_by_class (one a period)
  GET reports/GeneralLedger                              -> general_ledgers (the ledger itself: one an answer)

Cursor: an entity is read whole by query once, then by its changes (CDC), one entity a request: an answer holds 1,000
objects of all entities together and says nothing of the rest. Where it is full, the living are read by a query for
`MetaData.LastUpdatedTime` and the dead are found as the census finds them. Changes are kept for 30 days; a stream that
lags by 29 is read whole again. How far each was read stands in the cursor `changes`, as JSON: the vendor's clock as of
before anything else was read, from which the next load goes back ten minutes. It is an instant, so that the Pacific
offsets of QuickBooks' own times don't matter. An older version than the one that landed (by its SyncToken) is left.

Deletes: changes show deleted records as a stub with nothing in it; queries never show them. A void is no delete: the
document stays, with amounts of 0. The census lists the ids of every entity; what is only here or only there is asked
for by its id before it is believed gone or new. Names that were made inactive stay and are asked for by name.

Reports are read for the company's fiscal periods (company files; else calendar months) from START or the first document
on. Periods after the closing date of the books are read with each load, closed ones with the census and where something
of that time or before came, changed or went: a document, or an account that was merged into another or changed its
type, and with it all that was ever posted there. A report lands when its columns or rows differ (its header says when);
a closed period that differs is announced.

The general ledger has postings that are in no document (payroll, payments of tax, the cost of what was in stock), so it
is the ledger, and documents explain it. It is asked for with the columns that ledger.py names, for a period, and for
all the time before the first one: the books of all years are one. Where an answer is cut off the period lands in parts,
and what a period was before is marked deleted in the same package.

Alone: python -m ingestion.sources quickbooks
Settings: SOURCES__QUICKBOOKS__CLIENT_ID, CLIENT_SECRET, REALM_ID, REFRESH_TOKEN (the first one; later ones are kept in
the restricted folder, see tokens.py); START, the first day of the reports; LEAVE_OUT, streams that the company's plan
does not have (`classes,departments`, say).
"""

import json
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import msgspec

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.records import extract_path
from ingestion.settings import variable
from ingestion.sources.parts import (
    Feed,
    Finding,
    LoadOptions,
    Probe,
    Step,
    Stream,
    Watched,
    api_source,
    chunked,
    left_out,
    vanished,
)
from ingestion.sources.quickbooks.api import (
    COMPANY_INFO,
    PREFERENCES,
    Entity,
    QuickBooksApi,
    QuickBooksSettings,
    Report,
)
from ingestion.sources.quickbooks.periods import BooksPeriods
from ingestion.sources.quickbooks.reports import GENERAL_LEDGER, PROFIT_AND_LOSS, REPORTS, TRIAL_BALANCE, ReportsLoad

CHANGES, CLASSES = "changes", "classes"
LEAVE_OUT = variable("quickbooks", "leave_out")
SOON = timedelta(days=14)
# An employee here may carry what a person earns and when they were born, which only the HR system may show.
EMPLOYEE = "domain sparse Id SyncToken MetaData EmployeeNumber DisplayName GivenName FamilyName PrintOnCheckName Active"
EMPLOYED = "HiredDate ReleasedDate BillableTime"
LISTS = (
    Entity("accounts", "Account", "Accounts of the ledger, active and not", is_list=True),
    Entity(
        "classes",
        "Class",
        "Classes that lines are tagged with, active and not",
        is_list=True,
        suffers="nothing is allotted to products by class, and the profit and loss by class is not read",
    ),
    Entity(
        "departments",
        "Department",
        "Departments (locations) that documents are tagged with, active and not",
        is_list=True,
        suffers="nothing is allotted to products by location",
    ),
    Entity("customers", "Customer", "Customers, active and not", is_list=True),
    Entity("vendors", "Vendor", "Vendors, active and not", is_list=True),
    Entity("items", "Item", "Items that are sold and bought, active and not", is_list=True),
    Entity(
        "employees",
        "Employee",
        "Employees by name, active and not",
        is_list=True,
        members=frozenset(f"{EMPLOYEE} {EMPLOYED}".split()),
        suffers="expenses of employees name nobody",
    ),
)
DOCUMENTS = (
    Entity("journal_entries", "JournalEntry", "Journal entries with their lines"),
    Entity("invoices", "Invoice", "Invoices with their lines, void ones too"),
    Entity("credit_memos", "CreditMemo", "Credit memos with their lines"),
    Entity("sales_receipts", "SalesReceipt", "Sales that were paid at once, with their lines"),
    Entity("refund_receipts", "RefundReceipt", "Refunds to customers, with their lines"),
    Entity("payments", "Payment", "Payments of customers, with what they pay"),
    Entity("deposits", "Deposit", "Deposits into bank accounts, with their lines"),
    Entity("transfers", "Transfer", "Transfers between accounts"),
    Entity("bills", "Bill", "Bills of vendors with their lines"),
    Entity("vendor_credits", "VendorCredit", "Credits of vendors with their lines"),
    Entity("bill_payments", "BillPayment", "Payments to vendors, with what they pay"),
    Entity("purchases", "Purchase", "Expenses, checks and card charges, with their lines"),
    Entity(
        "credit_card_payments",
        "CreditCardPayment",
        "Payments of a card from a bank account",
        answered="CreditCardPaymentTxn",
        suffers="the ledger has these payments without the documents that explain them",
    ),
)
ENTITIES = (*LISTS, *DOCUMENTS)
OPTIONAL = {entity.stream: entity.suffers for entity in ENTITIES if entity.suffers}
GROUPED = tuple(one for one in LISTS if one.stream in ("accounts", "classes", "departments"))
"""What reports are by."""

# Whom the app was connected by sees all or is refused; a class is missing where nobody chose it.
UNUSED = f"nothing is allotted to products by class; choose one in the documents, or set {LEAVE_OUT}={CLASSES}"
WATCHED = tuple(
    Watched(
        CLASSES,
        (field,),
        UNUSED,
        also=tuple(one.stream for one in DOCUMENTS),
        given=(PREFERENCES.stream, f"AccountingInfoPrefs.{tracked}", "true"),
    )
    for tracked, field in (("ClassTrackingPerTxnLine", "Line[*].*.ClassRef"), ("ClassTrackingPerTxn", "ClassRef"))
)


class QuickBooksLoad:
    """One load of one company."""

    def __init__(self, settings: QuickBooksSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.api = QuickBooksApi(settings)
        self.company, self.asked_at = self.api.company_info()
        before = json.loads(landing.through(CHANGES) or "{}")
        limit = "QuickBooks keeps changes for 30 days only"
        self.feed = Feed(before.get("read_to", {}), self.asked_at, limit, options)
        self.periods = BooksPeriods(before, settings.start, options.census)
        self.remembered = self.periods.touched
        self.done: list[str] = []
        self.reports = ReportsLoad(self.api, landing, self.periods, before, _text(self.company))

    def steps(self) -> Iterator[Step]:
        """Names land before the documents that use them, and both before the reports that are compared with them."""
        yield Step(COMPANY_INFO.stream, COMPANY_INFO.stream, self._company_info)
        yield Step(PREFERENCES.stream, PREFERENCES.stream, self._preferences)
        for entity in ENTITIES:
            yield Step(entity.stream, entity.stream, partial(self._entity, entity))
        of = PREFERENCES.stream
        has_classes = CLASSES not in left_out(SOURCE.name, OPTIONAL, self.settings.leave_out)
        results = self.reports.profit_and_loss if has_classes else self._without_results
        yield Step(PROFIT_AND_LOSS.stream, PROFIT_AND_LOSS.stream, results, (of,))
        yield Step(GENERAL_LEDGER.stream, GENERAL_LEDGER.stream, self.reports.ledger, (of,))
        yield Step(TRIAL_BALANCE.stream, TRIAL_BALANCE.stream, self.reports.trial_balances, (GENERAL_LEDGER.stream,))
        yield Step("cursor", CHANGES, self._land_cursor)

    def _company_info(self) -> Iterator[Landed]:
        yield self.landing.land(COMPANY_INFO.stream, [self.company])

    def _preferences(self) -> Iterator[Landed]:
        preferences = self.api.preferences()
        self.periods.closing = extract_path(_text(preferences), "AccountingInfoPrefs.BookCloseDate") or ""
        self.reports.choose_columns(_text(preferences))
        yield self.landing.land(PREFERENCES.stream, [preferences])

    # -- entities

    def _without_results(self) -> Iterator[Landed]:
        note = f"{PROFIT_AND_LOSS.stream}: left out with {CLASSES} by {LEAVE_OUT}; the ledger is not compared with it"
        yield replace(self.reports.leave_out(PROFIT_AND_LOSS), note=note)

    def _entity(self, entity: Entity) -> Iterator[Landed]:
        why = self.feed.why_resync(entity.stream)
        if why is not None:
            yield from self._whole(entity, why)
        else:
            yield from self._changes(entity)
            if self.options.census:
                yield from self._census(entity)
        self.done.append(entity.stream)

    def _whole(self, entity: Entity, why: str) -> Iterator[Landed]:
        alive = self._alive(entity)
        listed: set[str] = set()

        def listing() -> Iterator[list[Record]]:
            for page in self.api.records(entity):
                listed.update(record.record_id for record in page)
                yield page

        for landed in self._land(entity, listing()):
            yield replace(landed, note=why)
        yield from self._settle(entity, alive, listed)

    def _changes(self, entity: Entity) -> Iterator[Landed]:
        since = self.feed.since(entity.stream, self.asked_at)
        changes = self.api.changes(entity, since)
        pages = [changes.records] if changes.is_whole else self.api.records(entity, since)
        gone = changes.deleted if changes.is_whole else ()
        yield from self._land(entity, (self._newer(entity, page) for page in pages), gone)
        if not changes.is_whole and not self.options.census:
            yield from self._census(entity)

    def _newer(self, entity: Entity, records: list[Record]) -> list[Record]:
        """What differs from the landed version and is not behind it: not every server of the vendor knows the newest
        one at once."""
        landed = self.landing.payloads(entity.stream, [record.record_id for record in records])
        before = {key: text.encode() for key, text in landed.items()}
        newer = []
        for record in records:
            text, known = _text(record), before.get(record.record_id, b"")
            if text != known and _version(text) >= _version(known):
                newer.append(record)
                self._touch(entity, [known])
                if known and entity in GROUPED and _counted(known) != _counted(text):
                    self.periods.touch_all()
        return newer

    def _census(self, entity: Entity) -> Iterator[Landed]:
        alive, listed = self._alive(entity), self.api.ids(entity)
        yield from self._settle(entity, alive, listed, listed - alive)

    def _settle(
        self, entity: Entity, alive: set[str], listed: set[str], unlanded: Collection[str] = ()
    ) -> Iterator[Landed]:
        """Asks by id for what is only in landing or only in the list, lands what there is and marks what is gone."""
        found: list[Record] = []

        def unknown(missing: set[str]) -> set[str]:
            if asked := missing.union(unlanded):
                found.extend(self.api.known(entity, asked))
            return missing - {record.record_id for record in found}

        share = self.settings.max_deleted_share
        gone = vanished(self.landing, entity.stream, listed, share, alive=alive, confirmed=unknown)
        if found or gone:
            yield from self._land(entity, [found], gone)

    def _alive(self, entity: Entity) -> set[str]:
        """What is in landing, but for records that landed without an id and so can't be asked for."""
        return {key for key in self.landing.alive(entity.stream) if key.isdecimal()}

    def _land(self, entity: Entity, pages: Iterable[list[Record]], gone: Collection[str] = ()) -> Iterator[Landed]:
        def touched() -> Iterator[list[Record]]:
            for page in pages:
                self._touch(entity, map(_text, page))
                yield page

        for records, is_last in chunked(touched()):
            if is_last and gone:
                before = self.landing.payloads(entity.stream, gone)
                self._touch(entity, (text.encode() for text in before.values()))
                if before and entity in GROUPED:
                    self.periods.touch_all()
            yield self._commit(entity, [*records, *tombstones(gone if is_last else ())])

    def _touch(self, entity: Entity, payloads: Iterable[bytes]) -> None:
        if entity in DOCUMENTS:
            self.periods.touch(map(_day, payloads))

    def _commit(self, entity: Entity, records: list[Record]) -> Landed:
        touched = self.periods.touched
        if self.feed.read_to and self.periods.is_of_closed_books and touched < self.remembered:
            # first: the load after a kill finds the document landed, and nothing that says what it touched
            self._remember(self.feed.read_to, is_reported=False)
        return self.landing.land(entity.stream, records)

    def _land_cursor(self) -> Iterator[Landed]:
        self._remember(self.feed.moved(self.done, self.asked_at), self.reports.is_whole)
        yield from ()

    def _remember(self, read_to: Mapping[str, str], is_reported: bool) -> None:
        """One cursor for all, because a package for each would be twenty an hour for nothing."""
        self.remembered = self.periods.touched
        through = {"read_to": dict(read_to), **self.periods.remembered(is_reported), **self.reports.remembered()}
        self.landing.land(CHANGES, [], through=json.dumps(through))


class _Document(msgspec.Struct):
    TxnDate: str = ""


def _day(payload: bytes) -> str:
    try:
        return msgspec.json.decode(payload, type=_Document).TxnDate
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


class _Listed(msgspec.Struct):
    Active: bool = True
    AccountType: str = ""


def _counted(payload: bytes) -> _Listed | None:
    """What of an account or class says where reports count its postings: one that is merged into another goes."""
    try:
        return msgspec.json.decode(payload, type=_Listed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _text(record: Record) -> bytes:
    return record.payload if isinstance(record.payload, bytes) else (record.payload or "").encode()


def _version(payload: bytes) -> int:
    reported = extract_path(payload, "SyncToken") or ""
    return int(reported) if reported.isdecimal() else 0


def _steps(settings: QuickBooksSettings, landing: Landing, options: LoadOptions) -> Generator[Step, None, None]:
    yield from QuickBooksLoad(settings, landing, options).steps()


def _probes(settings: QuickBooksSettings) -> Iterator[Probe]:
    api = QuickBooksApi(settings)

    asked_at = now()

    def signed_in() -> list[Finding]:
        nonlocal asked_at
        try:
            _, asked_at = api.company_info()
        except SourceError as error:
            return [Finding(False, f"read {error.stream}", error.hint)]  # of the tokens, perhaps
        return [Finding(True, f"read {COMPANY_INFO.stream}")]

    def connected() -> Iterator[Finding]:
        if until := api.tokens.refresh_until:
            hint = f"connect the app to the company again and set {variable('quickbooks', 'refresh_token')} before then"
            yield Finding(until - asked_at > SOON, f"connected until {until:%Y-%m-%d} if not used before", hint)

    def newest(entity: Entity) -> str:
        found = api.newest(entity)
        return f"; the newest changed at {found.cursor}" if found else "; there are none"

    def of_today(report: Report) -> str:
        api.report(report, asked_at.date(), asked_at.date())
        return ""

    yield Probe(f"read {COMPANY_INFO.stream}", signed_in, needed=True)
    yield Probe("connection", connected)
    has_classes = CLASSES not in left_out(SOURCE.name, OPTIONAL, settings.leave_out)
    for entity in (PREFERENCES, *ENTITIES):
        yield Probe(f"read {entity.stream}", partial(newest, entity))
    for report in (one for one in REPORTS if one is not PROFIT_AND_LOSS or has_classes):
        yield Probe(f"read {report.stream}", partial(of_today, report))


SOURCE = api_source(
    "quickbooks",
    "QuickBooks Online",
    (
        *(Stream(one.stream, one.lands, "Id") for one in (COMPANY_INFO, PREFERENCES, *ENTITIES)),
        *(Stream(report.stream, report.lands, "first day/last day of the period") for report in REPORTS),
    ),
    settings=QuickBooksSettings,
    credentials=("client_id", "client_secret", "realm_id", "refresh_token"),
    steps=_steps,
    probes=_probes,
    watched=WATCHED,
    optional=OPTIONAL,
)
