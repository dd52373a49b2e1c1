"""What must have been landed of the people: chosen facts of every record, row, request and list that HR has.

Belongs here: what a faithful copy of the HR system holds. Does not: heads and shares (headcount.py). Pay is a fact here
like any other; a comparison says which rows differ, never what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.company.people.facts import (
    EXPONENTS,
    HOURS_OF_A_DAY,
    OPENED,
    TERMINATED,
    WORKING_DAYS,
    Entry,
    JobValues,
    LeaveValues,
    PayValues,
    StatusValues,
    Worker,
)
from sandbox.company.people.hr_account import FIELDS, LISTS, entered, option
from sandbox.timestamps import local_date, utc

Facts = dict[str, dict[str, Any]]
ZERO = "0000-00-00"
AHEAD = 366  # days for which holidays are asked


def bamboohr_records(company: Company, now: int) -> dict[str, Facts]:
    """By stream and record id: a row's is its employee's and its own number. Days are text."""
    staff, today = company.staff, local_date(now, company.reporting_zone)
    found: dict[str, Facts] = {
        name: {} for name in ("employees", "job_info", "employment_statuses", "compensation", "time_off_requests")
    }
    for number, worker, entries in known_records(company, now):
        found["employees"][number] = _employee(worker, entries, today, company.reporting_zone)
        for entry in entries:
            row, day, values = f"{number}/{entry.number}", str(entry.day or ZERO), entry.values
            if isinstance(values, JobValues):
                manager = staff.by_id.get(values.manager_id)
                found["job_info"][row] = {
                    "parent_id": number,
                    "day": day,
                    "department": values.department,
                    "division": values.division,
                    "title": values.title,
                    "location": values.location,
                    "manager": manager and f"{manager.last_name}, {manager.first_name}",
                    "share": str(values.fte),
                }
            elif isinstance(values, StatusValues):
                found["employment_statuses"][row] = {"parent_id": number, "day": day, "status": values.status}
            elif isinstance(values, PayValues):
                found["compensation"][row] = {
                    "parent_id": number,
                    "day": day,
                    "hundredths": values.rate_minor * 10 ** (2 - EXPONENTS[values.currency])
                    if values.has_rate
                    else None,
                    "currency": values.currency if values.has_rate else None,
                    "paid_per": values.paid_per or None,
                    "schedule": values.schedule or None,
                    "reason": values.reason,
                }
            else:
                found["time_off_requests"][str(entry.number)] = {"employee": number} | _leave(entry, values)
    return found | _account(now)


def _account(now: int) -> dict[str, Facts]:
    """What the account holds beside people. Holidays are read from the company's first day to a year ahead."""
    prefetch = str((utc(now) + timedelta(days=AHEAD)).date())
    return {
        "fields": {number: {"name": name} for number, name, _ in FIELDS.values()},
        "lists": {
            FIELDS[name][0]: {"name": FIELDS[name][1], "options": sorted(values)} for name, values in LISTS.items()
        },
        "locations": {str(option("location", place)): {"label": place} for place in LISTS["location"]},
        "holidays": {
            f"{number}/{day}": {"name": name, "day": day}
            for number, name, day in entered()
            if str(OPENED) <= day <= prefetch
        },
    }


def known_records(company: Company, now: int) -> Iterator[tuple[str, Worker, list[Entry]]]:
    """Number, human and rows of each record that is there."""
    for worker in company.staff.workers:
        for number, since, until in worker.bamboo_ids:
            if since <= now and (until is None or now < until):
                yield number, worker, [e for e in worker.entries if e.bamboo_id == number and e.known(now)]


def _employee(worker: Worker, entries: list[Entry], today: date, zone: str) -> dict[str, Any]:
    """Somebody who has not begun has no title yet; somebody who has left keeps the last one."""
    jobs = [e for e in entries if isinstance(e.values, JobValues) and (e.day or date.min) <= today]
    statuses = sorted((e for e in entries if isinstance(e.values, StatusValues)), key=lambda e: e.order)
    past = [e for e in statuses if (e.day or date.min) <= today]
    title = None
    if jobs:
        newest = max(jobs, key=lambda e: e.order).values
        assert isinstance(newest, JobValues)
        title = newest.title
    is_active = bool(past)
    if past and past[-1].values == StatusValues(TERMINATED):
        # the last day is worked, but an end that is entered on the day itself makes inactive at once
        is_active = past[-1].day == today != local_date(past[-1].known_from, zone)
    return {
        "first_name": worker.first_name,
        "last_name": worker.last_name,
        "email": worker.work_email,
        "status": "Active" if is_active else "Inactive",
        "hired": str(statuses[0].day),
        "title": title,
    }


def _leave(entry: Entry, values: LeaveValues) -> dict[str, Any]:
    assert entry.day is not None
    days = [entry.day + timedelta(days=number) for number in range((values.last - entry.day).days + 1)]
    of_a_day = values.part or (HOURS_OF_A_DAY if values.unit == "hours" else Decimal(1))
    return {
        "first": str(entry.day),
        "last": str(values.last),
        "kind": values.kind,
        "status": values.status,
        "unit": values.unit,
        "amount": float(of_a_day * sum(day.weekday() in WORKING_DAYS for day in days)),
    }
