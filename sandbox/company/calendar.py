"""The company's fiscal calendar and the days off of its countries.

Belongs here: which fiscal period a day is in, found by looking at the days themselves. Does not: what is planned or
reached in a period (planning.py, goals.py).
"""

from __future__ import annotations

from calendar import day_name, month_name
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.company.structure import DatedRow

WEEKDAYS = tuple(day_name)
MONTHS = tuple(month_name)[1:]
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    name: str
    quarter: str
    year: str
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Either of months, from `month` on, or of weeks, to a weekday in or near the end of `month`."""

    pattern: str
    month: int
    first_year: int
    rule: str = ""
    weekday: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """The lines of fiscal_calendar.yml."""
        ends = {"year_end": f"{self.rule} {self.weekday} of {MONTHS[self.month - 1]}"}
        when = ends if self.rule else {"start_month": str(self.month)}
        return {"pattern": self.pattern, **when, "first_fiscal_year": f"FY{self.first_year % 100:02d}"}

    def last_day(self, year: int) -> date:
        """The last day of a fiscal year."""
        if not self.rule:
            return date(year if self.month > 1 else year + 1, self.month, 1) - ONE
        end = date(year + self.month // 12, self.month % 12 + 1, 1) - ONE
        near = [end + timedelta(days=days) for days in range(-6, 4 if self.rule == "nearest" else 1)]
        return min((day for day in near if WEEKDAYS[day.weekday()] == self.weekday), key=lambda day: abs(day - end))

    def periods(self, to: date) -> list[Period]:
        """The periods of the first fiscal year and all others, until the one that holds a day is over."""
        found: list[Period] = []
        year, day = self.first_year, self.last_day(self.first_year - 1) + ONE
        while day <= to:
            name = f"FY{year % 100:02d}"
            for number in range(1, 13):
                first, day = day, self._after(day, number, year)
                quarter = f"{name}-Q{-(-number // 3)}"
                found.append(Period(f"{name}-P{number:02d}", quarter, name, first, day - ONE))
            year += 1
        return found

    def _after(self, first: date, number: int, year: int) -> date:
        """The first day of the next period."""
        if number == 12:
            return self.last_day(year) + ONE
        if not self.rule:
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return first + timedelta(weeks=int(self.pattern.split("-")[(number - 1) % 3]))


CALENDARS = (
    Calendar("months", 2, 2025),
    # FY26 has 53 weeks, from 26 January 2025 to 31 January 2026.
    Calendar("4-4-5", 1, 2025, "last", "Saturday"),
    # FY25 has 53 weeks, from 28 September 2024 to 3 October 2025.
    Calendar("4-5-4", 9, 2025, "nearest", "Friday"),
    Calendar("months", 1, 2024),
)


def calendar(seed: int) -> Calendar:
    return CALENDARS[(seed - 1) % len(CALENDARS)]


def labelled_cases(of: Calendar, known: list[Period]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Labelled cases: record ids of the stream `fiscal_periods`, and what they show."""
    if of.rule:
        last, usual = [period for period in known if period.name.endswith("P12")], int(of.pattern[-1])
        long = (f"fiscal_periods/{p.name}" for p in last if p.last - p.first > timedelta(weeks=usual))
        return {"fifty_three_weeks": (tuple(long), "The last period of a year of 53 weeks has the week that is over.")}
    if of.month == 1:
        return {"calendar_years": (("fiscal_periods/FY26-P01",), "Fiscal years are calendar years.")}
    words = "FY26 starts in February 2025 and ends in January 2026."
    return {"starts_in_february": (("fiscal_periods/FY26-P01",), words)}


FIXED = {
    "DE": ("01-01", "05-01", "10-03", "12-25", "12-26"),
    "GB": ("01-01", "12-25", "12-26"),
    "JP": ("01-01", "02-11", "11-03", "11-23"),
    "US": ("01-01", "06-19", "07-04", "11-11", "12-25"),
}


def holidays() -> list[DatedRow]:
    """The rows of holidays.csv."""
    years = ("2024", "2025", "2026", "2027")
    return [DatedRow((country, f"{year}-{day}")) for country, days in FIXED.items() for year in years for day in days]
