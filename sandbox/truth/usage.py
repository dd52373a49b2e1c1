"""Usage as it truly was: who was active with what, day by day, and how much of the data could be used at all.

The definitions:
- An active user of a product and slice on a day is a human outsider with an active event there.
- Users of a window are those who were active on any of its days: 1, 7, 28 days up to the day, or its month so far.
- A day has a row while anybody was active in its 28 days or its month.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company.usage.events import DAY, MINUTE
from sandbox.truth.maps import UNMAPPED, is_part
from sandbox.truth.people import UsageFacts
from sandbox.truth.ratios import guarded

By = dict[date, set[str]]
ONE = timedelta(days=1)
WEEK, FOUR_WEEKS = 7, 28


@dataclass
class UsageCell:
    """One product in one slice."""

    users: By = field(default_factory=lambda: defaultdict(set))
    customers: By = field(default_factory=lambda: defaultdict(set))
    events: Counter[date] = field(default_factory=Counter)
    shares: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def cells(facts: UsageFacts) -> dict[tuple[str, str, str], UsageCell]:
    found: dict[tuple[str, str, str], UsageCell] = defaultdict(UsageCell)
    for use in facts.uses:
        for node, weight in use.nodes.items():
            for kind, value in use.slices:
                cell = found[node, kind, value]
                cell.users[use.day].add(use.person)
                cell.events[use.day] += 1
                cell.shares[use.day] += weight
                if use.customer != UNMAPPED:
                    cell.customers[use.day].add(use.customer)
    return found


class RollingCount:
    """How many different ones there were in the days up to the last one that came in."""

    def __init__(self, by: Mapping[date, set[str]], days: int) -> None:
        self._by, self._days = by, days
        self._inside: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._inside)

    def come(self, day: date) -> None:
        self._inside.update(self._by.get(day, ()))
        for gone in self._by.get(day - self._days * ONE, ()):
            self._inside[gone] -= 1
            if not self._inside[gone]:
                del self._inside[gone]


def usage(facts: UsageFacts) -> list[dict[str, Any]]:
    rows = [row for key, cell in cells(facts).items() for row in days(facts, key, cell)]
    return sorted(rows, key=lambda row: tuple(row.values())[:4])


def days(facts: UsageFacts, key: tuple[str, str, str], cell: UsageCell) -> Iterator[dict[str, Any]]:
    week, weeks = RollingCount(cell.users, WEEK), RollingCount(cell.users, FOUR_WEEKS)
    customers = RollingCount(cell.customers, FOUR_WEEKS)
    month: set[str] = set()
    in_sum = 0
    day = min(cell.users)
    while day <= facts.last_day:
        for window in (week, weeks, customers):
            window.come(day)
        today = cell.users.get(day, set())
        month = today if day.day == 1 else month | today
        in_sum += len(today) - len(cell.users.get(day - FOUR_WEEKS * ONE, ()))
        if weeks or month:
            yield {
                "activity_date": day.isoformat(),
                "product_id": key[0],
                "slice_type": key[1],
                "slice_value": key[2],
                "is_rollup": key[1] != "all" or not is_part(facts.products, key[0], day),
                "events": cell.events[day],
                "events_split": f"{cell.shares.get(day, Decimal(0)):.6f}",
                "dau": len(today),
                "wau": len(week),
                "mau_28d": len(weeks),
                "mau_month": len(month),
                "customers_day": len(cell.customers.get(day, ())),
                "customers_28d": len(customers),
                "dau_28d_sum": in_sum,
                **guarded("stickiness_ratio", in_sum, FOUR_WEEKS * len(weeks), "no_users", len(weeks), facts.least),
                **guarded("wau_mau_ratio", len(week), len(weeks), "no_users", len(weeks), facts.least),
            }
        day += ONE


def data_health(facts: UsageFacts, records: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """How many events have a product and a customer, came twice, late, from the future or from before their project,
    are a bot's or a colleague's; how many of the people of 28 days count, and how many people all user ids are;
    how much of what was landed could be read: all of it."""
    usage, events = facts.usage, facts.events
    counted = {
        "mapping_coverage": sum(UNMAPPED not in facts.nodes(event)[0] for event in events),
        "account_coverage": sum(facts.owner(event)[0] != UNMAPPED for event in events),
        "duplicate_events": len(facts.duplicates),
        "late_events": sum(usage.uploaded[event] - usage.happened[event] > DAY for event in events),
        "future_records": sum(usage.happened[event] - usage.uploaded[event] > 5 * MINUTE for event in events),
        "future_events": sum(facts.days[event] > facts.last_day for event in events),
        "past_events": sum(not facts.is_dated(event) for event in events),
        "bot_events": len(facts.bots),
        "internal_events": len(facts.internal),
    }
    parts = {metric: (part, len(events)) for metric, part in counted.items()}
    recent = [
        event
        for event in events
        if facts.days[event] <= facts.last_day < facts.days[event] + FOUR_WEEKS * ONE
        and facts.is_dated(event)
        and event not in facts.duplicates
        and facts.nodes(event)[1]
    ]
    users = {user for user in facts.user_of.values() if user is not None}
    parts["active_users"] = (
        len({facts.people[event] for event in recent if facts.counts(event)}),
        len({facts.people[event] for event in recent}),
    )
    parts["merged_users"] = (
        len({facts.people[event] for event in events if facts.user_of[event] is not None}),
        len(users),
    )
    return parts | {f"quarantine_{stream}": (0, len(known)) for stream, known in records.items()}
