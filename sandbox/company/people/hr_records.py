"""The pen of HR: people taken on, rows written, corrected and taken back, each at its instant.

Belongs here: how a row comes about. Does not: whose rows (cases.py, everyday.py), what they mean (facts.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sandbox.company.people.facts import (
    EXPONENTS,
    JOBS,
    LEAVES,
    OPENED,
    PAY,
    STATUSES,
    TERMINATED,
    Entry,
    JobValues,
    LeaveValues,
    PayValues,
    StatusValues,
    Values,
    Worker,
)
from sandbox.company.structure import FIRST_NAMES, LAST_NAMES, worker_id
from sandbox.timestamps import DAY, HOUR, MINUTE, ms

BEFORE_OPENING = ms("2024-12-16T09:00:00Z")  # when HR wrote down everybody who was to be there on the first day
CURRENCIES = {"DE": "EUR", "GB": "GBP", "US": "USD", "PL": "PLN", "IN": "INR", "JP": "JPY"}
PLACES = {"DE": "Berlin", "GB": "London", "US": "New York", "PL": "Krakow", "IN": "Pune", "JP": "Tokyo"}
# What a hundred euro of pay are in whole units of another currency, as employers there see it.
LEVEL = {"EUR": 100, "GBP": 88, "USD": 130, "PLN": 290, "INR": 4_200, "JPY": 12_000}
TEAM_FUNCTION = {
    "Falcon": "engineering",
    "Heron": "engineering",
    "Osprey": "engineering",
    "Platform Crew": "engineering",
    "Product Management": "product",
    "Design Studio": "design",
    "Customer Care": "support",
    "Sales": "sales",
    "Marketing": "marketing",
    "Back Office": "finance",
}
TITLES = {
    "engineering": "Software Engineer",
    "product": "Product Manager",
    "design": "Product Designer",
    "support": "Support Specialist",
    "sales": "Account Executive",
    "marketing": "Marketing Manager",
    "finance": "Accountant",
    "people": "People Partner",
}
EUROS = {
    "engineering": 72_000,
    "product": 78_000,
    "design": 64_000,
    "support": 42_000,
    "sales": 60_000,
    "marketing": 58_000,
    "finance": 62_000,
    "people": 56_000,
}


def eve(day: date, days: int, minute: int = 0) -> int:
    """An instant in the working day that many days before."""
    return ms(f"{day - timedelta(days=days)}T08:00:00Z") + minute * MINUTE


class StaffBook:
    """All that HR has written, in the order of writing; numbers of rows grow with it and are given at the end."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"staff {seed}")
        self.workers: list[Worker] = []
        self.leads: dict[str, str] = {}
        self._taken: Counter[str] = Counter()
        self._rows: list[list[Entry]] = []
        self._places: dict[str, list[int]] = {}  # of each record's rows

    def person(
        self, country: str, name: str = "", work_email: str = "", kind: str = "employee", at: int = BEFORE_OPENING
    ) -> Worker:
        if not name:
            name = f"{self.rng.choice(FIRST_NAMES)} {self.rng.choice(LAST_NAMES)}"
        first, last = name.split(" ", 1)
        if not work_email:
            self._taken[name] += 1
            more = str(self._taken[name]) if self._taken[name] > 1 else ""
            work_email = f"{first}.{last}{more}@prodops.example".lower()
        number = worker_id(len(self.workers) + 1)
        worker = Worker(number, first, last, work_email, country, CURRENCIES[country], kind)
        self.workers.append(worker)
        self.record(worker, at)
        return worker

    def record(self, worker: Worker, at: int) -> str:
        """A record of a worker under a new number."""
        number = str(101 + 3 * len(self._places))
        self._places[number] = []
        worker.bamboo_ids.append((number, at, None))
        return number

    def hire(
        self,
        worker: Worker,
        team: str,
        day: date = OPENED,
        at: int | None = None,
        *,
        function: str = "",
        title: str = "",
        fte: str = "1",
        euros: int = 0,
        paid_per: str = "Year",
        schedule: str = "",
    ) -> Worker:
        """The first rows of an employment, all written at once."""
        at = BEFORE_OPENING if at is None else at
        function = function or TEAM_FUNCTION[team]
        status = {"contractor": "Contractor", "intern": "Intern"}.get(worker.kind)
        status = status or ("Full-Time" if fte == "1" else "Part-Time")
        manager = self.leads.get(team, "")
        if manager == worker.worker_id:
            manager = self.leads["Platform Crew" if function == "engineering" else "Back Office"]
        where = PLACES[worker.country]
        job = JobValues(
            team,
            function,
            title or TITLES[function],
            where,
            manager if manager != worker.worker_id else "",
            Decimal(fte),
        )
        self.write(worker, JOBS, day, job, at)
        self.write(worker, STATUSES, day, StatusValues(status), at)
        self.pay(worker, day, at, "Hired", euros or EUROS[function], paid_per, schedule)
        return worker

    def write(self, worker: Worker, table: str, day: date | None, values: Values, at: int) -> int:
        """Gives the row's place here, to correct it or take it back by."""
        number = worker.bamboo_ids[-1][0]
        self._places[number].append(len(self._rows))
        self._rows.append([Entry(table, 0, number, day, values, at)])
        return len(self._rows) - 1

    def correct(self, place: int, at: int, values: Values, day: date | None = None) -> None:
        """The same row says something else from now on."""
        versions = self._rows[place]
        before = versions[-1]
        versions[-1] = replace(before, known_to=at)
        versions.append(replace(before, values=values, day=day or before.day, known_from=at))

    def remove(self, place: int, at: int) -> None:
        self._rows[place][-1] = replace(self._rows[place][-1], known_to=at)

    def delete(self, worker: Worker, at: int) -> None:
        """The whole newest record goes, and all of its rows with it."""
        number, since, _ = worker.bamboo_ids[-1]
        worker.bamboo_ids[-1] = (number, since, at)
        for place in self._places[number]:
            if self._rows[place][-1].known_to is None:
                self.remove(place, at)

    # -- what HR often does

    def pay(
        self,
        worker: Worker,
        day: date,
        at: int,
        reason: str,
        euros: int,
        paid_per: str = "Year",
        schedule: str = "",
    ) -> int:
        """Whole units; of a year such that twelve months divide. Without a `paid_per`, commission alone."""
        level = euros * LEVEL[worker.currency] // 100
        values = PayValues(0, worker.currency, paid_per, reason, schedule)
        if values.has_rate:
            rates = {"Year": level // 120 * 120, "Month": level // 120 * 10}
            rate = rates.get(paid_per) or max(1, level // values.times_a_year)
            values = replace(values, rate_minor=rate * 10 ** EXPONENTS[worker.currency])
        return self.write(worker, PAY, day, values, at)

    def rise(self, worker: Worker, day: date, at: int, percent: int, reason: str = "Raise") -> int:
        """Of what is then paid, by the same span of time."""
        now = self.now(worker, PAY, day)
        assert isinstance(now, PayValues)
        rate = now.rate_minor * (100 + percent) // 100
        step = {"Year": 120, "Month": 10, "Hour": 1}[now.paid_per] * 10 ** EXPONENTS[worker.currency]
        return self.write(worker, PAY, day, replace(now, rate_minor=rate // step * step, reason=reason), at)

    def move(self, worker: Worker, day: date, at: int, **changed: object) -> int:
        """A new job row that differs from the one before in what is said."""
        now = self.now(worker, JOBS, day)
        assert isinstance(now, JobValues)
        return self.write(worker, JOBS, day, replace(now, **changed), at)  # type: ignore[arg-type]

    def leave(self, worker: Worker, last_day: date, at: int) -> int:
        return self.write(worker, STATUSES, last_day, StatusValues(TERMINATED), at)

    def away(
        self,
        worker: Worker,
        kind: str,
        first: date,
        last: date,
        asked: int,
        then: str = "approved",
        *,
        unit: str = "days",
        part: str = "",
    ) -> int:
        """Asked for, and two days later answered. `part` of each day, in the unit; all of it without."""
        values = LeaveValues(kind, last, "requested", unit, Decimal(part) if part else None)
        place = self.write(worker, LEAVES, first, values, asked)
        if then != "requested":
            self.correct(place, asked + 2 * DAY + HOUR, replace(values, status=then))
        return place

    def now(self, worker: Worker, table: str, day: date) -> Values:
        """What the newest row before a day says."""
        written = (self._rows[place][-1] for place in self._places[worker.bamboo_ids[-1][0]])
        rows = [row for row in written if row.table == table and row.known_to is None]
        held = sorted((row for row in rows if (row.day or date.min) <= day), key=lambda row: row.day or date.min)
        return held[-1].values

    def closed(self) -> dict[int, tuple[str, str, int]]:
        """Hands every row to its owner, numbered in the order of writing. By place: table, record, number."""
        owners = {number: worker for worker in self.workers for number, *_ in worker.bamboo_ids}
        numbers: Counter[str] = Counter()
        keys = {}
        for place in sorted(range(len(self._rows)), key=lambda place: self._rows[place][0].known_from):
            versions = self._rows[place]
            numbers[versions[0].table] += 1
            number = 4_000 + numbers[versions[0].table]
            keys[place] = (versions[0].table, versions[0].bamboo_id, number)
            owners[versions[0].bamboo_id].entries += [replace(version, number=number) for version in versions]
        return keys
