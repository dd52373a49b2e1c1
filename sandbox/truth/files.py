"""What must have been landed of the company's own files: every row as it is written, by what distinguishes it from the
others.

Belongs here: which columns make the id of a row. Does not: what a row means (the figures that it is used for).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.company import Company
from sandbox.timestamps import utc
from sandbox.truth.goals import lives

Facts = dict[str, dict[str, Any]]
IDS = {
    "products": ("product_id", "valid_from"),
    "product_map": ("source", "object_type", "key", "match", "product_id", "valid_from"),
    "teams": ("team_id", "valid_from"),
    "team_products": ("team_id", "product_id", "valid_from"),
    "segments": ("code",),
    "markets": ("code",),
    "customers": ("customer_id", "valid_from"),
    "customer_map": ("source", "key", "valid_from"),
    "worker_map": ("source", "key", "valid_from"),
    "account_map": ("account", "valid_from"),
    "vendor_map": ("key", "valid_from"),
    "work_types": ("source", "object_type", "key"),
    "price_book": ("product_id", "market", "segment", "currency", "tier", "valid_from"),
    "market_size": ("market", "segment", "product_id", "year"),
    "fx_plan": ("currency", "fiscal_year"),
    "budget": ("account_group", "product_id", "period"),
    "ai_spend": ("vendor", "from", "to", "team_id", "user", "amount", "currency"),
    "capex_criteria": ("epic", "regime", "criterion"),
    "holidays": ("country", "date"),
    "okr_cycles": ("id",),
    "objectives": ("id", "valid_from"),
    "key_results": ("id", "valid_from"),
    "key_result_targets": ("key_result", "date"),
    "goal_parents": ("child", "parent", "valid_from"),
    "goal_links": ("work_item", "key_result_id", "valid_from"),
    "link_types": ("link_type",),
    "promises": ("promise_id",),
    "decisions": ("decision_id", "raised_at"),
}
DEFAULT_RULES = {
    "payroll": {"by_function": "true", "classed": "left_out"},
    "shared": {"method": "step_down", "driver": "events"},
    "overhead": {"driver": "cost"},
}
OVERHEAD = ["facilities", "tools", "marketing", "bad_debt", "depreciation"]
PLANNED = timedelta(days=731)  # so far ahead there are fiscal periods


def files_records(company: Company, now: int) -> dict[str, Facts]:
    """By stream and record id: the texts of a row. Periods follow from the company's calendar, no file has them."""
    found: dict[str, Facts] = {
        name: {"/".join(row[column] for column in columns): dict(row) for row in company.rows(name, now)}
        for name, columns in IDS.items()
    }
    periods = {
        one.name: {
            "period": one.name,
            "fiscal_year": one.year,
            "quarter": one.quarter,
            "number": int(one.name[-2:]),
            "first_day": str(one.first),
            "last_day": str(one.last),
        }
        for one in company.calendar.periods(utc(now).date() + PLANNED)
    }
    day = {"read_day": {"day": str(utc(now).date())}}
    found |= rules_records(company.allocation_rules(now)) | {"checkins": checkin_records(company, now)}
    return found | {"policy": {"policy": dict(company.policy)}, "fiscal_periods": periods, "read_days": day}


def checkin_records(company: Company, now: int) -> Facts:
    """Each with the day on which it was by the company's clock, and whether it was the first of that day, or later: as
    they follow each other in time, or in the file where one of them has no time."""
    zone = ZoneInfo(company.reporting_zone)
    days: dict[tuple[str, str], list[tuple[str, dict[str, str]]]] = {}
    for row in company.rows("checkins", now):
        day, at = row["date"], ""
        if len(day) > len("2026-01-31"):
            instant = datetime.fromisoformat(day.replace("Z", "+00:00"))
            instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
            day, at = str(instant.astimezone(zone).date()), f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        days.setdefault((row["kr_id"], day), []).append((at, row))
    found: Facts = {}
    for (key_result, day), rows in days.items():
        ordered = rows if "" in [at for at, _ in rows] else sorted(rows, key=lambda one: one[0])
        for place, (at, row) in enumerate(ordered, start=1):
            record = "/".join([key_result, day] + [str(place)] * (place > 1))
            found[record] = row | {"day": day, "at": at, "place": str(place)}
    return found


def goal_notes(company: Company, now: int) -> dict[str, tuple[int, int]]:
    """Check-ins of key results that no file has, and those before a key result begins or after it is graded. Files that
    were loaded once show no edit and no row that went."""
    known = {row["id"] for row in company.rows("key_results", now)}
    strays = [row["kr_id"] not in known for row in company.rows("checkins", now)]
    outside = [
        one.day < life.first or one.day >= max(life.end, life.end + timedelta(days=life.rules.grading_days))
        for life in lives(company, now, {})
        for one in life.looked
    ]
    once = {"edited_targets": (0, len(known)), "removed_key_results": (0, len(known))}
    return once | {
        "checkins_without_key_result": (sum(strays), len(strays)),
        "checkins_out_of_cycle": (sum(outside), len(outside)),
    }


def rules_records(written: Sequence[Mapping[str, Any]]) -> dict[str, Facts]:
    """Each version with all that it says or leaves to the defaults, until the next; before the first, the defaults."""
    versions: list[Mapping[str, Any]] = list(written)
    if not versions or "valid_from" in versions[0]:
        versions = [{"version": "default"}, *versions]
    found: dict[str, Facts] = {"allocation_rules": {}, "overhead_types": {}, "shared_drivers": {}}
    for version, after in zip(versions, [*versions[1:], {}], strict=True):
        name = version["version"]
        record = {"version": name, "valid_from": version.get("valid_from"), "valid_to": after.get("valid_from")}
        for group, settings in DEFAULT_RULES.items():
            said = settings | version.get(group, {})
            for product, driver in said.pop("drivers", {}).items():
                own = {"version": name, "product_id": product, "driver": driver}
                found["shared_drivers"][f"{name}/{product}"] = own
            record |= {f"{group}_{setting}": value for setting, value in said.items()}
        found["allocation_rules"][name] = record
        for cost_type in version.get("overhead_types", OVERHEAD):
            found["overhead_types"][f"{name}/{cost_type}"] = {"version": name, "cost_type": cost_type}
    return found
