"""The truth on a company small enough to be worked by hand, and on labelled cases of a made-up one.

The hand-worked company reports in Berlin (UTC+1 in January 2026). Its weeks begin on Mondays 2026-01-05 and 2026-01-12.
"""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.company.structure import DatedRow, jira
from sandbox.company.usage.events import EventWriter, Usage
from sandbox.company.work import site
from sandbox.company.work.events import Change, Event, IssueChanged, IssueCreated, IssueDeleted, SiteChanged
from sandbox.timestamps import ms
from sandbox.truth import billing, data_health, delivery, health, landed_from
from sandbox.truth.landing import jira_records
from tests.sandbox.conftest import made

STORY, BUG, EPIC, SUBTASK = "10201", "10203", "10200", "10204"
TODO, DOING, DONE = "10000", "3", "10002"


class HandMade(Company):
    """A company of given events, with a mapping of four rows and one team."""

    def __init__(self, events: list[Event]) -> None:
        self.seed, self.scale, self._switches = 0, "hand", {}
        self.user_zone, self.reporting_zone, self.currency = "Europe/Berlin", "Europe/Berlin", "EUR"
        self.people, self.sprints, self.cases, self.fields = [], [], [], site.fields(0)
        self._files = {
            "product_map": [
                DatedRow(jira("project", "PAY", "exact", "payments", "1", "2025-01-01", "", "")),
                DatedRow(jira("project", "OPS", "exact", "core", "0.6", "2025-01-01", "", "")),
                DatedRow(jira("project", "OPS", "exact", "shop", "0.4", "2025-01-01", "", "")),
                DatedRow(jira("epic", "PAY-9", "exact", "wallet", "1", "2025-01-01", "2026-01-14", "")),
            ],
            "teams": [DatedRow(("T1", "Heron", "stream", "engineering", "", "2025-01-01", ""))],
            "products": [],
            "customers": [],
            "customer_map": [],
            "worker_map": [],
        }
        self.usage = Usage(EventWriter(0))
        categories = {TODO: "new", DOING: "indeterminate", DONE: "done"}
        known = [
            SiteChanged(0, "status", n, {"name": n, "category": c, "project": None}) for n, c in categories.items()
        ]
        self.events = sorted([*known, *events], key=lambda event: event.at)


def created(number: int, key: str, at: str, kind: str = STORY, **values: Any) -> IssueCreated:
    fresh = {
        "project": key.split("-")[0],
        "key": key,
        "type": kind,
        "status": TODO,
        "summary": key,
        "description": None,
    }
    fresh |= {"epic": None, "parent": None, "team": "Heron", "sprints": (), "points": None, "assignee": None}
    return IssueCreated(
        ms(at), number, "somebody", fresh | {"priority": "3", "resolution": None, "labels": ()} | values
    )


HISTORIES = iter(range(1, 1000))


def moved(number: int, at: str, before: str, after: str) -> IssueChanged:
    return IssueChanged(ms(at), number, next(HISTORIES), "somebody", (Change("status", before, after),))


HAND = [
    # Done in the first week: cycle 48 h, lead 72 h.
    created(1, "PAY-1", "2026-01-05T08:00:00Z"),
    moved(1, "2026-01-06T08:00:00Z", TODO, DOING),
    moved(1, "2026-01-08T08:00:00Z", DOING, DONE),
    # A bug, cycle 49 h, lead 97 h, reopened in the second week.
    created(2, "PAY-2", "2026-01-05T10:00:00Z", BUG),
    moved(2, "2026-01-07T10:00:00Z", TODO, DOING),
    moved(2, "2026-01-09T11:00:00Z", DOING, DONE),
    moved(2, "2026-01-13T09:00:00Z", DONE, TODO),
    # Begun one millisecond before Monday of Berlin and done at Monday 00:00:00.000: in progress at the first week's
    # end, done in the second. In a split project, without a team. Cycle 1 ms, lead 30 minutes.
    created(3, "OPS-1", "2026-01-11T22:30:00Z", team=None),
    moved(3, "2026-01-11T22:59:59.999Z", TODO, DOING),
    moved(3, "2026-01-11T23:00:00Z", DOING, DONE),
    # In an epic that is mapped until the 14th; in progress at the end of both weeks.
    created(4, "PAY-4", "2026-01-05T12:00:00Z", epic=5),
    moved(4, "2026-01-08T12:00:00Z", TODO, DOING),
    # An epic and a sub-task that were done, and a deleted story: no delivery items.
    created(5, "PAY-9", "2026-01-05T06:00:00Z", EPIC),
    moved(5, "2026-01-06T06:00:00Z", TODO, DONE),
    created(6, "PAY-10", "2026-01-05T06:00:00Z", SUBTASK, parent=1),
    moved(6, "2026-01-06T06:00:00Z", TODO, DONE),
    created(7, "PAY-11", "2026-01-05T06:00:00Z"),
    moved(7, "2026-01-06T06:00:00Z", TODO, DONE),
    IssueDeleted(ms("2026-01-07T06:00:00Z"), 7),
    # Not begun, in a project without a mapping; the newest change of all, so the data is as of Thursday the 15th.
    created(8, "LAB-1", "2026-01-15T09:00:00Z", team="Unheard of"),
]


def delivered(company: Company, now: str) -> list[dict[str, Any]]:
    return delivery.delivery(delivery.DeliveryFacts(company, ms(now)))


def cell(week: str, product: str, team: str, **values: Any) -> dict[str, Any]:
    empty = {"issues_done": 0, "bugs_done": 0, "issues_not_done": 0, "throughput_split": "0.000000"}
    empty |= {"issues_in_progress": 0, "wip_split": "0.000000"}
    empty |= {"issues_reopened": 0, "cycle_n": 0, "cycle_hours_split": "0.000000"}
    empty |= {"cycle_median_hours": None, "cycle_p85_hours": None}
    empty |= {"lead_n": 0, "lead_median_hours": None, "lead_p85_hours": None}
    found = {"week_start_date": week, "product_id": product, "team_id": team} | empty | values
    return found | {"throughput": found["issues_done"], "wip": found["issues_in_progress"]}


def test_delivery_worked_by_hand() -> None:
    first, second = "2026-01-05", "2026-01-12"
    blink = pytest.approx(1 / 3_600_000, rel=1e-12)
    instant_done = {"issues_done": 1, "cycle_n": 1, "cycle_median_hours": blink, "cycle_p85_hours": blink}
    instant_done |= {"lead_n": 1, "lead_median_hours": 0.5, "lead_p85_hours": 0.5}
    two_done = {"issues_done": 2, "bugs_done": 1, "throughput_split": "2.000000", "cycle_n": 2, "lead_n": 2}
    two_done |= {
        "cycle_hours_split": "97.000000",
        "cycle_median_hours": 48.5,
        "cycle_p85_hours": 48.85,
        "lead_median_hours": 84.5,
        "lead_p85_hours": 93.25,
    }
    assert delivered(HandMade(HAND), "2026-01-16T00:00:00Z") == [
        cell(first, "core", "UNMAPPED", issues_in_progress=1, wip_split="0.600000"),
        cell(first, "payments", "T1", **two_done),
        cell(first, "shop", "UNMAPPED", issues_in_progress=1, wip_split="0.400000"),
        cell(first, "wallet", "T1", issues_in_progress=1, wip_split="1.000000"),
        cell(second, "core", "UNMAPPED", throughput_split="0.600000", **instant_done),
        # The epic's mapping ended on the 14th and the data is of the 15th: the story falls back to its project.
        cell(second, "payments", "T1", issues_in_progress=1, wip_split="1.000000", issues_reopened=1),
        cell(second, "shop", "UNMAPPED", throughput_split="0.400000", **instant_done),
    ]


def test_data_health_worked_by_hand() -> None:
    facts = delivery.DeliveryFacts(HandMade(HAND), ms("2026-01-16T00:00:00Z"))
    found = delivery.data_health(facts, jira_records(facts.world))
    # Five delivery items are there: 1 to 4 and 8; 8 has no product, 3 and 8 have no team.
    assert found["mapping_coverage"] == (4, 5)
    assert found["team_coverage"] == (3, 5)
    assert found["quarantine_issues"] == (0, 7)
    assert found["quarantine_changelogs"] == (0, 10)
    assert found["quarantine_users"] == (0, 0)


def test_a_share_of_nothing_is_none() -> None:
    rows = data_health({"bamboohr": {"worker_coverage": (0, 0), "team_coverage": (3, 5)}})
    ratios = {row["metric_id"]: row["ratio"] for row in rows if row["source"] == "bamboohr"}
    controls = {"employed_heads": 1.0, "employed_departments": 1.0}
    assert ratios == {"worker_coverage": None, "team_coverage": 0.6} | controls


def test_coverage_of_money_and_people_is_what_the_files_say() -> None:
    company, now = copy(made(1)), ms("2026-10-15T06:00:00Z")

    def shares() -> dict[str, tuple[int, int]]:
        found = {"stripe": billing.data_health(company, now), "quickbooks": health.quickbooks(company, now)}
        found["bamboohr"] = health.bamboohr(company, now)
        names = [(source, name) for source, parts in found.items() for name in parts if name.endswith("_coverage")]
        # what is known of tax, and what HR says of people, stands in no file
        elsewhere = ("tax_coverage", "status_coverage", "share_coverage", "pay_coverage")
        return {f"{source} {name}": found[source][name] for source, name in names if name not in elsewhere}

    before = shares()
    assert len(before) == 6
    assert all(0 < part <= whole for part, whole in before.values())
    company._files = company._files | {name: [] for name in ("product_map", "customer_map", "worker_map", "teams")}
    ledger = "quickbooks ledger_coverage"
    assert shares() == {name: (0, whole) for name, (_, whole) in before.items()} | {ledger: before[ledger]}
    # Whose account nobody knows could be overhead, or not: it needs a class.
    company._files = company._files | {"account_map": []}
    asked = "quickbooks mapping_coverage"
    assert shares()[ledger] == (0, before[ledger][1])
    assert shares()[asked][1] > before[asked][1]


def test_the_past_of_an_earlier_now_is_smaller() -> None:
    early = delivered(HandMade(HAND), "2026-01-08T12:00:00Z")
    assert [(row["product_id"], row["issues_done"], row["issues_in_progress"]) for row in early] == [
        ("payments", 1, 1), ("wallet", 0, 1)
    ]  # fmt: skip


def test_a_status_that_the_site_lost_counts_as_it_did() -> None:
    events = [*HAND, SiteChanged(ms("2026-01-15T12:00:00Z"), "status", DOING, None)]
    whole, lost = (delivered(HandMade(known), "2026-01-16T00:00:00Z") for known in (HAND, events))
    assert lost == whole
    assert sum(row["issues_in_progress"] for row in lost) > 0


def test_two_patterns_for_one_key_are_refused() -> None:
    company = HandMade(HAND)
    company._files["product_map"] += [
        DatedRow(jira("project", key, "glob", "core", "1", "2025-01-01", "", "")) for key in ("L*", "*B")
    ]
    with pytest.raises(ValueError, match="several patterns"):
        delivery.data_health(delivery.DeliveryFacts(company, ms("2026-01-16T00:00:00Z")), {})


def issues_of(company: Company, case: str, now: str) -> list[str]:
    keys = next(found.keys for found in company.cases if found.name == case)
    world = company.world(now)
    return [str(world.by_key[key]) for key in keys if key in world.by_key]


def test_a_late_mapping_restates_the_past() -> None:
    company = made(1)

    def weight(now: str) -> Decimal:
        rows = delivered(company, now)
        return sum((Decimal(row["throughput_split"]) for row in rows if row["product_id"] == "UNMAPPED"), Decimal(0))

    assert weight("2026-11-16T08:59:59Z") > 0
    assert weight("2026-11-16T09:00:00Z") == 0


def test_throughput_adds_up_to_the_issues_done() -> None:
    """Weights of a split add up to one, so all products together are exactly the items that are done."""
    company, now = made(2), "2026-10-15T06:00:00Z"
    world = company.world(now)
    done = 0
    for issue in world.issues.values():
        statuses = {
            issue.first["status"],
            *(c.after for h in issue.histories for c in h.changes if c.field == "status"),
        }
        known = (world.site["status"].get(status, {}).get("category") for status in statuses)
        done += site.TYPES[issue.values["type"]].level == 0 and "done" in known
    rows = delivered(company, now)
    assert sum(Decimal(row["throughput_split"]) for row in rows) == done
    assert sum(row["issues_done"] for row in rows) > done


def test_landed_facts_of_labelled_cases() -> None:
    company, now = made(1), "2026-10-15T06:00:00Z"
    facts = landed_from("jira", company, now)
    (first, second) = issues_of(company, "moved_between_projects", now)
    assert facts["issues"][first]["key"].startswith("INS-")
    assert facts["issues"][second]["project_key"] == "PAY"
    assert len({facts["issues"][n]["updated"] for n in issues_of(company, "bulk_edit", now)}) == 1
    assert len(issues_of(company, "deleted", now)) == 1
    (busy,) = issues_of(company, "worklogs_changed", now)
    seconds = [log["seconds"] for log in facts["worklogs"].values() if log["issue_id"] == busy]
    assert len(seconds) == 22
    assert 12345 in seconds
