"""QuickBooks' reports, period by period: which are read, and that they are of one instant.

Belongs here: the trial balance, the profit and loss and the general ledger of each period. Does not: which periods are
due (periods.py), what lands of an answer (reported.py), the ledger's columns (ledger.py).

QuickBooks books the cost of a sale minutes after it: a period that differs from what landed has its trial balance read
before and after its ledger, and both are read again until nothing moved.

A period that QuickBooks refuses costs that period: it stays as it landed, is named, and asked for by the next load.
Where nothing of it had landed, what did come of ledger and trial balance lands alone, so that the periods after it can
be proven; dbt holds back a period that lacks one of the two.
"""

from calendar import month_name
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial

from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing
from ingestion.records import extract_path
from ingestion.sources.files.fiscal_calendar import FiscalPeriod
from ingestion.sources.parts import is_of_child
from ingestion.sources.quickbooks.api import COMPANY_INFO, PASSING, QuickBooksApi, Report
from ingestion.sources.quickbooks.ledger import BEGINNING, columns_to_ask, has_rows, pieces
from ingestion.sources.quickbooks.periods import BooksPeriods
from ingestion.sources.quickbooks.reported import Reported, figures, key_of, name_of

MAX_READS = 3
"""Of a period whose books move meanwhile."""
TRIAL_BALANCE = Report("trial_balances", "TrialBalance", "Trial balance at the end of a period", since_year=True)
PROFIT_AND_LOSS = Report(
    "profit_and_loss_by_class",
    "ProfitAndLoss",
    "Profit and loss of a period by class",
    {"summarize_column_by": "Classes"},
)
GENERAL_LEDGER = Report("general_ledgers", "GeneralLedger", "Postings of a period, account by account")
REPORTS = (PROFIT_AND_LOSS, GENERAL_LEDGER, TRIAL_BALANCE)
MONTHS = month_name[1:]


class ReportsLoad:
    """The reports of one load of one company."""

    def __init__(
        self, api: QuickBooksApi, landing: Landing, periods: BooksPeriods, before: Mapping[str, str], company: bytes
    ) -> None:
        self.api, self.landing, self.periods, self.company = api, landing, periods, company
        self.reported: list[Report] = []
        self.asked_again = frozenset(filter(None, before.get("again", "").split(",")))
        """Periods that the load before could not read, by their days."""
        self.columns: list[tuple[str, ...]] = []
        """Of the general ledger: the first that QuickBooks does not refuse counts."""
        self.known_columns = before.get("columns", "")
        self.opening = before.get("opening", "")
        """The last day before the first period, when its ledger was read."""
        self.results = Reported(landing, PROFIT_AND_LOSS.stream)
        self.postings = Reported(landing, GENERAL_LEDGER.stream)
        self.balances = Reported(landing, TRIAL_BALANCE.stream)

    @property
    def is_whole(self) -> bool:
        return len(self.reported) == len(REPORTS)

    def remembered(self) -> dict[str, str]:
        again = self.results.again | self.postings.again | self.balances.again
        if not self.is_whole:
            again |= self.asked_again
        columns = self._columns if self.is_whole else self.known_columns
        return {"columns": columns, "opening": self.opening, "again": ",".join(sorted(again))}

    def choose_columns(self, preferences: bytes) -> None:
        """Those that are known not to be refused, until the census."""
        self.columns = columns_to_ask(preferences)
        known = tuple(self.known_columns.split(","))
        if known in self.columns and not self.periods.is_census:
            self.columns = self.columns[self.columns.index(known) :]

    def leave_out(self, report: Report) -> Landed:
        """The report is not asked for, and is not missing. What landed of it goes: nothing keeps it up to date, and the
        ledger would soon differ from it."""
        self.reported.append(report)
        return Reported(self.landing, report.stream).end()

    def profit_and_loss(self) -> Iterator[Landed]:
        results = self.results
        for period in self._due(results):
            text = results.asked(period, partial(self._profit_and_loss, period))
            if text is not None:
                self._take(results, period, {key_of(period): text})
            if results.chunk.is_full:
                yield results.land()
        yield results.end()
        self.reported.append(PROFIT_AND_LOSS)

    def ledger(self) -> Iterator[Landed]:
        """The postings of all time, with the trial balances that they are held against; ``trial_balances`` lands what
        is left of these."""
        ledger, moved = self.postings, []
        opening = next((period.first_day - timedelta(days=1) for period in self.periods.known()), None)
        if opening is not None:
            yield from self._opening(ledger, opening)
        for period in self._due(ledger, self.balances):
            try:
                balance, answers = self._read_together(period, ledger)
            except _MovedError:
                moved.append(name_of(period))
                ledger.again.add(key_of(period))
                balance = answers = None
            is_new = not ledger.keys(period) and not self.balances.keys(period)
            if (balance is not None and answers is not None) or is_new:
                self._take(ledger, period, answers or {})
                self._take(self.balances, period, {key_of(period): balance} if balance is not None else {})
            else:
                ledger.keep(period)
                self.balances.keep(period)
            if ledger.chunk.is_full:
                yield ledger.land()
                yield self.balances.land()
        note = f"the books moved each time that these were read, which stay as they were: {', '.join(moved)}"
        yield ledger.end(note if moved else "")
        self.opening = str(opening)
        self.reported.append(GENERAL_LEDGER)

    def trial_balances(self) -> Iterator[Landed]:
        yield self.balances.end()
        self.reported.append(TRIAL_BALANCE)

    def _opening(self, ledger: Reported, last_day: date) -> Iterator[Landed]:
        """What was posted before the first period: nothing, unless START or a posting without a document says so."""
        before = FiscalPeriod("before", "", "", 0, BEGINNING, last_day)
        if not self._is_due(before, self.opening == last_day.isoformat()):
            ledger.keep(before)
            return
        try:
            answers = self._answers(before)
        except SourceError as error:
            if not is_of_child(error):
                raise
            ledger.lacks(before, error)
        else:
            self._take(ledger, before, {key: text for key, text in answers.items() if has_rows(text)})
        if ledger.chunk.is_full:
            yield ledger.land()

    def _read_together(self, period: FiscalPeriod, ledger: Reported) -> tuple[bytes | None, dict[str, bytes] | None]:
        """Trial balance and ledger as of one instant, None for what is refused. Raises ``_MovedError`` where the books
        never stood still."""
        balance = self.balances.asked(period, partial(self._trial_balance, period))
        for _ in range(MAX_READS):
            answers = ledger.asked(period, partial(self._answers, period))
            if balance is None or answers is None:
                return balance, answers
            if not ledger.differs(period, answers) and not self.balances.differs(period, {key_of(period): balance}):
                return balance, answers
            again = self.balances.asked(period, partial(self._trial_balance, period))
            if again is None or figures(again) == figures(balance):
                return again, answers
            balance = again
        raise _MovedError

    def _trial_balance(self, period: FiscalPeriod) -> bytes:
        return self.api.report(TRIAL_BALANCE, self._year_start(period.last_day), period.last_day)

    def _profit_and_loss(self, period: FiscalPeriod) -> bytes:
        return self.api.report(PROFIT_AND_LOSS, period.first_day, period.last_day)

    def _answers(self, period: FiscalPeriod) -> dict[str, bytes]:
        """The ledger of a period, with as many columns as QuickBooks does not refuse. A period that is refused whatever
        is asked says nothing of the columns."""
        for number, columns in enumerate(self.columns, start=1):
            try:
                answered = pieces(partial(self._ledger, columns), period.first_day, period.last_day)
                found = {f"{first_day}/{last_day}": text for first_day, last_day, text in answered}
            except SourceError as error:
                is_refused = error.status == 400 and not PASSING.intersection(error.codes)
                if not is_refused or number == len(self.columns):
                    raise
            else:
                self.columns = self.columns[number - 1 :]
                return found
        raise AssertionError

    def _ledger(self, columns: tuple[str, ...], first_day: date, last_day: date) -> bytes:
        return self.api.report(GENERAL_LEDGER, first_day, last_day, columns)

    @property
    def _columns(self) -> str:
        return ",".join(self.columns[0]) if self.columns else ""

    def _due(self, *streams: Reported) -> Iterator[FiscalPeriod]:
        """The periods to read; what landed of the others stays."""
        for period in self.periods.known():
            if self._is_due(period, all(one.keys(period) for one in streams)):
                yield period
                continue
            for one in streams:
                one.keep(period)

    def _is_due(self, period: FiscalPeriod, was_read: bool) -> bool:
        is_asked_again = key_of(period) in self.asked_again
        return is_asked_again or self.known_columns != self._columns or self.periods.is_due(period, was_read)

    def _take(self, reported: Reported, period: FiscalPeriod, answers: Mapping[str, bytes]) -> None:
        was_closed = bool(reported.keys(period)) and self.periods.was_closed(period)
        is_asked_as_before = self.known_columns == self._columns
        if reported.take(period, answers) and was_closed and is_asked_as_before:
            reported.restated.append(name_of(period))

    def _year_start(self, day: date) -> date:
        """The first day of the fiscal year, as QuickBooks has it, that the day is in."""
        reported = extract_path(self.company, "FiscalYearStartMonth") or ""
        if reported not in MONTHS:
            hint = "FiscalYearStartMonth is not the name of a month; set it in QuickBooks' account settings"
            raise SourceError("quickbooks", COMPANY_INFO.stream, hint)
        month = MONTHS.index(reported) + 1
        return date(day.year - (day.month < month), month, 1)


class _MovedError(Exception):
    """The books moved each time that a period was read."""
