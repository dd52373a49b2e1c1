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
on. Periods after the closing date of the books are read with each load, closed ones with the census and where a
document of that time or before came, changed or went. A report lands when its columns or rows differ (its header says
when); a closed period that differs is announced.

The general ledger has postings that are in no document (payroll, payments of tax, the cost of what was in stock), so it
is the ledger, and documents explain it. It is asked for with the columns that ledger.py names, for a period, and for
all the time before the first one: the books of all years are one. Where an answer is cut off the period lands in parts,
and what a period was before is marked deleted in the same package. QuickBooks books the cost of a sale minutes after
it: a period that differs from what landed has its trial balance read before and after its ledger, and both are read
again until nothing moved.

Alone: python -m ingestion.sources quickbooks
Settings: SOURCES__QUICKBOOKS__CLIENT_ID, CLIENT_SECRET, REALM_ID, REFRESH_TOKEN (the first one; later ones are kept in
the restricted folder, see tokens.py); START, the first day of the reports.
"""

import json
from calendar import month_name
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import msgspec

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.records import Chunk, extract_path, parse_object
from ingestion.settings import variable
from ingestion.sources.files.fiscal_calendar import FiscalPeriod, periods, read_calendar
from ingestion.sources.files.load import folder
from ingestion.sources.parts import (
    Feed,
    Finding,
    LoadOptions,
    Probe,
    Step,
    Stream,
    api_source,
    chunked,
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
from ingestion.sources.quickbooks.ledger import BEGINNING, columns_to_ask, has_rows, pieces

CHANGES = "changes"
NEVER = "9999-12-31"
SOON = timedelta(days=14)
MAX_READS = 3
"""Of a period whose books move meanwhile."""
# An employee here may carry what a person earns and when they were born, which only the HR system may show.
EMPLOYEE = "domain sparse Id SyncToken MetaData EmployeeNumber DisplayName GivenName FamilyName PrintOnCheckName Active"
EMPLOYED = "HiredDate ReleasedDate BillableTime"
LISTS = (
    Entity("accounts", "Account", "Accounts of the ledger, active and not", is_list=True),
    Entity("classes", "Class", "Classes that lines are tagged with, active and not", is_list=True),
    Entity(
        "departments",
        "Department",
        "Departments (locations) that documents are tagged with, active and not",
        is_list=True,
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
    ),
)
TRIAL_BALANCE = Report("trial_balances", "TrialBalance", "Trial balance at the end of a period", since_year=True)
PROFIT_AND_LOSS = Report(
    "profit_and_loss_by_class",
    "ProfitAndLoss",
    "Profit and loss of a period by class",
    {"summarize_column_by": "Classes"},
)
GENERAL_LEDGER = Report("general_ledgers", "GeneralLedger", "Postings of a period, account by account")
REPORTS = (PROFIT_AND_LOSS, GENERAL_LEDGER, TRIAL_BALANCE)
ENTITIES = (*LISTS, *DOCUMENTS)
MONTHS = month_name[1:]


class QuickBooksLoad:
    """One load of one company."""

    def __init__(self, settings: QuickBooksSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.calendar = read_calendar(folder())
        self.api = QuickBooksApi(settings)
        self.company, self.asked_at = self.api.company_info()
        before = json.loads(landing.through(CHANGES) or "{}")
        limit = "QuickBooks keeps changes for 30 days only"
        self.feed = Feed(before.get("read_to", {}), self.asked_at, limit, options)
        self.first_day: str = before.get("first_day", NEVER)
        self.touched: str = before.get("touched", NEVER)
        self.remembered = self.touched
        self.closed: str = before.get("closed", "")
        self.closing = self.closed
        self.done: list[str] = []
        self.reported: list[Report] = []
        self.columns: list[tuple[str, ...]] = []
        """Of the general ledger: the first that QuickBooks does not refuse counts."""
        self.known_columns: str = before.get("columns", "")
        self.opening: str = before.get("opening", "")
        """The last day before the first period, when its ledger was read."""
        self.balances = Reported(landing, TRIAL_BALANCE.stream)

    def steps(self) -> Iterator[Step]:
        """Names land before the documents that use them, and both before the reports that are compared with them."""
        yield Step(COMPANY_INFO.stream, COMPANY_INFO.stream, self._company_info)
        yield Step(PREFERENCES.stream, PREFERENCES.stream, self._preferences)
        for entity in ENTITIES:
            yield Step(entity.stream, entity.stream, partial(self._entity, entity))
        of = PREFERENCES.stream
        yield Step(PROFIT_AND_LOSS.stream, PROFIT_AND_LOSS.stream, self._profit_and_loss, (of,))
        yield Step(GENERAL_LEDGER.stream, GENERAL_LEDGER.stream, self._ledger, (of,))
        yield Step(TRIAL_BALANCE.stream, TRIAL_BALANCE.stream, self._trial_balances, (GENERAL_LEDGER.stream,))
        yield Step("cursor", CHANGES, self._land_cursor)

    def _company_info(self) -> Iterator[Landed]:
        yield self.landing.land(COMPANY_INFO.stream, [self.company])

    def _preferences(self) -> Iterator[Landed]:
        preferences = self.api.preferences()
        self.closing = extract_path(_text(preferences), "AccountingInfoPrefs.BookCloseDate") or ""
        self.columns = columns_to_ask(_text(preferences))
        known = tuple(self.known_columns.split(","))
        if known in self.columns and not self.options.census:
            self.columns = self.columns[self.columns.index(known) :]
        yield self.landing.land(PREFERENCES.stream, [preferences])

    # -- entities

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
                self._touch(entity, (text.encode() for text in self.landing.payloads(entity.stream, gone).values()))
            yield self._commit(entity, [*records, *tombstones(gone if is_last else ())])

    def _touch(self, entity: Entity, payloads: Iterable[bytes]) -> None:
        """Documents came, changed or went: from the day of the earliest on the reports may be others."""
        if entity in DOCUMENTS:
            self.touched = min([self.touched, *filter(None, map(_day, payloads))])

    def _commit(self, entity: Entity, records: list[Record]) -> Landed:
        is_old = self.touched <= max(self.closed, self.first_day)
        if self.feed.read_to and is_old and self.touched < self.remembered:
            # first: the load after a kill finds the document landed, and nothing that says what it touched
            self._remember(self.feed.read_to, self.closed, self.touched)
        return self.landing.land(entity.stream, records)

    def _land_cursor(self) -> Iterator[Landed]:
        """The closing date counts once every report was read under it, and what was touched until then."""
        read_to = self.feed.moved(self.done, self.asked_at)
        is_reported = len(self.reported) == len(REPORTS)
        if is_reported:
            self.known_columns = self._columns
        self._remember(read_to, *((self.closing, NEVER) if is_reported else (self.closed, self.touched)))
        yield from ()

    def _remember(self, read_to: Mapping[str, str], closed: str, touched: str) -> None:
        """One cursor for all, because a package for each would be twenty an hour for nothing."""
        self.remembered = touched
        through = {"read_to": dict(read_to), "first_day": self._first_day, "closed": closed, "touched": touched}
        through |= {"columns": self.known_columns, "opening": self.opening}
        self.landing.land(CHANGES, [], through=json.dumps(through))

    # -- reports

    def _profit_and_loss(self) -> Iterator[Landed]:
        results = Reported(self.landing, PROFIT_AND_LOSS.stream)
        for period in self._due(results):
            text = self.api.report(PROFIT_AND_LOSS, period.first_day, period.last_day)
            self._take(results, period, {_key(period): text})
            if results.chunk.is_full:
                yield results.land()
        yield results.end()
        self.reported.append(PROFIT_AND_LOSS)

    def _ledger(self) -> Iterator[Landed]:
        """The postings of all time, with the trial balances that they are held against; ``_trial_balances`` lands what
        is left of these."""
        ledger, moved = Reported(self.landing, GENERAL_LEDGER.stream), []
        opening = next((period.first_day - timedelta(days=1) for period in self._periods()), None)
        if opening is not None:
            yield from self._opening(ledger, opening)
        for period in self._due(ledger, self.balances):
            found = self._read_together(period, ledger)
            if found is None:
                moved.append(_named(period))
                ledger.keep(period)
                self.balances.keep(period)
                continue
            balance, answers = found
            self._take(ledger, period, answers)
            self._take(self.balances, period, {_key(period): balance})
            if ledger.chunk.is_full:
                yield ledger.land()
                yield self.balances.land()
        note = f"the books moved each time that these were read, which stay as they were: {', '.join(moved)}"
        yield ledger.end(note if moved else "")
        self.opening = str(opening)
        if not moved:
            self.reported.append(GENERAL_LEDGER)

    def _trial_balances(self) -> Iterator[Landed]:
        yield self.balances.end()
        self.reported.append(TRIAL_BALANCE)

    def _opening(self, ledger: "Reported", last_day: date) -> Iterator[Landed]:
        """What was posted before the first period: nothing, unless START or a posting without a document says so."""
        before = FiscalPeriod("before", "", "", 0, BEGINNING, last_day)
        if self._is_due(before, self.opening == last_day.isoformat()):
            answers = {key: text for key, text in self._answers(before).items() if has_rows(text)}
            self._take(ledger, before, answers)
            if ledger.chunk.is_full:
                yield ledger.land()
        else:
            ledger.keep(before)

    def _read_together(self, period: FiscalPeriod, ledger: "Reported") -> tuple[bytes, dict[str, bytes]] | None:
        """Trial balance and ledger as of one instant; None where the books never stood still."""
        balance = self._trial_balance(period)
        for _ in range(MAX_READS):
            answers = self._answers(period)
            if not ledger.differs(period, answers) and not self.balances.differs(period, {_key(period): balance}):
                return balance, answers
            again = self._trial_balance(period)
            if figures(again) == figures(balance):
                return balance, answers
            balance = again
        return None

    def _trial_balance(self, period: FiscalPeriod) -> bytes:
        year_start = self._year_start(period.last_day)
        try:
            return self.api.report(TRIAL_BALANCE, year_start, period.last_day)
        except SourceError as error:
            hint = f"the trial balance that it is read with: {error.hint}"
            at = error.cursor
            raise SourceError("quickbooks", GENERAL_LEDGER.stream, hint, cursor=at, status=error.status) from None

    def _answers(self, period: FiscalPeriod) -> dict[str, bytes]:
        def ask(first_day: date, last_day: date) -> bytes:
            while True:
                try:
                    return self.api.report(GENERAL_LEDGER, first_day, last_day, self.columns[0])
                except SourceError as error:
                    if error.status != 400 or len(self.columns) == 1:
                        raise
                    del self.columns[0]

        answered = pieces(ask, period.first_day, period.last_day)
        return {f"{first_day}/{last_day}": text for first_day, last_day, text in answered}

    @property
    def _columns(self) -> str:
        return ",".join(self.columns[0]) if self.columns else ""

    def _due(self, *streams: "Reported") -> Iterator[FiscalPeriod]:
        """The periods to read; what landed of the others stays."""
        for period in self._periods():
            if self._is_due(period, all(one.keys(period) for one in streams)):
                yield period
                continue
            for one in streams:
                one.keep(period)

    def _is_due(self, period: FiscalPeriod, was_read: bool) -> bool:
        last_day = period.last_day.isoformat()
        is_closed = was_read and last_day <= min(self.closed, self.closing)
        is_touched = self.options.census or last_day >= self.touched or self.known_columns != self._columns
        return is_touched or not is_closed

    def _take(self, reported: "Reported", period: FiscalPeriod, answers: Mapping[str, bytes]) -> None:
        was_closed = bool(reported.keys(period)) and period.last_day.isoformat() <= self.closed
        is_asked_as_before = self.known_columns == self._columns
        if reported.take(period, answers) and was_closed and is_asked_as_before:
            reported.restated.append(_named(period))

    def _periods(self) -> Iterator[FiscalPeriod]:
        """The company's fiscal periods from the first with figures to the one that holds today."""
        first, today = max(self._first_day, self.settings.start.isoformat()), now().date()
        for period in periods(self.calendar, today):
            if period.first_day <= today and period.last_day.isoformat() >= first:
                yield period

    @property
    def _first_day(self) -> str:
        """The day of the first document ever seen."""
        return min(self.first_day, self.touched)

    def _year_start(self, day: date) -> date:
        """The first day of the fiscal year, as QuickBooks has it, that the day is in."""
        reported = extract_path(_text(self.company), "FiscalYearStartMonth") or ""
        if reported not in MONTHS:
            hint = "FiscalYearStartMonth is not the name of a month; set it in QuickBooks' account settings"
            raise SourceError("quickbooks", COMPANY_INFO.stream, hint)
        month = MONTHS.index(reported) + 1
        return date(day.year - (day.month < month), month, 1)


class Reported:
    """The answers of one report, on their way to landing; the days in its keys say what landed of a period."""

    def __init__(self, landing: Landing, stream: str) -> None:
        self.landing, self.stream = landing, stream
        self.alive = landing.alive(stream)
        self.wanted: set[str] = set()
        self.chunk = Chunk()
        self.restated: list[str] = []

    def keys(self, period: FiscalPeriod) -> set[str]:
        first_day, last_day = _key(period).split("/")
        days = {key: key.split("/") for key in self.alive}
        return {key for key, (first, last) in days.items() if first_day <= first and last <= last_day}

    def keep(self, period: FiscalPeriod) -> None:
        self.wanted |= self.keys(period)

    def differs(self, period: FiscalPeriod, answers: Mapping[str, bytes]) -> bool:
        return self.keys(period) != answers.keys() or bool(self._changed(answers))

    def take(self, period: FiscalPeriod, answers: Mapping[str, bytes]) -> bool:
        """Puts what changed into the next load, with what it replaces; whether something did."""
        gone = self.keys(period) - answers.keys()
        changed = self._changed(answers)
        self.chunk.add([*(Record(key, answers[key], now()) for key in changed), *tombstones(gone)])
        self.alive -= gone
        self.wanted |= answers.keys()
        return bool(gone or changed)

    def land(self) -> Landed:
        return self.landing.land(self.stream, self.chunk.take())

    def end(self, note: str = "") -> Landed:
        """Lands the rest and marks the periods deleted that are none any more."""
        self.chunk.add(tombstones(self.alive - self.wanted))
        restated = f"closed periods were restated: {', '.join(self.restated)}" if self.restated else ""
        return replace(self.land(), note="; ".join(filter(None, (restated, note))))

    def _changed(self, answers: Mapping[str, bytes]) -> list[str]:
        landed = self.landing.payloads(self.stream, sorted(answers))
        return [key for key, text in answers.items() if key not in landed or figures(text) != figures(landed[key])]


class _Document(msgspec.Struct):
    TxnDate: str = ""


def _day(payload: bytes) -> str:
    try:
        return msgspec.json.decode(payload, type=_Document).TxnDate
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _text(record: Record) -> bytes:
    return record.payload if isinstance(record.payload, bytes) else (record.payload or "").encode()


def _version(payload: bytes) -> int:
    reported = extract_path(payload, "SyncToken") or ""
    return int(reported) if reported.isdecimal() else 0


def _key(period: FiscalPeriod) -> str:
    return f"{period.first_day}/{period.last_day}"


def _named(period: FiscalPeriod) -> str:
    return f"{period.period} ({period.first_day} to {period.last_day})"


def figures(report: bytes | str) -> list[bytes]:
    """What a report says: its header says when it was made, too."""
    members = parse_object(report.encode() if isinstance(report, str) else report).members
    return [bytes(members[name]) for name in ("Columns", "Rows") if name in members]


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
    for entity in (PREFERENCES, *ENTITIES):
        yield Probe(f"read {entity.stream}", partial(newest, entity))
    for report in REPORTS:
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
)
