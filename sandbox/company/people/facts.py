"""The people of the company: who is employed when, in which job, for which pay, and who is away.

What HR writes down is kept as it is written: rows that take effect on one day and are known from another, rows
corrected and rows taken back (Entry). What is true of a person is read from the rows known at an instant (Life).
Does not: who they are and what happens to them (cases.py, everyday.py), what they are paid (books/payroll.py).

Of several rows that took effect, the one of the latest day holds; on one day the one that was written last. A row
without a day holds until any other does. The last day of somebody who leaves is the day of the row `Terminated`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from sandbox.company.structure import TEAMS, DatedRow
from sandbox.timestamps import ms

OPENED = date(2025, 1, 1)  # the company's first day; nobody is employed before
FOREVER = date.max
FINALLY = ms("2100-01-01T00:00:00Z")  # the instant at which all is known
ONE_DAY = timedelta(days=1)
JOBS, PAY, STATUSES, LEAVES = "jobInfo", "compensation", "employmentStatus", "timeOff"
TERMINATED = "Terminated"
UNPAID = "Unpaid Leave"
FURLOUGHED = "Furloughed"
COMMISSION = "Commission Only"
A_YEAR_HAS = {"Year": 1, "Quarter": 4, "Month": 12, "Week": 52, "Day": 260, "Hour": 2_080}
PAY_PERIOD = "Pay Period"
SCHEDULES = {"Twice a month": 24, "Every other week": 26}  # how often a year somebody is paid
CANARIES = 4
HOURS_OF_A_DAY = Decimal(8)
WORKING_DAYS = range(5)
EXPONENTS = {"EUR": 2, "USD": 2, "GBP": 2, "PLN": 2, "INR": 2, "JPY": 0}


@dataclass(frozen=True, slots=True)
class JobValues:
    department: str
    division: str
    title: str
    location: str
    manager_id: str
    fte: Decimal


@dataclass(frozen=True, slots=True)
class PayValues:
    """Of somebody who works full time, in the currency's minor unit, for `paid_per`. Who is paid by commission alone
    has no rate, which is none of an empty `paid_per`."""

    rate_minor: int = field(repr=False)
    currency: str
    paid_per: str
    reason: str
    schedule: str = ""

    @property
    def has_rate(self) -> bool:
        return bool(self.paid_per)

    @property
    def times_a_year(self) -> int:
        if not self.has_rate:
            return 0
        return SCHEDULES[self.schedule] if self.paid_per == PAY_PERIOD else A_YEAR_HAS[self.paid_per]


@dataclass(frozen=True, slots=True)
class StatusValues:
    status: str


@dataclass(frozen=True, slots=True)
class LeaveValues:
    """Takes all calendar days from the entry's day to `last`. `part`: how much of each day, in the unit, if it is not
    all of it."""

    kind: str
    last: date
    status: str
    unit: str = "days"
    part: Decimal | None = None


Values = JobValues | PayValues | StatusValues | LeaveValues
V = TypeVar("V", JobValues, StatusValues)


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a row. It stands in HR's table from the instant `known_from` on, until `known_to`."""

    table: str
    number: int
    bamboo_id: str
    day: date | None
    values: Values
    known_from: int
    known_to: int | None = None

    def known(self, at: int) -> bool:
        return self.known_from <= at and (self.known_to is None or at < self.known_to)

    @property
    def order(self) -> tuple[date, int]:
        return self.day or date.min, self.number


@dataclass(frozen=True, slots=True)
class Job:
    """Until the day before `until`."""

    since: date
    until: date
    team_id: str
    department: str
    division: str
    title: str
    location: str
    manager_id: str
    fte: Decimal


@dataclass(frozen=True, slots=True)
class Pay:
    since: date
    amount_minor: int = field(repr=False)  # of a year of full-time work
    currency: str
    reason: str
    known_from: int
    per: str


@dataclass(frozen=True, slots=True)
class EmploymentStatus:
    since: date
    status: str


@dataclass(frozen=True, slots=True)
class Leave:
    """`part` of each day, in the unit; None where it is all of it."""

    first: date
    last: date
    kind: str
    is_paid: bool
    unit: str = "days"
    part: Decimal | None = None

    def of_a_day(self, hours: Decimal = HOURS_OF_A_DAY) -> Fraction:
        """How much it takes of a working day, where so many hours are one."""
        if self.unit == "hours":
            return min(Fraction(self.part or HOURS_OF_A_DAY) / Fraction(hours), Fraction(1))
        return Fraction(1 if self.part is None else self.part)


@dataclass(frozen=True)
class RecordOfHr:
    """What one of HR's records of somebody says. An end closes its own record and no other."""

    entries: Sequence[Entry]

    @cached_property
    def spans(self) -> list[tuple[date, date]]:
        """Each employment's first day and the day after its last."""
        found: list[tuple[date, date]] = []
        since: date | None = None
        for day, values in self.effective(STATUSES, StatusValues):
            if values.status != TERMINATED:
                since = since or day
            elif since is not None:
                found.append((since, day + ONE_DAY))
                since = None
        return found if since is None else [*found, (since, FOREVER)]

    def effective(self, table: str, kind: type[V]) -> list[tuple[date, V]]:
        held: dict[date, V] = {}
        for entry in self.rows(table):
            if isinstance(entry.values, kind):
                held[entry.day or date.min] = entry.values
        return sorted(held.items(), key=lambda row: row[0])

    def within(self, table: str, kind: type[V], since: date, until: date) -> Iterator[tuple[date, date, V]]:
        """The values of some days, each from a day until the day before another."""
        rows = self.effective(table, kind)
        for (day, values), end in zip(rows, [day for day, _ in rows[1:]] + [FOREVER], strict=True):
            if max(day, since) < min(end, until):
                yield max(day, since), min(end, until), values

    def rows(self, table: str) -> list[Entry]:
        return sorted((entry for entry in self.entries if entry.table == table), key=lambda entry: entry.order)


@dataclass(frozen=True)
class Employment:
    """What is known of somebody's employment at one instant, the future that is already written down included."""

    entries: Sequence[Entry]

    @cached_property
    def held(self) -> list[tuple[date, date, RecordOfHr]]:
        """From when until when which record holds: of those under which the person works the newest."""
        numbers = sorted({int(entry.bamboo_id) for entry in self.entries}, reverse=True)
        found: list[tuple[date, date, RecordOfHr]] = []
        for number in numbers:
            record = RecordOfHr([entry for entry in self.entries if entry.bamboo_id == str(number)])
            newer = sorted((since, until) for since, until, _ in found)
            found += [(since, until, record) for span in record.spans for since, until in without(span, newer)]
        return sorted(found, key=lambda one: one[0])

    @cached_property
    def spans(self) -> list[tuple[date, date]]:
        """Each employment's first day and the day after its last, under whatever record."""
        found: list[tuple[date, date]] = []
        for since, until, _ in self.held:
            if found and found[-1][1] == since:
                found[-1] = (found[-1][0], until)
            else:
                found.append((since, until))
        return found

    @cached_property
    def statuses(self) -> list[EmploymentStatus]:
        """Of the days of the employment."""
        return [
            EmploymentStatus(day, values.status)
            for since, until, record in self.held
            for day, _, values in record.within(STATUSES, StatusValues, since, until)
        ]

    @cached_property
    def jobs(self) -> list[Job]:
        """In order, within the employment, and cut where the team of that name becomes another one."""
        return [
            Job(first, after, team, v.department, v.division, v.title, v.location, v.manager_id, v.fte)
            for since, until, record in self.held
            for day, end, v in record.within(JOBS, JobValues, since, until)
            for first, after, team in teams_named(v.department, day, end)
        ]

    @cached_property
    def pay(self) -> list[Pay]:
        """In order, within the employment."""
        found = []
        for since, until, record in self.held:
            rows = record.rows(PAY)
            for row, end in zip(rows, [row.day or date.min for row in rows[1:]] + [FOREVER], strict=True):
                day, v = max(row.day or date.min, since), row.values
                if isinstance(v, PayValues) and day < min(end, until):
                    found.append(
                        Pay(day, v.rate_minor * v.times_a_year, v.currency, v.reason, row.known_from, v.paid_per)
                    )
        return found

    @cached_property
    def leaves(self) -> list[Leave]:
        """Approved ones, of the record that holds."""
        found = []
        for since, until, record in self.held:
            for entry in record.rows(LEAVES):
                v = entry.values
                if isinstance(v, LeaveValues) and entry.day and v.status == "approved":
                    first, last = max(entry.day, since), min(v.last, until - ONE_DAY)
                    if first <= last:
                        found.append(Leave(first, last, v.kind, v.kind != UNPAID, v.unit, v.part))
        return sorted(found, key=lambda leave: leave.first)

    def job(self, day: date) -> Job | None:
        """The job of a day on which the person is employed."""
        return next((job for job in self.jobs if job.since <= day < job.until), None)

    def status(self, day: date) -> str:
        """The status of a day on which the person is employed."""
        return [status.status for status in self.statuses if status.since <= day][-1]


def without(span: tuple[date, date], taken: Sequence[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """What of a span others, in their order, leave free."""
    since, until = span
    for first, after in taken:
        if since < min(first, until):
            yield since, min(first, until)
        since = max(since, after)
    if since < until:
        yield since, until


@dataclass
class Worker:
    """A human, under whatever number HR keeps the records. `bamboo_ids`: number, known from, known to."""

    worker_id: str
    first_name: str
    last_name: str
    work_email: str
    country: str
    currency: str
    kind: str  # employee, intern or contractor
    bamboo_ids: list[tuple[str, int, int | None]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def jobs(self) -> list[Job]:
        return self.as_known(FINALLY).jobs

    @property
    def pay(self) -> list[Pay]:
        return self.as_known(FINALLY).pay

    @property
    def statuses(self) -> list[EmploymentStatus]:
        return self.as_known(FINALLY).statuses

    @property
    def leaves(self) -> list[Leave]:
        return self.as_known(FINALLY).leaves

    @cached_property
    def _timestamps(self) -> list[int]:
        ends = {entry.known_to for entry in self.entries if entry.known_to is not None}
        return sorted({entry.known_from for entry in self.entries} | ends)

    @cached_property
    def _lives(self) -> dict[int, Employment]:
        return {}

    def as_known(self, at: int) -> Employment:
        """One life for all instants between two of which nothing is written."""
        timestamp = bisect_right(self._timestamps, at)
        if timestamp not in self._lives:
            self._lives[timestamp] = Employment([entry for entry in self.entries if entry.known(at)])
        return self._lives[timestamp]

    def forget(self) -> None:
        """What was read from the entries, after they have changed."""
        for name in ("_moments", "_lives"):
            self.__dict__.pop(name, None)


def teams_named(name: str, first: date, after: date) -> Iterator[tuple[date, date, str]]:
    """The teams that have a name, one after the other: from, until and id."""
    for row in TEAMS:
        team, called, *_, since, until = row.values
        begins = max(first, date.fromisoformat(since))
        ends = min(after, date.fromisoformat(until) if until else FOREVER)
        if called == name and begins < ends:
            yield begins, ends, team


class Staff:
    """Everybody, in the order of their ids."""

    def __init__(self, workers: list[Worker]) -> None:
        self.workers = workers
        self.by_id = {worker.worker_id: worker for worker in workers}

    @cached_property
    def mapped(self) -> list[DatedRow]:
        """HR's rows of worker_map.csv: everyone who has ever begun, also under a second number."""
        return [
            DatedRow(("bamboohr", number, worker.worker_id, str(OPENED), ""), known_from)
            for worker in self.workers
            for number, known_from, known_to in worker.bamboo_ids
            if known_to is None
        ]

    def plant_canaries(self) -> dict[str, int]:
        """Gives the first people pay that nothing else in the world looks like: of nine digits in the minor unit
        (918273645, shown as 9182736.45), other ones for everybody, from their first day on. Worker and amount of a
        year. To be called before anything else of the company is asked for."""
        planted = {}
        for number, worker in enumerate(self.workers[:CANARIES]):
            amount = planted[worker.worker_id] = 918_273_645 + 10_101_017 * number
            worker.entries = [
                Entry(e.table, e.number, e.bamboo_id, e.day, canary(amount, e.values), e.known_from, e.known_to)
                if isinstance(e.values, PayValues)
                else e
                for e in worker.entries
            ]
            worker.forget()
        return planted


def canary(amount: int, values: PayValues) -> PayValues:
    return PayValues(amount, values.currency, "Year", values.reason)
