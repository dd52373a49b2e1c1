"""The company's fiscal periods, and which of them may have other figures than those that landed.

Belongs here: the first day with figures, the closing date, what was touched. Does not: asking for a report
(reports.py), what touches a period (load.py).

Periods after the closing date of the books are due with each load, closed ones with the census and where something of
that time or before came, changed or went.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ingestion.clock import now
from ingestion.home import company_folder
from ingestion.sources.files.fiscal_calendar import FiscalPeriod, periods, read_calendar
from ingestion.sources.quickbooks.ledger import BEGINNING

NEVER = "9999-12-31"


class BooksPeriods:
    """As a cursor remembers them, until a load learns more. Days are text, as QuickBooks writes them."""

    def __init__(self, before: Mapping[str, str], start: date, is_census: bool) -> None:
        self.calendar, self.start, self.is_census = read_calendar(company_folder()), start, is_census
        self.first_day = before.get("first_day", NEVER)
        """The day of the first document ever seen."""
        self.touched = before.get("touched", NEVER)
        """From this day on the reports may be others."""
        self.closed = before.get("closed", "")
        self.closing = self.closed
        """The closing date counts once every report was read under it."""

    def touch(self, days: Iterable[str]) -> None:
        """Documents of these days came, changed or went."""
        earliest = min(filter(None, days), default=NEVER)
        self.first_day, self.touched = min(self.first_day, earliest), min(self.touched, earliest)

    def touch_all(self) -> None:
        self.touched = str(BEGINNING)

    @property
    def is_of_closed_books(self) -> bool:
        """Whether what was touched would not be read anyway."""
        return self.touched <= max(self.closed, self.first_day)

    def known(self) -> Iterator[FiscalPeriod]:
        """From the first period with figures to the one that holds today."""
        first, today = max(self.first_day, self.start.isoformat()), now().date()
        for period in periods(self.calendar, today):
            if period.first_day <= today and period.last_day.isoformat() >= first:
                yield period

    def is_due(self, period: FiscalPeriod, was_read: bool) -> bool:
        last_day = period.last_day.isoformat()
        is_closed = was_read and last_day <= min(self.closed, self.closing)
        return self.is_census or last_day >= self.touched or not is_closed

    def was_closed(self, period: FiscalPeriod) -> bool:
        return period.last_day.isoformat() <= self.closed

    def remembered(self, is_reported: bool) -> dict[str, str]:
        """For the next load; what was touched counts until every report was read."""
        closed, touched = (self.closing, NEVER) if is_reported else (self.closed, self.touched)
        return {"first_day": self.first_day, "closed": closed, "touched": touched}
