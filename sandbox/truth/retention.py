"""Retention as it truly was: of those who began in a week or month, how many were there again, period by period.

The definitions:
- Somebody belongs to the period of the first active day with the product.
- Retained is who was active in the period of an age, retained unbounded who was active in it or later.
- A period is complete when the one after it has begun; before, its ratio says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from sandbox.truth.maps import is_part
from sandbox.truth.people import UsageFacts
from sandbox.truth.ratios import guarded

AGES = 13


def week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_week(start: date) -> date:
    return start + timedelta(days=7)


def next_month(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1)


Step = Callable[[date], date]
GRAINS: dict[str, tuple[Step, Step]] = {"month": (month_of, next_month), "week": (week_of, next_week)}


def retention(facts: UsageFacts) -> list[dict[str, Any]]:
    active: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    for use in facts.uses:
        for node in use.nodes:
            active[node][use.person].add(use.day)
    return [
        row
        for grain, (period_of, following) in GRAINS.items()
        for node, people in sorted(active.items())
        for row in ages(facts, grain, node, people, period_of, following)
    ]


def ages(
    facts: UsageFacts, grain: str, node: str, people: dict[str, set[date]], period_of: Step, following: Step
) -> Iterator[dict[str, Any]]:
    cohorts: dict[date, list[set[date]]] = defaultdict(list)
    for days in people.values():
        cohorts[period_of(min(days))].append({period_of(day) for day in days})
    for start, members in sorted(cohorts.items()):
        period = start
        for age in range(AGES):
            if period > facts.last_day:
                break
            retained = sum(period in periods for periods in members)
            is_complete = following(period) <= facts.last_day
            yield {
                "cohort_grain": grain,
                "cohort_start_date": start.isoformat(),
                "product_id": node,
                "age": age,
                "is_rollup": not is_part(facts.products, node, period),
                "users_eligible": len(members),
                "users_retained": retained,
                "users_retained_unbounded": sum(max(periods) >= period for periods in members),
                "is_complete": is_complete,
                **_ratio(retained, len(members), is_complete, facts.least),
            }
            period = following(period)


def _ratio(retained: int, members: int, is_complete: bool, least: int) -> dict[str, Any]:
    if not is_complete:
        return {"retention_ratio": None, "retention_ratio_suppressed_reason": "not_complete"}
    return guarded("retention_ratio", retained, members, "no_users", members, least)
