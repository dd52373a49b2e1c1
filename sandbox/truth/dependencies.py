"""Which issue truly blocks which other one, since when, and whether that was known before work began.

The definitions:
- A link is there while nobody took it away and both issues are there for the API user; it is one, however many of them
  show it. Since when, the history of either says; a history that was lost says nothing.
- The company says what a type of links means, by its id before its name: which end blocks, that an initiative claims an
  epic, or neither. Of types without a row, Blocks is a dependency in which the issue before the words blocks.
- Each end is where it is today: its status, the team in its Team field and the product of its epic or project, of
  several the one with the largest weight; a sub-task is where its story is.
- A dependency is open while neither end is done. It was found before work began unless the issue that waits had been in
  progress by then.
Does not: what work is for (ladder.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.company import Company
from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.truth.delivery import DeliveryFacts, held_before, spans

USUAL = {"Blocks": "outward", "Cloners": "none", "Duplicate": "none", "Relates": "none"}


@dataclass(frozen=True, slots=True)
class TrueLink:
    """`direction` is unknown where nobody says what the type means."""

    link_id: int
    kind: site.LinkType
    direction: str
    before: Issue
    after: Issue
    linked_at: int | None


def links(company: Company, facts: DeliveryFacts) -> Iterator[TrueLink]:
    said = {row["link_type"]: row["direction"] for row in company.rows("link_types", facts.now)}
    seen = {issue.id: issue for issue in facts.seen}
    for issue in facts.seen:
        for end in facts.world.linked(issue):
            if end.is_outward and end.other in seen:
                kind, other = site.LINK_TYPES[end.type], seen[end.other]
                direction = said.get(kind.id) or said.get(kind.name) or USUAL.get(kind.name, "unknown")
                yield TrueLink(end.link_id, kind, direction, issue, other, since(end.link_id, issue, other))


def coverage(company: Company, facts: DeliveryFacts) -> dict[str, tuple[int, int]]:
    """Links of which somebody says what they mean."""
    known = [link.direction != "unknown" for link in links(company, facts)]
    return {"link_type_coverage": (sum(known), len(known))}


def since(link: int, *ends: Issue) -> int | None:
    known = (
        history.at
        for issue in ends
        for history in issue.histories
        for change in history.changes
        if change.field == "Link" and change.after and change.after.link_id == link and not history.is_lost
    )
    return max(known, default=None)


def dependencies(company: Company, facts: DeliveryFacts) -> list[dict[str, Any]]:
    """The rows of mart_dependency."""
    return [
        row(facts, link, *((link.before, link.after) if link.direction == "outward" else (link.after, link.before)))
        for link in links(company, facts)
        if link.direction in ("outward", "inward")
    ]


def row(facts: DeliveryFacts, link: TrueLink, blocker: Issue, blocked: Issue) -> dict[str, Any]:
    begun = (at for at, _, status in spans(blocked, "status") if facts.category(status) == "indeterminate")
    started = min(begun, default=None)
    described = {"blocker": end(facts, blocker), "blocked": end(facts, blocked)}
    is_open = "done" not in {one["status_category"] for one in described.values()}
    found = "before_work_began"
    if link.linked_at is None:
        found = "not_known"
    elif started is not None and started < link.linked_at:
        found = "after_work_began"
    days = None if link.linked_at is None else (facts.day(facts.as_of) - facts.day(link.linked_at)).days
    return {
        "link_id": str(link.link_id),
        "link_type_name": link.kind.name,
        "linked_date": None if link.linked_at is None else facts.day(link.linked_at).isoformat(),
        **{f"{name}_{column}": value for name, one in described.items() for column, value in one.items()},
        "is_across_products": described["blocker"]["product_id"] != described["blocked"]["product_id"],
        "is_across_teams": described["blocker"]["team_id"] != described["blocked"]["team_id"],
        "is_open": is_open,
        "found": found,
        "open_days": days if is_open else None,
    }


def end(facts: DeliveryFacts, issue: Issue) -> dict[str, Any]:
    level, day = site.TYPES[issue.values["type"]].level, facts.day(facts.as_of)
    seen = {one.id: one for one in facts.seen}
    now = facts.now + 1
    item = seen.get(held_before(spans(issue, "parent"), now), issue) if level < 0 else issue
    epic = item.id if site.TYPES[item.values["type"]].level > 0 else held_before(spans(item, "epic"), now)
    weights = facts.products(epic, held_before(spans(item, "project"), now), day)
    return {
        "id": str(issue.id),
        "key": issue.key,
        "product_id": min(weights, key=lambda product: (-weights[product], product)),
        "team_id": facts.team(held_before(spans(item, "team"), now), day),
        "status_category": facts.category(issue.values["status"]),
    }
