"""Who works on each day and how much of it is paid; heads, shares of full time and cost of pay by fiscal period.

The definitions:
- Somebody is a head of the team and function of the job of that day, from the first day of the employment to the last
  one, whatever leave there is. Interns are heads; contractors are none, and no one is twice.
- Headcount and FTE of a period are those of its last day, or of today in the period that is not over. The average
  headcount is of that headcount and the one of the day before the period: our own definition. GitLab's begins on the
  first day of the period, and averages the periods of a range.
- FTE-days are each day's share of full time, added up over all days of the calendar. The average FTE of a period is
  FTE-days over its days so far, or (policy's fte_average: ends) that of the day before it and its last day.
- A working day is one of Monday to Friday and no holiday of the country of the place of work. Leave is away on working
  days, by the part of a day that a request takes. So many hours are a full-time day (policy's hours_of_a_day), and
  of somebody's shorter day the same hours are more. Unpaid leave takes
  all days of the calendar, and of a day that it takes in part that part. Who has a status of policy's unpaid_statuses
  is away and unpaid all day. Parts of a day have six decimals, half to even.
- Pay of a year is the rate times how often it comes in a year, in the reporting currency at the period's last rate,
  half to even to the minor unit. Nothing of contractors. The part of a day that is paid is in thousandths of a
  full-time day, half to even: the share of full time (which is in the rate already where policy's part_time_pay is
  as_paid, but not in a rate of an hour or a day) less what is unpaid.
- The cost of pay is what the payslips of a period say, gross and on top, in the currency of pay.
Belongs here: only that. Does not: what an API shows of it (sandbox/vendors/bamboohr), what is landed (staff.py), what a
team can do (capacity.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.books.payroll import payroll
from sandbox.company.people.facts import OPENED, Employment, Worker
from sandbox.company.people.hr_records import PLACES
from sandbox.timestamps import local_date, ms
from sandbox.truth.money import Exchange

CONTRACTOR = "contractor"
COUNTRIES = {place: country for country, place in PLACES.items()}
MILLION = 1_000_000
BY_TIME_WORKED = ("Hour", "Day")


@dataclass(frozen=True, slots=True)
class WorkerDay:
    worker_id: str
    day: date
    period: str
    kind: str
    team_id: str
    function: str
    country: str
    share: Decimal
    is_working_day: bool
    leave: Decimal
    unpaid: Decimal
    yearly_pay_minor: int | None = field(repr=False)
    paid_thousandths: int

    @property
    def is_head(self) -> bool:
        return self.kind != CONTRACTOR


def worker_days(company: Company, now: int | str) -> Iterator[WorkerDay]:
    """Every day on which somebody works until today, as known now."""
    known = Days(company, ms(now))
    for worker in company.staff.workers:
        yield from known.of(worker)


class Days:
    def __init__(self, company: Company, now: int) -> None:
        self.now, self.today = now, local_date(now, company.reporting_zone)
        self.exchange, policy = Exchange(company, now), company.policy
        self.holidays = {(row["country"], row["date"]) for row in company.rows("holidays", now)}
        self.unpaid_statuses = {one.strip().lower() for one in policy.get("unpaid_statuses", "").split(",")}
        self.hours = Decimal(policy.get("hours_of_a_day", "8"))
        self.is_share_in_pay = policy.get("part_time_pay") == "as_paid"
        self.periods = [period for period in company.periods if period.first <= self.today]

    def of(self, worker: Worker) -> Iterator[WorkerDay]:
        life = worker.as_known(self.now)
        for period in self.periods:
            last = min(period.last, self.today)
            day = max(period.first, OPENED)
            while day <= last:
                job = life.job(day)
                if job is not None:
                    country = COUNTRIES[job.location]
                    is_working = day.weekday() < 5 and (country, str(day)) not in self.holidays
                    away, unpaid = self.absence(life, day, job.fte)
                    pay, paid = self.pay(worker, life, day, last, job.fte, unpaid)
                    leave = away if is_working else Decimal(0)
                    place = (worker.kind, job.team_id, job.division, country, job.fte)
                    yield WorkerDay(worker.worker_id, day, period.name, *place, is_working, leave, unpaid, pay, paid)
                day += timedelta(days=1)

    def absence(self, life: Employment, day: date, share: Decimal) -> tuple[Decimal, Decimal]:
        """How much of a day is leave of any kind, and how much is not paid."""
        if life.status(day).lower() in self.unpaid_statuses:
            return Decimal(1), Decimal(1)
        away = unpaid = Fraction(0)
        for leave in life.leaves:
            if leave.first <= day <= leave.last:
                part = _millionths(leave.of_a_day(self.hours)) if day.weekday() < 5 else Fraction(0)
                if leave.unit == "hours" and part < 1:
                    part = min(_millionths(part / Fraction(share)), Fraction(1))
                away += part
                unpaid += 0 if leave.is_paid else part or 1
        return _decimal(min(away, Fraction(1))), _decimal(min(unpaid, Fraction(1)))

    def pay(
        self, worker: Worker, life: Employment, day: date, last: date, share: Decimal, unpaid: Decimal
    ) -> tuple[int | None, int]:
        """Of a year, and thousandths of a day."""
        if worker.kind == CONTRACTOR:
            return None, 0
        held = [pay for pay in life.pay if pay.since <= day]
        is_paid_whole = self.is_share_in_pay and bool(held) and held[-1].per not in BY_TIME_WORKED
        thousandths = round(1000 * (1 if is_paid_whole else Fraction(share)) * (1 - Fraction(unpaid)))
        if not held:
            return None, thousandths
        return round(held[-1].amount_minor * self.exchange.actual(held[-1].currency, last)), thousandths


def headcount(company: Company, now: int | str) -> list[dict[str, Any]]:
    """One row per period, team and function in which anybody was, at an instant and as known then."""
    today = local_date(ms(now), company.reporting_zone)
    heads: dict[date, Counter[tuple[str, str]]] = defaultdict(Counter)
    shares: dict[date, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in worker_days(company, now):
        if one.is_head:
            heads[one.day][one.team_id, one.function] += 1
            shares[one.day][one.team_id, one.function] += one.share
    is_of_ends = company.policy.get("fte_average") == "ends"
    rows = []
    for period in company.periods:
        if period.last < OPENED or period.first > today:
            continue
        begin, end = period.first - timedelta(days=1), min(period.last, today)
        days = [period.first + timedelta(days=number) for number in range((end - period.first).days + 1)]
        for key in sorted({key for day in [begin, *days] for key in heads[day]}):
            fte_days = sum((shares[day][key] for day in days), Decimal())
            ends = Fraction(shares[begin][key] + shares[end][key]) / 2
            rows.append(
                {
                    "period": period.name,
                    "team_id": key[0],
                    "function": key[1],
                    "headcount": heads[end][key],
                    "average_headcount": Decimal(heads[begin][key] + heads[end][key]) / 2,
                    "fte": shares[end][key],
                    "fte_days": fte_days,
                    "average_fte": float(ends if is_of_ends else Fraction(fte_days) / len(days)),
                }
            )
    return rows


def staffing(company: Company, now: int | str) -> list[dict[str, Any]]:
    """The rows of headcount, as the mart has them."""
    names = {"period": "fiscal_period", "function": "function_name"}
    return [
        {names.get(name, name): float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in headcount(company, now)
    ]


def payroll_cost(company: Company, now: int | str) -> list[dict[str, Any]]:
    """One row per period that is over, team, function and currency. Restricted: a small team reveals a person's pay."""
    today = local_date(ms(now), company.reporting_zone)
    rows = []
    for period in company.periods:
        if not OPENED <= period.last < today:
            continue
        sums: Counter[tuple[str, str, str, str]] = Counter()
        for slip in payroll(company.staff, period.first, period.last):
            sums[(slip.team_id, slip.function, slip.currency, "gross_minor")] += slip.gross_minor
            sums[(slip.team_id, slip.function, slip.currency, "employer_minor")] += slip.employer_minor
        for team, function, currency in sorted({key[:3] for key in sums}):
            cost = {name: sums[(team, function, currency, name)] for name in ("gross_minor", "employer_minor")}
            rows.append({"period": period.name, "team_id": team, "function": function, "currency": currency} | cost)
    return rows


def _millionths(part: Fraction) -> Fraction:
    return Fraction(round(part * MILLION), MILLION)


def _decimal(part: Fraction) -> Decimal:
    """Of millionths, exactly."""
    return Decimal(part.numerator) / Decimal(part.denominator)
