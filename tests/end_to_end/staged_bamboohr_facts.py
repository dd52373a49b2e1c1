"""Which model of staging holds a stream of BambooHR, and where it says the facts of the truth.

Belongs here: the correspondence, stream by stream. Does not: comparing (staged.py), what is true (sandbox/truth).
"""

from decimal import Decimal

from tests.end_to_end.staged import Fact, Source, Staged, day, same, typed


def _dated(model: str, facts: dict[str, Fact]) -> tuple[Staged, ...]:
    """A table of dated rows, as it is now and as the newest of what was known of it."""
    facts = same(parent_id="employee_id") | typed(day, day="effective_date") | facts
    return (
        Staged(model, "record_id", facts),
        Staged(f"{model}_versions", "record_id", facts, where="known_to is null"),
    )


BAMBOOHR: Source = {
    "employees": (
        Staged(
            "stg_bamboohr__employees",
            "employee_id",
            same(first_name="first_name", last_name="last_name", email="work_email")
            | same(status="activity_status", title="job_title")
            | typed(day, hired="hire_date"),
        ),
    ),
    "job_info": _dated(
        "stg_bamboohr__job_info",
        same(department="department", division="division", title="job_title", location="location")
        | same(manager="manager_name")
        | typed(Decimal, share="fte"),
    ),
    "employment_statuses": _dated("stg_bamboohr__employment_statuses", same(status="employment_status")),
    "compensation": _dated(
        "stg_bamboohr__compensation",
        same(currency="currency", paid_per="paid_per", schedule="pay_schedule", reason="reason")
        | typed(Decimal, hundredths="rate_amount * 100"),
    ),
    "time_off_requests": (
        Staged(
            "stg_bamboohr__time_off_requests",
            "request_id",
            same(employee="employee_id", kind="time_off_type", status="request_status", unit="unit")
            | same(amount="amount::double")
            | typed(day, first="first_date", last="last_date"),
        ),
    ),
    "fields": (Staged("stg_bamboohr__fields", "field_id", same(name="field_name")),),
    "lists": (
        Staged(
            "stg_bamboohr__lists",
            "field_id",
            same(name="list_name", options="list_sort(json_extract_string(options, '$[*].name'))"),
        ),
    ),
    "locations": (Staged("stg_bamboohr__locations", "location_id", same(label="location")),),
    "holidays": (
        Staged("stg_bamboohr__holidays", "holiday_id", same(name="holiday_name") | typed(day, day="first_date")),
    ),
}
