"""What landed payloads of BambooHR say, in the names of the truth.

Belongs here: one function for each stream of BambooHR that the truth knows. Does not: comparing (play.py), what is true
(sandbox/truth).
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

Facts = dict[str, Any]


def _job(p: Facts) -> Facts:
    return {
        "day": p["date"],
        "department": p["department"],
        "division": p["division"],
        "title": p["jobTitle"],
        "location": p["location"],
        "manager": p["reportsTo"],
        "share": p["customFTE"],
    }


def _pay(p: Facts) -> Facts:
    return {
        "day": p["startDate"],
        "hundredths": p["rate"] and int(Decimal(p["rate"]["value"]) * 100),
        "currency": p["rate"] and p["rate"]["currency"],
        "paid_per": p["paidPer"],
        "schedule": p["paySchedule"],
        "reason": p["reason"],
    }


BAMBOOHR: dict[str, Callable[[Facts], Facts]] = {
    "employees": lambda p: {
        "first_name": p["firstName"],
        "last_name": p["lastName"],
        "email": p["workEmail"],
        "status": p["status"],
        "hired": p["hireDate"],
        "title": p["jobTitleName"],
    },
    "job_info": _job,
    "employment_statuses": lambda p: {"day": p["date"], "status": p["employmentStatus"]},
    "compensation": _pay,
    "time_off_requests": lambda p: {
        "employee": str(p["employeeId"]),
        "first": p["start"],
        "last": p["end"],
        "kind": p["type"]["name"],
        "status": p["status"]["status"],
        "unit": p["amount"]["unit"],
        "amount": float(p["amount"]["amount"]),
    },
    "fields": lambda p: {"name": p["name"]},
    "lists": lambda p: {"name": p["name"], "options": sorted(option["name"] for option in p["options"])},
    "locations": lambda p: {"label": p["label"]},
    "holidays": lambda p: {"name": p["name"], "day": p["start"]},
}
