"""Heads, shares of full time and cost of pay, by fiscal period, team and function: counted day by day.

The definitions:
- Somebody is a head of the team and function of the job of that day, from the first day of the employment to the last
  one, whatever leave there is. Interns are heads; contractors are none, and no one is twice.
- Headcount and FTE of a period are those of its last day, or of today in the period that is not over. The average is
  of that headcount and the one of the day before the period.
- FTE-days are each day's share of full time, added up over all days of the calendar.
- The cost of pay is what the payslips of a period say, gross and on top, in the currency of pay.
Belongs here: only that. Does not: what an API shows of it (sandbox/vendors/bamboohr), what is landed (staff.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.company.books.payroll import payroll
from sandbox.company.people.facts import OPENED, Worker
from sandbox.timestamps import local_date, ms

Key = tuple[str, str]  # team and function
CONTRACTOR = "contractor"


def headcount(company: Company, now: int | str) -> list[dict[str, Any]]:
    """One row per period, team and function in which anybody was, at an instant and as known then."""
    today = local_date(ms(now), company.reporting_zone)
    heads: dict[date, Counter[Key]] = defaultdict(Counter)
    shares: dict[date, dict[Key, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for worker in company.staff.workers:
        if worker.kind != CONTRACTOR:
            for day, key, share in days_of(worker, ms(now), today):
                heads[day][key] += 1
                shares[day][key] += share
    rows = []
    for period in company.periods:
        if period.last < OPENED or period.first > today:
            continue
        begin, end = period.first - timedelta(days=1), min(period.last, today)
        days = [period.first + timedelta(days=number) for number in range((end - period.first).days + 1)]
        teams = {team for day in [begin, *days] for team in heads[day]}
        for team, function in sorted(teams):
            key = (team, function)
            rows.append(
                {
                    "period": period.name,
                    "team_id": team,
                    "function": function,
                    "headcount": heads[end][key],
                    "average_headcount": Decimal(heads[begin][key] + heads[end][key]) / 2,
                    "fte": shares[end][key],
                    "fte_days": sum((shares[day][key] for day in days), Decimal()),
                }
            )
    return rows


def days_of(worker: Worker, now: int, today: date) -> Iterator[tuple[date, Key, Decimal]]:
    """Every day on which somebody is employed until today, with the team and the share of full time of that day."""
    day, life = OPENED, worker.as_known(now)
    while day <= today:
        job = life.job(day)
        if job is not None:
            yield day, (job.team_id, job.division), job.fte
        day += timedelta(days=1)


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
