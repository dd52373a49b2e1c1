"""What is left of every open epic, and who has it to do.

The definitions:
- An epic is an issue of the level of epics that is there now and visible; it is open while its own status is not done.
- An item (delivery.py) is open work of an epic while it is in it and not done. At each instant at which that changes:
  what is done there counts as done, what leaves it otherwise as taken out, what comes in or is reopened as added.
  What does not count as done by the policy is taken out.
- Items wait for their team of now, or, where the files know none, for their project.
- An epic is shown with those who have most of its open items; of as many, most of its done ones, and then by name. Its
  product is that of most of the items that are in it now, by weight.
Does not: when it will be done, which is drawn at random (planning/epics.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company.work import site
from sandbox.truth.delivery import DeliveryFacts, DeliveryItem, held_at, monday, spans
from sandbox.truth.maps import UNMAPPED

EPIC = 1
HISTORY = 26  # weeks


@dataclass
class Left:
    """Of one epic, by queue; ``weeks``: items done in each."""

    open: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    products: Counter[str] = field(default_factory=Counter)


class Awaited:
    def __init__(self, facts: DeliveryFacts) -> None:
        self.facts = facts
        self.epics: dict[int, Left] = defaultdict(Left)
        self.finished: Counter[tuple[str, date]] = Counter()
        self.begun: dict[str, date] = {}
        self.types: dict[str, str] = {}
        for item in facts.items:
            queue = self.queue(item)
            for epic, at, happened in self.events(item):
                week = monday(facts.day(at))
                self.begun[queue] = min(week, self.begun.get(queue, week))
                self.epics[epic].open[queue] += 1 if happened == "added" else -1
                if happened == "done":
                    self.epics[epic].done[queue] += 1
                    self.finished[queue, week] += 1
            if (epic := self.epic(item, facts.now)) is not None:
                products, _ = item.place(facts, facts.as_of, facts.day(facts.as_of))
                for product, weight in products.items():
                    self.epics[epic].products[product] += int(Decimal(weight) * 1_000_000)

    def queue(self, item: DeliveryItem) -> str:
        team = self.facts.team(held_at(item.teams, self.facts.as_of), self.facts.day(self.facts.as_of))
        project = site.key_of(held_at(item.projects, self.facts.as_of), self.facts.now)
        found = project if team == UNMAPPED else team
        self.types[found] = "project" if team == UNMAPPED else "team"
        return found

    def epic(self, item: DeliveryItem, at: int) -> int | None:
        found: int | None = held_at(item.epics, at)
        return found

    def events(self, item: DeliveryItem) -> Iterator[tuple[int, int, str]]:
        """Epic, instant and what happened to its open work."""
        counts = self.facts.dropped_counts or not item.is_dropped
        before: tuple[int | None, bool] = None, False
        for at in sorted({since for since, _, _ in (*item.epics, *item.statuses)}):
            now = self.epic(item, at), self.facts.category(held_at(item.statuses, at)) != "done"
            if now != before:
                (was_in, was_open), (is_in, is_open) = before, now
                if was_open and was_in is not None and (was_in != is_in or not is_open):
                    yield was_in, at, "removed" if is_open or not counts else "done"
                if is_open and is_in is not None and (was_in != is_in or not was_open):
                    yield is_in, at, "added"
            before = now

    def history(self, queue: str) -> tuple[int, int]:
        """Complete weeks before now, from the first in which it had anything to do, and items done in them."""
        this = monday(self.facts.day(self.facts.as_of))
        weeks = [week for n in range(1, HISTORY + 1) if (week := this - timedelta(days=7 * n)) >= self.begun[queue]]
        return len(weeks), sum(self.finished[queue, week] for week in weeks)


def delivery_forecast(facts: DeliveryFacts) -> list[dict[str, Any]]:
    """The rows of mart_delivery_forecast, without what is drawn."""
    known, rows = Awaited(facts), []
    for issue in facts.seen:
        status = held_at(spans(issue, "status"), facts.now)
        if site.TYPES[issue.values["type"]].level != EPIC or facts.category(status) == "done":
            continue
        left = known.epics[issue.id]
        queue = min({*left.open, *left.done}, key=lambda one: (-left.open[one], -left.done[one], one), default=None)
        kind = known.types.get(queue or "")
        rows.append(
            {
                "as_of_date": facts.day(facts.as_of).isoformat(),
                "epic_id": str(issue.id),
                "epic_key": issue.key,
                "epic_name": issue.values["summary"],
                "is_rollup": False,
                "product_id": min(left.products, key=lambda one: (-left.products[one], one), default=UNMAPPED),
                "team_id": queue if kind == "team" else UNMAPPED,
                "project_key": queue if kind == "project" else None,
                "items_open": sum(left.open.values()),
                "items_open_elsewhere": sum(n for one, n in left.open.items() if one != queue),
                "items_done": sum(left.done.values()),
            }
        )
    return rows
