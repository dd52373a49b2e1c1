"""What the company pays its people in a period, as the payroll office works it out.

Belongs here: the arithmetic of pay. Does not: who is paid (facts.py), how it is booked.

A day pays the rate of that day times the share of full time, divided by 365, in leap years too. Every day of an
employment pays, its last one and all kinds of leave included, but not the days of an approved unpaid leave, of which
those that are away in part pay the rest, and not while somebody is furloughed. What is
learnt after a period is over is paid, or taken back, in the period in which it is learnt: a period pays all that has
been earned up to its end, as known then, less all that had been earned before it, as known before. Contractors are
paid by their bills.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from sandbox.company.people.facts import FOREVER, FURLOUGHED, ONE_DAY, WORKING_DAYS, Employment, Staff, Worker
from sandbox.timestamps import ms

DAYS_OF_A_YEAR = 365
SHARES = 1_000  # the parts in which a share of full time is counted
# What an employer pays on top, in thousandths of the gross pay.
ON_TOP = {"DE": 210, "GB": 138, "US": 92, "PL": 203, "IN": 120, "JP": 155}
Account = tuple[str, str]  # team and function


@dataclass(frozen=True, slots=True)
class Payslip:
    worker_id: str
    team_id: str
    function: str
    country: str
    currency: str
    gross_minor: int = field(repr=False)
    employer_minor: int = field(repr=False)  # on top of the gross pay


def payroll(staff: Staff, first: date, last: date) -> list[Payslip]:
    """One line per worker, team and function of the days from `first` to `last`; below zero where pay is taken back."""
    found = []
    for worker in staff.workers:
        if worker.kind == "contractor":
            continue
        until, since = earned(worker, last), earned(worker, first - ONE_DAY)
        for account in sorted(until | since):
            gross = until[account] - since[account]
            if gross:
                team, function = account
                burden = half_even(gross * ON_TOP[worker.country], 1_000)
                found.append(Payslip(worker.worker_id, team, function, worker.country, worker.currency, gross, burden))
    return found


def earned(worker: Worker, to: date) -> Counter[Account]:
    """All that a worker has earned up to the end of a day, as known then."""
    life = worker.as_known(ms(f"{to + ONE_DAY}T00:00:00Z") - 1)
    after = to + ONE_DAY
    sums: dict[Account, Fraction] = defaultdict(Fraction)
    ends = [pay.since for pay in life.pay[1:]] + [FOREVER]
    for job in life.jobs:
        for pay, end in zip(life.pay, ends, strict=True):
            begin, stop = max(job.since, pay.since), min(job.until, end, after)
            if begin < stop:
                days = (stop - begin).days - unpaid(life, begin, stop)
                sums[(job.team_id, job.division)] += pay.amount_minor * days * int(job.fte * SHARES)
    return Counter({account: half_even(amount, DAYS_OF_A_YEAR * SHARES) for account, amount in sums.items()})


def unpaid(life: Employment, begin: date, stop: date) -> Fraction:
    """Days that are not paid from a day until the day before another."""
    ends = [status.since for status in life.statuses[1:]] + [FOREVER]
    whole = Fraction(1)
    away = [(s.since, end, whole) for s, end in zip(life.statuses, ends, strict=True) if s.status == FURLOUGHED]
    away += [(leave.first, leave.last + ONE_DAY, leave.of_a_day()) for leave in life.leaves if not leave.is_paid]
    days: dict[date, Fraction] = defaultdict(Fraction)
    for since, until, part in away:
        day = max(since, begin)
        while day < min(until, stop):
            days[day] += part if day.weekday() in WORKING_DAYS else whole
            day += ONE_DAY
    return sum((min(part, whole) for part in days.values()), Fraction(0))


def half_even(amount: int | Fraction, by: int) -> int:
    whole, rest = divmod(amount, by)
    return whole + (2 * rest > by or (2 * rest == by and whole % 2 == 1))
