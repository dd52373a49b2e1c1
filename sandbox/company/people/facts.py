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
A_YEAR_HAS = {"Year": 1, "Month": 12, "Hour": 2_080}
CANARIES = 4
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
    """Of somebody who works full time, in the currency's minor unit, for `paid_per`."""

    rate_minor: int = field(repr=False)
    currency: str
    paid_per: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatusValues:
    status: str


@dataclass(frozen=True, slots=True)
class LeaveValues:
    """Takes all calendar days from the entry's day to `last`."""

    kind: str
    last: date
    status: str


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


@dataclass(frozen=True, slots=True)
class EmploymentStatus:
    since: date
    status: str


@dataclass(frozen=True, slots=True)
class Leave:
    first: date
    last: date
    kind: str
    is_paid: bool


@dataclass(frozen=True)
class Employment:
    """What is known of somebody's employment at one instant, the future that is already written down included."""

    entries: Sequence[Entry]

    @cached_property
    def statuses(self) -> list[EmploymentStatus]:
        return [EmploymentStatus(day, values.status) for day, values in self._effective(STATUSES, StatusValues)]

    @cached_property
    def spans(self) -> list[tuple[date, date]]:
        """Each employment's first day and the day after its last."""
        found: list[tuple[date, date]] = []
        since: date | None = None
        for status in self.statuses:
            if status.status != TERMINATED:
                since = since or status.since
            elif since is not None:
                found.append((since, status.since + ONE_DAY))
                since = None
        return found if since is None else [*found, (since, FOREVER)]

    @cached_property
    def jobs(self) -> list[Job]:
        """In order, within the employment, and cut where the team of that name becomes another one."""
        rows = self._effective(JOBS, JobValues)
        ends = [day for day, _ in rows[1:]] + [FOREVER]
        found = []
        for since, until in self.spans:
            for (day, v), end in zip(rows, ends, strict=True):
                for first, after, team in teams_named(v.department, max(day, since), min(end, until)):
                    rest = (v.department, v.division, v.title, v.location, v.manager_id, v.fte)
                    found.append(Job(first, after, team, *rest))
        return found

    @cached_property
    def pay(self) -> list[Pay]:
        rows = sorted((entry for entry in self.entries if entry.table == PAY), key=lambda entry: entry.order)
        return [
            Pay(
                row.day or date.min,
                row.values.rate_minor * A_YEAR_HAS[row.values.paid_per],
                row.values.currency,
                row.values.reason,
                row.known_from,
            )
            for row in rows
            if isinstance(row.values, PayValues)
        ]

    @cached_property
    def leaves(self) -> list[Leave]:
        return sorted(
            (
                Leave(entry.day, entry.values.last, entry.values.kind, entry.values.kind != UNPAID)
                for entry in self.entries
                if isinstance(entry.values, LeaveValues) and entry.day and entry.values.status == "approved"
            ),
            key=lambda leave: leave.first,
        )

    def job(self, day: date) -> Job | None:
        """The job of a day on which the person is employed."""
        return next((job for job in self.jobs if job.since <= day < job.until), None)

    def _effective(self, table: str, kind: type[V]) -> list[tuple[date, V]]:
        held: dict[date, V] = {}
        for entry in sorted((e for e in self.entries if e.table == table), key=lambda e: e.order):
            if isinstance(entry.values, kind):
                held[entry.day or date.min] = entry.values
        return sorted(held.items(), key=lambda row: row[0])


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
