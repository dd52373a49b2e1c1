"""Whose working day went into what, under several models side by side, and how far each is from the hours logged.

The definitions:
- A day counts that is a working day of a worker who is not away all day. Each model shares it whole, in millionths by
  largest remainders, equal ones to the first id; what it does not know is UNATTRIBUTED.
- An issue is in progress for a worker on a day on which it was, at some instant, both in a status in progress and
  assigned to the worker's account. Work on a sub-task is work on its parent; an epic that is assigned is no work.
- equal_active_day shares the day by as many items as are in progress for the worker. story_points shares it by their
  estimates of now; what has none counts as the smallest of the others. activity_weighted goes by the minutes in which
  the worker's account changed something, each shared by what was changed in it, and by equal shares on a day without
  any. Changes of an epic are work in it; those that no account is shown of are nobody's. worklogs goes by the hours
  that the worker logged as begun that day, of the hours of the day; more than these are the whole day. declared is the
  split of the team for the day.
- Epic and project are those at the end of the day, and so is what stands above the epic.
- The error of a model is, of what a team logged in a period, the part that the model puts on other products.
Belongs here: only that. Does not: working days (headcount.py), what happened to issues (delivery.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from sandbox.company import Company
from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.timestamps import MINUTE, midnight, ms
from sandbox.truth.delivery import DeliveryFacts, held_before, spans
from sandbox.truth.headcount import WorkerDay, worker_days
from sandbox.truth.maps import UNMAPPED, is_valid

MILLION = 1_000_000
UNATTRIBUTED = "UNATTRIBUTED"
MODELS = ("equal_active_day", "activity_weighted", "story_points", "worklogs", "declared")
Weights = Mapping[str, Fraction | int]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a model gives an item, or a declared split a product, of one day of a worker."""

    model: str
    worker: WorkerDay
    item: str | None
    product: str | None
    share: int

    @property
    def capacity(self) -> int:
        """Of a full-time day, in millionths."""
        return round(MILLION * Fraction(self.worker.share) * (1 - Fraction(self.worker.leave)))


class Efforts:
    def __init__(self, company: Company, now: int | str) -> None:
        self.company, self.now = company, ms(now)
        self.facts = DeliveryFacts(company, self.now)
        self.hours = Fraction(company.policy.get("hours_of_a_day", "8"))
        self.issues = {issue.id: issue for issue in self.facts.seen}
        self.workers = [row for row in company.rows("worker_map", self.now) if row["source"] == "jira"]
        self.splits = company.rows("team_products", self.now)
        self.ends: dict[date, int] = {}

    # -- what is known of issues

    def end(self, day: date) -> int:
        if day not in self.ends:
            self.ends[day] = midnight(day + timedelta(days=1), self.facts.zone)
        return self.ends[day]

    def level(self, issue: Issue) -> int:
        return site.TYPES[issue.values["type"]].level

    def item(self, issue: Issue, day: date) -> Issue:
        """Of a sub-task its parent, if anybody can see that."""
        if self.level(issue) >= 0:
            return issue
        return self.issues.get(held_before(spans(issue, "parent"), max(self.end(day), issue.created + 1)), issue)

    def epic(self, issue: Issue, day: date) -> int | None:
        if self.level(issue) > 0:
            return issue.id
        found: int | None = held_before(spans(issue, "epic"), max(self.end(day), issue.created + 1))
        return found

    def products(self, issue: Issue, day: date, mapped_on: date | None = None) -> dict[str, Decimal]:
        """Of an item on a day, as epics and projects are mapped then, or on another day."""
        project = held_before(spans(issue, "project"), max(self.end(day), issue.created + 1))
        return self.facts.products(self.epic(issue, day), project, mapped_on or day)

    def worker(self, account: str, day: date) -> str | None:
        held = (row["worker_id"] for row in self.workers if row["key"] == account and is_valid(row, day))
        return next(held, None)

    @cached_property
    def active(self) -> dict[tuple[str, date], set[str]]:
        """By worker and day, the items that are in progress."""
        found: dict[tuple[str, date], set[str]] = defaultdict(set)
        today = self.facts.day(self.now)
        for issue in self.issues.values():
            if self.level(issue) > 0:
                continue
            for since, until, account in spans(issue, "assignee"):
                if account is None:
                    continue
                for begun, ended, status in spans(issue, "status"):
                    first, after = max(since, begun), min(until, ended)
                    if first >= after or self.facts.category(status) != "indeterminate":
                        continue
                    day = self.facts.day(first)
                    while day <= today and midnight(day, self.facts.zone) < after:
                        worker = self.worker(account, day)
                        if worker is not None:
                            found[worker, day].add(str(self.item(issue, day).id))
                        day += timedelta(days=1)
        return found

    @cached_property
    def acts(self) -> dict[tuple[str, date], dict[str, int]]:
        """By worker and day, minutes of changes by item."""
        changed: dict[tuple[str, date, int], set[str]] = defaultdict(set)
        for issue in self.issues.values():
            for history in issue.histories:
                day = self.facts.day(history.at)
                worker = None if history.is_lost or not history.is_signed else self.worker(history.author, day)
                if worker is not None:
                    changed[worker, day, history.at // MINUTE].add(str(self.item(issue, day).id))
        found: dict[tuple[str, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (worker, day, _), items in changed.items():
            for item in items:
                found[worker, day][item] += round(Fraction(MILLION, len(items)))
        return found

    @cached_property
    def logged(self) -> dict[tuple[str, date], dict[str, int]]:
        """By worker and day, seconds by item."""
        found: dict[tuple[str, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for issue in self.issues.values():
            for log in issue.worklogs.values():
                day = self.facts.day(log.started)
                worker = self.worker(log.author, day)
                if worker is not None and log.seconds > 0:
                    found[worker, day][str(self.item(issue, day).id)] += log.seconds
        return found

    # -- the models

    def weights(self, model: str, one: WorkerDay) -> Weights:
        key = (one.worker_id, one.day)
        if model == "declared":
            valid = (row for row in self.splits if row["team_id"] == one.team_id and is_valid(row, one.day))
            return {row["product_id"]: Fraction(row["share"]) for row in valid}
        if model == "worklogs":
            capacity = Effort(model, one, None, None, 0).capacity
            known = dict(self.logged.get(key, {}))
            rest = round(self.hours * 3600 * capacity / MILLION) - sum(known.values())
            return known | ({UNATTRIBUTED: rest} if known and rest > 0 else {})
        if model == "activity_weighted" and key in self.acts:
            return self.acts[key]
        items = self.active.get(key, set())
        if model == "story_points":
            points = {item: self.points(item) for item in items}
            least = min((value for value in points.values() if value), default=Fraction(1))
            return {item: value or least for item, value in points.items()}
        return dict.fromkeys(items, 1)

    def points(self, item: str) -> Fraction:
        value = self.issues[int(item)].values["points"]
        return Fraction(str(value)) if value is not None and value > 0 else Fraction(0)

    @cached_property
    def rows(self) -> list[Effort]:
        return list(self._rows())

    def _rows(self) -> Iterator[Effort]:
        for one in worker_days(self.company, self.now):
            if not one.is_working_day or one.leave == 1 or one.share == 0:
                continue
            for model in MODELS:
                weights = self.weights(model, one)
                is_split = model == "declared" and bool(weights)
                for name, share in largest_remainders(weights or {UNATTRIBUTED: 1}).items():
                    yield Effort(model, one, None if is_split else name, name if is_split else None, share)

    # -- what is summed

    def epics(self) -> dict[tuple[str, str, str, str, str], Fraction]:
        """Full-time days by model, period, team, epic and kind of work."""
        found: dict[tuple[str, str, str, str, str], Fraction] = defaultdict(Fraction)
        for row in self.rows:
            if row.model == "declared":
                continue
            epic = kind = UNATTRIBUTED
            if row.item not in (None, UNATTRIBUTED):
                issue = self.issues[int(str(row.item))]
                epic = str(self.epic(issue, row.worker.day) or UNMAPPED)
                kind = site.TYPES[issue.values["type"]].kind or UNMAPPED
            key = (row.model, row.worker.period, row.worker.team_id, epic, kind)
            found[key] += Fraction(row.share * row.capacity, MILLION * MILLION)
        return found

    def errors(self) -> dict[tuple[str, str, str], tuple[int, Fraction]]:
        """By model, period and team: days with hours logged, and the part of these hours that is put elsewhere."""
        known: dict[tuple[str, date], int] = defaultdict(int)
        for row in self.rows:
            if row.model == "worklogs" and row.item != UNATTRIBUTED:
                known[row.worker.worker_id, row.worker.day] += row.share
        given: dict[tuple[str, str, str], dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        days: dict[tuple[str, str], set[tuple[str, date]]] = defaultdict(set)
        totals: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for row in self.rows:
            key = (row.worker.worker_id, row.worker.day)
            if key not in known or (row.model == "worklogs" and row.item == UNATTRIBUTED):
                continue
            team = (row.worker.period, row.worker.team_id)
            days[team].add(key)
            part = Fraction(1) if row.model == "worklogs" else Fraction(known[key], MILLION)
            size = row.capacity * row.share * part
            totals[team] += size if row.model == "worklogs" else 0
            for product, weight in self.placed(row).items():
                given[row.model, *team][product] += size * Fraction(weight)
        found = {}
        for (model, *team), products in given.items():
            if model != "worklogs":
                logged = given["worklogs", team[0], team[1]]
                away = sum(abs(products[name] - logged[name]) for name in {*products, *logged})
                key_of_team = (team[0], team[1])
                found[model, team[0], team[1]] = (len(days[key_of_team]), away / 2 / totals[key_of_team])
        return found

    def placed(self, row: Effort) -> Mapping[str, Decimal]:
        if row.item is None:
            return {str(row.product): Decimal(1)}
        if row.item == UNATTRIBUTED:
            return {UNATTRIBUTED: Decimal(1)}
        return self.products(self.issues[int(row.item)], row.worker.day)

    def coverages(self) -> dict[str, tuple[int, int]]:
        """How much of the work effort is known of."""
        accounts = {account for issue in self.issues.values() for *_, account in spans(issue, "assignee") if account}
        begun = [
            issue
            for issue in self.issues.values()
            if self.level(issue) <= 0 and self.facts.category(issue.values["status"]) == "indeterminate"
        ]
        counted = {(row.worker.worker_id, row.worker.day) for row in self.rows}
        logs = [log.seconds for issue in self.issues.values() for log in issue.worklogs.values()]
        changes = [one for issue in self.issues.values() for one in issue.histories if not one.is_lost]
        known = {row["key"] for row in self.workers}
        on_days = sum(sum(items.values()) for key, items in self.logged.items() if key in counted)
        return {
            "assignee_coverage": (len(accounts & known), len(accounts)),
            "change_author_coverage": (sum(one.is_signed and one.author in known for one in changes), len(changes)),
            "assigned_work_coverage": (sum(issue.values["assignee"] is not None for issue in begun), len(begun)),
            "logged_seconds_coverage": (on_days, sum(logs)),
        }


def largest_remainders(weights: Weights) -> dict[str, int]:
    """A million by weights."""
    total = sum(Fraction(weight) for weight in weights.values())
    parts = {name: MILLION * Fraction(weight) / total for name, weight in weights.items()}
    found = {name: int(part) for name, part in parts.items()}
    for name in sorted(parts, key=lambda one: (found[one] - parts[one], one))[: MILLION - sum(found.values())]:
        found[name] += 1
    return {name: share for name, share in found.items() if share}
