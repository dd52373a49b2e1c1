"""Employees, table rows, leave, lists and fields as JSON, as BambooHR writes them at an instant, and the same as XML.

Belongs here: the shape of what is shown. Does not: which of it an endpoint shows (api.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from sandbox.company import Company
from sandbox.company.people.facts import (
    COMMISSION,
    EXPONENTS,
    HOURS_OF_A_DAY,
    JOBS,
    LEAVES,
    OPENED,
    PAY,
    STATUSES,
    TERMINATED,
    UNPAID,
    WORKING_DAYS,
    Employment,
    Entry,
    JobValues,
    LeaveValues,
    PayValues,
    StatusValues,
    Worker,
)
from sandbox.company.people.hr_account import FIELDS, LISTS, entered, option
from sandbox.company.people.hr_records import PLACES
from sandbox.timestamps import local_date, midnight, utc

Document = dict[str, Any]
NO_DAY = "0000-00-00"
TABLES = (JOBS, PAY, STATUSES)
KEY_OWNER, FIRST_USER = 2_351, 30_000  # numbers of users
HR = "Back Office"
COLUMNS = {
    JOBS: ("date", "location", "department", "division", "jobTitle", "reportsTo", "customFTE"),
    PAY: ("startDate", "rate", "type", "exempt", "reason", "comment", "paidPer", "paySchedule"),
    STATUSES: ("date", "employmentStatus", "comment", "terminationReasonId"),
}
LEAVE_TYPES = {
    "Vacation": (78, "palm-trees"),
    "Sick Leave": (79, "first-aid-kit"),
    UNPAID: (80, "person-carrying-briefcase"),
}


def stamp(at: int) -> str:
    return f"{utc(at):%Y-%m-%dT%H:%M:%S}+00:00"


def shown_day(day: date | None) -> str:
    return NO_DAY if day is None else day.isoformat()


def money(values: PayValues) -> str:
    """Two decimals, whatever the currency has."""
    digits = EXPONENTS[values.currency]
    whole, minor_units = divmod(values.rate_minor, 10**digits)
    return f"{whole}.{minor_units:0{digits}d}" if digits else f"{whole}.00"


@dataclass
class EmployeeRecord:
    """One employee's record as it stands at an instant."""

    number: str
    worker: Worker
    entries: list[Entry]
    today: date
    zone: str

    @cached_property
    def life(self) -> Employment:
        return Employment(self.entries)

    @property
    def is_active(self) -> bool:
        """An end that is entered on its own day makes inactive at once, one that was entered before from the day after
        on ("End Employment")."""
        row = self.newest(STATUSES)
        is_ended_today = row is not None and row.day == self.ended == local_date(row.known_from, self.zone)
        return not is_ended_today and any(since <= self.today < until for since, until in self.life.spans)

    @property
    def begins(self) -> date | None:
        return self.life.spans[0][0] if self.life.spans else None

    @property
    def ended(self) -> date | None:
        row = self.newest(STATUSES)
        return row.day if row and isinstance(row.values, StatusValues) and row.values.status == TERMINATED else None

    @property
    def is_to_come(self) -> bool:
        return self.begins is not None and self.begins > self.today

    def rows(self, table: str) -> list[Entry]:
        """In no order that says anything."""
        return sorted((e for e in self.entries if e.table == table), key=lambda e: (e.number * 7_919 % 1_009, e.number))

    def newest(self, table: str) -> Entry | None:
        rows = [e for e in self.entries if e.table == table and (e.day or date.min) <= self.today]
        return max(rows, key=lambda e: e.order, default=None)

    @property
    def job(self) -> JobValues | None:
        row = self.newest(JOBS)
        return row.values if row and isinstance(row.values, JobValues) else None


class BambooHrRenderer:
    """What the account holds at an instant, without the people and fields that the key's owner may not see."""

    def __init__(self, company: Company, now: int, hidden: Collection[str] = ()) -> None:
        self.now, self.zone = now, company.reporting_zone
        self.today = local_date(now, self.zone)
        self.workers = company.staff.by_id
        self.everybody = company.staff.workers
        self.left_out = {what.removeprefix("department:") for what in hidden if what.startswith("department:")}
        self.omitted = {what.removeprefix("field:") for what in hidden if what.startswith("field:")}
        self.nulled = {what.removeprefix("null:") for what in hidden if what.startswith("null:")}

    @cached_property
    def records(self) -> dict[str, EmployeeRecord]:
        """By number, in the order of the numbers."""
        found = {}
        for worker in self.everybody:
            for number, since, until in worker.bamboo_ids:
                if since <= self.now and (until is None or self.now < until):
                    entries = [e for e in worker.entries if e.bamboo_id == number and e.known(self.now)]
                    record = EmployeeRecord(number, worker, entries, self.today, self.zone)
                    if record.job is None or record.job.department not in self.left_out:
                        found[number] = record
        return dict(sorted(found.items(), key=lambda item: int(item[0])))

    def number_of(self, worker_id: str) -> str | None:
        """The newest record of a worker."""
        worker = self.workers.get(worker_id)
        known = [number for number, *_ in worker.bamboo_ids if number in self.records] if worker else []
        return known[-1] if known else None

    def allowed(self, document: Document) -> Document:
        """Fields that may not be seen are missing, or null, without another word."""
        shown = {name: value for name, value in document.items() if name not in self.omitted}
        return shown | dict.fromkeys(self.nulled & shown.keys())

    # -- employees

    def listed(self, record: EmployeeRecord, fields: Collection[str]) -> Document:
        """As the new list shows them: names of its own, nulls for what is not there or may not be seen."""
        worker, job = record.worker, record.job
        manager = self.workers.get(job.manager_id) if job else None
        status = record.newest(STATUSES)
        usual: Document = {
            "employeeId": record.number,
            "firstName": worker.first_name,
            "lastName": worker.last_name,
            "preferredName": None,
            "photoUrl": None,
            "jobTitleName": job and job.title,
            "status": "Active" if record.is_active else "Inactive",
        }
        more: Document = {
            "workEmail": worker.work_email,
            "hireDate": record.begins and record.begins.isoformat(),
            "departmentName": job and job.department,
            "departmentId": job and str(option("department", job.department)),
            "divisionName": job and job.division,
            "divisionId": job and str(option("division", job.division)),
            "locationName": job and job.location,
            "locationId": job and str(option("location", job.location)),
            "employmentStatusName": status.values.status
            if status and isinstance(status.values, StatusValues)
            else None,
            "reportsToName": manager and manager.name,
            "reportsToId": manager and self.number_of(manager.worker_id),
        }
        shown = usual | {name: value for name, value in more.items() if name in fields}
        restricted = sorted((self.omitted | self.nulled) & shown.keys())
        return shown | dict.fromkeys(restricted) | {"_restrictedFields": restricted}

    def fields_of(self, record: EmployeeRecord) -> Document:
        """All that can be asked of one employee, by alias."""
        worker, job, pay = record.worker, record.job, record.newest(PAY)
        manager = self.workers.get(job.manager_id) if job else None
        rate = pay.values if pay and isinstance(pay.values, PayValues) else None
        status = record.newest(STATUSES)
        return {
            "firstName": worker.first_name,
            "lastName": worker.last_name,
            "displayName": worker.name,
            "employeeNumber": f"{int(record.number):05d}",
            "workEmail": worker.work_email,
            "status": "Active" if record.is_active else "Inactive",
            "hireDate": shown_day(record.begins),
            "terminationDate": shown_day(record.ended),
            "jobTitle": job and job.title,
            "department": job and job.department,
            "division": job and job.division,
            "location": job and job.location,
            "supervisor": self.called(manager),
            "supervisorEId": manager and self.number_of(manager.worker_id),
            "employmentHistoryStatus": status.values.status
            if status and isinstance(status.values, StatusValues)
            else None,
            "customFTE": job and str(job.fte),
            "payRate": f"{money(rate)} {rate.currency}" if rate and rate.has_rate else None,
            "payType": rate and pay_type(rate),
            "payPer": rate and (rate.paid_per or None),
        }

    def called(self, worker: Worker | None) -> str | None:
        return None if worker is None else f"{worker.last_name}, {worker.first_name}"

    def directory(self, record: EmployeeRecord) -> Document:
        names = ("displayName", "firstName", "lastName", "jobTitle", "workEmail", "department", "location", "division")
        fields = self.fields_of(record)
        shown = {"id": record.number} | {name: fields[name] for name in (*names, "supervisor")}
        return self.allowed(shown) | {"photoUploaded": False, "canUploadPhoto": 0}

    # -- rows of tables

    def row(self, record: EmployeeRecord, entry: Entry) -> Document:
        keys = {"id": str(entry.number), "employeeId": record.number}
        values = entry.values
        if isinstance(values, JobValues):
            row: Document = {
                "date": shown_day(entry.day),
                "location": values.location,
                "department": values.department,
                "division": values.division,
                "jobTitle": values.title,
                "reportsTo": self.called(self.workers.get(values.manager_id)),
                "customFTE": str(values.fte),
            }
        elif isinstance(values, PayValues):
            row = {
                "startDate": shown_day(entry.day),
                "rate": {"currency": values.currency, "value": money(values)} if values.has_rate else None,
                "type": pay_type(values),
                "exempt": None,
                "reason": values.reason,
                "comment": "",
                "paidPer": values.paid_per or None,
                "paySchedule": values.schedule or None,
            }
        else:
            assert isinstance(values, StatusValues)
            ended = values.status == TERMINATED
            row = {
                "date": shown_day(entry.day),
                "employmentStatus": values.status,
                "comment": "",
                "terminationReasonId": "9" if ended else None,
            }
        return keys | self.allowed(row)

    # -- leave and holidays

    def leaves(self) -> Iterator[tuple[EmployeeRecord, Entry, LeaveValues]]:
        for record in self.records.values():
            for entry in record.rows(LEAVES):
                if isinstance(entry.values, LeaveValues):
                    yield record, entry, entry.values

    def request(self, record: EmployeeRecord, entry: Entry, values: LeaveValues) -> Document:
        assert entry.day is not None
        days = [entry.day + timedelta(days=number) for number in range((values.last - entry.day).days + 1)]
        whole = HOURS_OF_A_DAY if values.unit == "hours" else Decimal(1)
        part = number_of(whole if values.part is None else values.part)
        amounts = {day.isoformat(): part if day.weekday() in WORKING_DAYS else 0 for day in days}
        first = min(e.known_from for e in record.worker.entries if (e.table, e.number) == (LEAVES, entry.number))
        number, icon = LEAVE_TYPES[values.kind]
        return {
            "id": entry.number,
            "employeeId": int(record.number),
            "name": record.worker.name,
            "status": {
                "lastChanged": local_date(entry.known_from, self.zone).isoformat(),
                "lastChangedByUserId": KEY_OWNER,
                "status": values.status,
            },
            "start": entry.day.isoformat(),
            "end": values.last.isoformat(),
            "created": local_date(first, self.zone).isoformat(),
            "type": {"id": number, "name": values.kind, "icon": icon},
            "amount": {"unit": values.unit, "amount": sum(amounts.values())},
            "actions": dict.fromkeys(("view", "edit", "cancel", "approve", "deny", "bypass"), False) | {"view": True},
            "dates": amounts,
            "notes": {"employee": "", "manager": ""},
        }

    def holidays(self) -> Iterator[Document]:
        for number, name, day in entered():
            yield {"id": number, "type": "holiday", "name": name, "start": day, "end": day}

    # -- fields and lists

    def lists(self) -> list[Document]:
        created = stamp(midnight(OPENED, self.zone))
        return [
            {
                "fieldId": FIELDS[name][0],
                "manageable": "yes",
                "multiple": "no",
                "name": FIELDS[name][1],
                "alias": name,
                "options": [
                    {
                        "id": option(name, value),
                        "archived": "no",
                        "createdDate": created,
                        "archivedDate": None,
                        "name": value,
                    }
                    for value in values
                ],
            }
            for name, values in LISTS.items()
        ]

    def fields(self) -> list[Document]:
        """Numbers are numbers, but those of columns are text. What may not be seen is not in the list."""
        return [
            {"id": number if "." in number else int(number), "name": name, "type": kind, "alias": alias}
            for alias, (number, name, kind) in FIELDS.items()
            if alias not in self.omitted
        ]

    @property
    def known_fields(self) -> dict[str, Document]:
        """Name and type of each, by alias."""
        return {alias: {"type": kind, "name": name} for alias, (_, name, kind) in FIELDS.items()}

    # -- users

    @cached_property
    def key_owner(self) -> str:
        """Whose key it is: the first of those who work here now, in the department that keeps the records."""
        found = (number for number, one in self.records.items() if one.is_active and one.job)
        ranked = sorted(found, key=lambda number: (self._department(number) != HR, int(number)))
        return ranked[0] if ranked else ""

    def _department(self, number: str) -> str | None:
        job = self.records[number].job
        return job and job.department

    def users(self) -> Iterator[Document]:
        """Everybody with a record may sign in while working here; who is to come has never done so."""
        for number, record in self.records.items():
            user: Document = {
                "id": KEY_OWNER if number == self.key_owner else FIRST_USER + int(number),
                "employeeId": int(number),
                "firstName": record.worker.first_name,
                "lastName": record.worker.last_name,
                "email": record.worker.work_email,
                "status": "enabled" if record.is_active else "disabled",
            }
            yield user if record.is_to_come else user | {"lastLogin": stamp(midnight(self.today, self.zone))}

    def tables(self) -> list[Document]:
        return [
            {
                "alias": table,
                "fields": [
                    {"id": 4_100 + number, "name": column, "alias": column, "type": "text"}
                    for number, column in enumerate(columns)
                    if column not in self.omitted
                ],
            }
            for table, columns in COLUMNS.items()
        ]

    def locations(self) -> list[Document]:
        return [
            {
                "id": str(option("location", place)),
                "label": place,
                "archived": False,
                "manageable": True,
                "address": {
                    "address1": "1 High Street",
                    "address2": None,
                    "city": place,
                    "stateId": None,
                    "zipcode": "10000",
                    "countryId": country,
                    "timezone": None,
                    "remoteLocation": False,
                },
                "createdAt": stamp(midnight(OPENED, self.zone)),
                "archivedAt": None,
            }
            for country, place in PLACES.items()
        ]


def pay_type(values: PayValues) -> str:
    if not values.has_rate:
        return COMMISSION
    return "Hourly" if values.paid_per == "Hour" else "Salary"


def number_of(part: Decimal) -> int | float:
    """As JSON has it: 4, or 0.5."""
    return int(part) if part == int(part) else float(part)
