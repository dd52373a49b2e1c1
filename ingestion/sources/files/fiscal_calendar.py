"""The company's fiscal calendar: fiscal_calendar.yml as the periods that follow from it.

Belongs here: the file's settings, which day is in which period. Does not: landing them (files.py), what is booked in
a period (dbt).

  pattern: months          twelve calendar months; or 4-4-5, 4-5-4, 5-4-4: the weeks of the periods of each quarter
  start_month: 2           with months: the month in which a year starts
  year_end: last Saturday of January
                           with weeks: the day on which a year ends; `nearest Saturday of January` is the one nearest to
                           the last day of January, which may lie in February
  first_fiscal_year: FY24  the first year with figures

A year is named after the calendar year in which it ends, or is meant to: one that ends on the Saturday nearest to the
31st of December 2026 is FY26, also where that is in 2027. A 53rd week belongs to the last period.
"""

import re
from calendar import day_name, month_name, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ingestion.errors import FileError, refuse
from ingestion.sources.files.rows import FiscalYear, Row
from ingestion.sources.files.tables import read_settings, validated

FILE = "fiscal_calendar.yml"
_YEAR_END = f"(last|nearest) ({'|'.join(day_name)}) of ({'|'.join(month_name[1:])})"


def _year_end(value: str) -> str:
    if not re.fullmatch(_YEAR_END, value):
        raise ValueError("must be like `last Saturday of January` or `nearest Friday of September`")
    return value


class CalendarSettings(Row):
    """The settings of a calendar; without a file, calendar years."""

    pattern: Literal["months", "4-4-5", "4-5-4", "5-4-4"] = "months"
    start_month: Annotated[int, Field(ge=1, le=12)] | None = None
    year_end: Annotated[str, AfterValidator(_year_end)] | None = None
    first_fiscal_year: FiscalYear = "FY00"


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A period with its first and its last day, both in it."""

    period: str
    fiscal_year: str
    quarter: str
    number: int
    first_day: date
    last_day: date


def read_calendar(folder: Path) -> CalendarSettings:
    """Raises ``FileError``."""
    if not (folder / FILE).exists():
        return CalendarSettings(start_month=1)
    texts = read_settings(folder / FILE, "pattern: months")
    calendar = validated(FILE, None, texts, CalendarSettings)
    needed, other = ("start_month", "year_end") if calendar.pattern == "months" else ("year_end", "start_month")
    mistakes = [
        FileError(FILE, None, name, None, f"is needed with pattern {calendar.pattern}")
        for name in ("pattern", needed, "first_fiscal_year")
        if name not in texts
    ]
    if other in texts:
        allowed = f"must not stand there with pattern {calendar.pattern}"
        mistakes.append(FileError(FILE, None, other, texts[other], allowed))
    refuse(mistakes)
    return calendar


def periods(calendar: CalendarSettings, until: date) -> Iterator[FiscalPeriod]:
    """All periods from the first fiscal year to the end of the one that holds ``until``, in order."""
    year = 2000 + int(calendar.first_fiscal_year[2:])
    first_day = _last_day(calendar, year - 1) + timedelta(days=1)
    while first_day <= until:
        name = f"FY{year % 100:02d}"
        for number, last_day in enumerate(_last_days(calendar, first_day, _last_day(calendar, year)), start=1):
            quarter = f"{name}-Q{(number + 2) // 3}"
            yield FiscalPeriod(f"{name}-P{number:02d}", name, quarter, number, first_day, last_day)
            first_day = last_day + timedelta(days=1)
        year += 1


def _last_day(calendar: CalendarSettings, year: int) -> date:
    """The last day of the fiscal year that is named after a calendar year."""
    if calendar.year_end is None:
        return _month_end(year, ((calendar.start_month or 1) + 10) % 12 + 1)
    rule, weekday, month = calendar.year_end.replace(" of ", " ").split()
    end = _month_end(year, list(month_name).index(month))
    before = (end.weekday() - list(day_name).index(weekday)) % 7
    return end + timedelta(days=7 - before if rule == "nearest" and before > 3 else -before)


def _last_days(calendar: CalendarSettings, first_day: date, year_end: date) -> Iterator[date]:
    if calendar.pattern == "months":
        for number in range(12):
            years, month = divmod(first_day.month - 1 + number, 12)
            yield _month_end(first_day.year + years, month + 1)
        return
    weeks = [int(weeks) for weeks in calendar.pattern.split("-")] * 4
    for number in range(1, 12):
        yield first_day + timedelta(weeks=sum(weeks[:number]), days=-1)
    yield year_end


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
