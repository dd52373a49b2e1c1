"""Delivery as it truly was: what teams finished, what was in progress, how long it took.

The definitions:
- A delivery item is an issue that is there now and is neither a sub-task nor an epic, by its type of now.
- A status counts by the category it has now; one that the site no longer has by the last that it had.
- A project is the same whatever its key: the files name it by the key of now.
- Issues that nobody may see count for nothing, though an epic among them places what is in it.
- What its type and its resolution are to the company is a fact of it; a resolution counts as it is now.
- What holds at an instant is what holds after everything that happened at that instant; what holds at the end of a week
  is what held before the next one began.
- The product is that of the epic, or else of the project key; the mapping is read for the local day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from sandbox.company import Company
from sandbox.company.work import site
from sandbox.company.work.events import SiteChanged
from sandbox.company.work.state import Issue, World
from sandbox.timestamps import local_date, midnight
from sandbox.truth.maps import UNMAPPED, is_valid, strongest

HOUR = 3_600_000
NEVER = 2**62
Span = tuple[int, int, Any]  # since, until, value


# -- what happened, made ready to be asked


class DeliveryFacts:
    """The company at an instant, and what its own files say then."""

    def __init__(self, company: Company, now: int) -> None:
        self.world: World = company.world(now)
        self.now = now
        self.zone = company.reporting_zone
        self.dropped_counts = company.policy.get("not_done_counts", "true") == "true"
        self._categories = _categories(company, now)
        self.seen = [i for i in self.world.issues.values() if not site.PROJECTS[i.values["project"]].private]
        self.as_of = max((issue.updated for issue in self.seen), default=now)
        self.items = [DeliveryItem(issue) for issue in self.seen if site.TYPES[issue.values["type"]].level == 0]
        self._map: dict[str, list[dict[str, str]]] = {"epic": [], "project": []}
        for row in company.rows("product_map", now):
            if row["source"] == "jira":
                self._map[row["object_type"]].append(row)
        self._placed: dict[tuple[int | None, str, date], dict[str, Decimal]] = {}
        self._teams = company.rows("teams", now)

    def category(self, status: str) -> str:
        return self._categories[status]

    def day(self, at: int) -> date:
        return local_date(at, self.zone)

    def products(self, epic: int | None, project: str, day: date) -> dict[str, Decimal]:
        """Products and weights for something in an epic and a project on a day."""
        asked = (epic, project, day)
        if asked not in self._placed:
            self._placed[asked] = self._products(*asked)
        return self._placed[asked]

    def _products(self, epic: int | None, project: str, day: date) -> dict[str, Decimal]:
        if epic in self.world.issues:
            found = self._matching("epic", self.world.issues[epic].keys, day)
            if found:
                return found
        return self._matching("project", [site.key_of(project, self.now)], day) or {UNMAPPED: Decimal(1)}

    def _matching(self, object_type: str, names: Sequence[str], day: date) -> dict[str, Decimal]:
        return {row["product_id"]: Decimal(row["weight"]) for row in strongest(self._map[object_type], names, day)}

    def team(self, name: str | None, day: date) -> str:
        return next((row["team_id"] for row in self._teams if row["name"] == name and is_valid(row, day)), UNMAPPED)


def _categories(company: Company, now: int) -> dict[str, str]:
    """The last known category of every status that there ever was by now."""
    known = {status: category for status, (_, category, _) in site.STATUSES.items() if status == site.VENDOR_CHECK}
    for event in company.events:
        if isinstance(event, SiteChanged) and event.kind == "status" and event.at <= now and event.values:
            known[event.id] = event.values.get("category", known.get(event.id))
    return known


class DeliveryItem:
    """A delivery item's past: what each field that counts was, from when until when."""

    def __init__(self, issue: Issue) -> None:
        self.created = issue.created
        self.type, self.resolution = issue.values["type"], issue.values["resolution"]
        self.is_bug = site.TYPES[self.type].kind == "bug"
        self.is_dropped = self.resolution == site.RESOLUTION_DROPPED
        self.statuses, self.epics, self.projects, self.teams = (
            spans(issue, name) for name in ("status", "epic", "project", "team")
        )

    def first(self, facts: DeliveryFacts, category: str) -> int | None:
        """When it first entered a status of a category; being created in one is entering it."""
        return next((since for since, _, status in self.statuses if facts.category(status) == category), None)

    def place(self, facts: DeliveryFacts, at: int, day: date, before: bool = False) -> tuple[dict[str, Decimal], str]:
        """Its products and team at an instant, by the files' rows of a day."""
        held = held_before if before else held_at
        return facts.products(held(self.epics, at), held(self.projects, at), day), facts.team(held(self.teams, at), day)


def spans(issue: Issue, name: str) -> list[Span]:
    """Since, until and value of a field. What happened at one instant is in the order in which it happened."""
    turns = [(issue.created, issue.first[name])]
    for history in issue.histories:
        turns += [(history.at, change.after) for change in history.changes if change.field == name]
    ends = [since for since, _ in turns[1:]] + [NEVER]
    return [(since, until, value) for (since, value), until in zip(turns, ends, strict=True)]


def held_at(known: list[Span], at: int) -> Any:
    return next(value for since, _, value in reversed(known) if since <= at)


def held_before(known: list[Span], at: int) -> Any:
    return next(value for since, _, value in reversed(known) if since < at)


# -- delivery


@dataclass
class DeliveryCell:
    """One week of one product and team."""

    done: int = 0
    bugs: int = 0
    dropped: int = 0
    throughput: Decimal = Decimal(0)
    in_progress: int = 0
    wip: Decimal = Decimal(0)
    reopened: int = 0
    cycles: list[int] = field(default_factory=list)
    worked: Fraction = Fraction(0)  # hours of these, shares of split issues by weight
    leads: list[int] = field(default_factory=list)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def delivery(facts: DeliveryFacts) -> list[dict[str, Any]]:
    cells: dict[tuple[date, str, str], DeliveryCell] = defaultdict(DeliveryCell)
    for item in facts.items:
        add_done(facts, item, cells)
        add_reopened(facts, item, cells)
        add_in_progress(facts, item, cells)
    return [row(key, cells[key]) for key in sorted(cells)]


def add_done(facts: DeliveryFacts, item: DeliveryItem, cells: dict[tuple[date, str, str], DeliveryCell]) -> None:
    """Once, in the week in which it was first done, for every product it is split over."""
    done, begun = item.first(facts, "done"), item.first(facts, "indeterminate")
    if done is None:
        return
    products, team = item.place(facts, done, facts.day(done))
    for product, weight in products.items():
        cell = cells[monday(facts.day(done)), product, team]
        cell.dropped += item.is_dropped
        if item.is_dropped and not facts.dropped_counts:
            continue
        cell.done += 1
        cell.bugs += item.is_bug
        cell.throughput += weight
        cell.leads.append(done - item.created)
        if begun is not None and begun <= done:
            cell.cycles.append(done - begun)
            cell.worked += Fraction(weight) * (done - begun) / HOUR


def finished(facts: DeliveryFacts) -> Iterator[tuple[date, set[str], Fraction | None]]:
    """Each item that counts as done: the last day of the week in which it was first done, its products then, hours."""
    for item in facts.items:
        done, begun = item.first(facts, "done"), item.first(facts, "indeterminate")
        if done is not None and (facts.dropped_counts or not item.is_dropped):
            products, _ = item.place(facts, done, facts.day(done))
            hours = Fraction(done - begun, HOUR) if begun is not None and begun <= done else None
            yield monday(facts.day(done)) + timedelta(days=6), {*products}, hours


def add_reopened(facts: DeliveryFacts, item: DeliveryItem, cells: dict[tuple[date, str, str], DeliveryCell]) -> None:
    """Every step from a done status to one that is not."""
    for (_, _, before), (at, _, after) in zip(item.statuses, item.statuses[1:], strict=False):
        if facts.category(before) == "done" and facts.category(after) != "done":
            products, team = item.place(facts, at, facts.day(at))
            for product in products:
                cells[monday(facts.day(at)), product, team].reopened += 1


def add_in_progress(facts: DeliveryFacts, item: DeliveryItem, cells: dict[tuple[date, str, str], DeliveryCell]) -> None:
    """Every week at whose end it was in progress; the running week ends, for the mapping, on the day of the data."""
    last_day = facts.day(facts.as_of)
    for since, until, status in item.statuses:
        if facts.category(status) != "indeterminate":
            continue
        for week in weeks(facts.day(since), last_day):
            end = midnight(week + timedelta(days=7), facts.zone)
            if since < end <= until:
                products, team = item.place(facts, end, min(week + timedelta(days=6), last_day), before=True)
                for product, weight in products.items():
                    cell = cells[week, product, team]
                    cell.in_progress += 1
                    cell.wip += weight


def weeks(first: date, last: date) -> Iterator[date]:
    week = monday(first)
    while week <= last:
        yield week
        week += timedelta(days=7)


def quantile_hours(values: list[int], share: Fraction) -> float | None:
    """Between the two nearest values, in proportion; hours from whole milliseconds."""
    if not values:
        return None
    known = sorted(values)
    place = (len(known) - 1) * share
    low = int(place)
    high = min(low + 1, len(known) - 1)
    return float((known[low] + (known[high] - known[low]) * (place - low)) / HOUR)


def row(key: tuple[date, str, str], cell: DeliveryCell) -> dict[str, Any]:
    median, p85 = Fraction(1, 2), Fraction(85, 100)
    return {
        "week_start_date": key[0].isoformat(),
        "product_id": key[1],
        "team_id": key[2],
        "issues_done": cell.done,
        "bugs_done": cell.bugs,
        "issues_not_done": cell.dropped,
        "throughput": cell.done,
        "throughput_split": f"{cell.throughput:.6f}",
        "issues_in_progress": cell.in_progress,
        "wip": cell.in_progress,
        "wip_split": f"{cell.wip:.6f}",
        "issues_reopened": cell.reopened,
        "cycle_n": len(cell.cycles),
        "cycle_hours_split": f"{Decimal(floor(cell.worked * 1_000_000 + Fraction(1, 2))).scaleb(-6):.6f}",
        "cycle_median_hours": quantile_hours(cell.cycles, median),
        "cycle_p85_hours": quantile_hours(cell.cycles, p85),
        "lead_n": len(cell.leads),
        "lead_median_hours": quantile_hours(cell.leads, median),
        "lead_p85_hours": quantile_hours(cell.leads, p85),
    }


# -- data health

RECONCILED = {"statuses": "status", "projects": "project", "epics": "epic", "sprints": "sprints", "teams": "team"}


def lacks_step(issue: Issue, name: str) -> bool:
    """Whether the changelog lacks a change of a field. One at the very creation leaves no trace."""
    lost = (one for one in issue.histories if one.is_lost and one.at > issue.created)
    return any(change.field == name for one in lost for change in one.changes)


def data_health(facts: DeliveryFacts, records: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """How much of the work has a product and a team, and how much of what was landed could be read: all of it."""
    mapped = with_team = known = resolved = 0
    for item in facts.items:
        products, team = item.place(facts, facts.as_of, facts.day(facts.as_of))
        mapped += UNMAPPED not in products
        with_team += team != UNMAPPED
        known += site.TYPES[item.type].kind != ""
        resolved += item.resolution is not None
    parts = {"mapping_coverage": (mapped, len(facts.items)), "team_coverage": (with_team, len(facts.items))}
    parts |= {"issue_type_coverage": (known, len(facts.items)), "resolution_coverage": (resolved, resolved)}
    for name, field_name in RECONCILED.items():
        parts[f"reconciled_{name}"] = (sum(lacks_step(i, field_name) for i in facts.seen), len(facts.seen))
    return parts | {f"quarantine_{stream}": (0, len(known)) for stream, known in records.items()}
