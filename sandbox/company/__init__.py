"""The made-up company: everything that happens in it from a seed, and its state at any instant.

Belongs here: what happened. Does not: how a vendor shows it (sandbox/vendors/jira), what a figure makes of it
(sandbox/truth).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from random import Random
from typing import Any

from sandbox.company import costing, goals, planning, roadmap
from sandbox.company.billing import cases as billing_cases
from sandbox.company.billing import everyday as billing_everyday
from sandbox.company.billing.facts import Billing, BillingWriter
from sandbox.company.billing.price_list import Catalogue
from sandbox.company.books import maps as book_maps
from sandbox.company.books.assembled import keep
from sandbox.company.books.bookkeeper import Bookkeeper
from sandbox.company.books.facts import Bookkeeping
from sandbox.company.calendar import calendar, holidays
from sandbox.company.calendar import labelled_cases as calendar_cases
from sandbox.company.customers import customers
from sandbox.company.people.everyday import staff
from sandbox.company.people.facts import Staff, Worker
from sandbox.company.rates import Rates
from sandbox.company.structure import (
    HEADERS,
    MARKETS,
    PRODUCTS,
    PROJECT_MAP,
    SEGMENTS,
    TEAMS,
    USAGE_MAP,
    ZONES,
    people,
)
from sandbox.company.usage import cases as usage_cases
from sandbox.company.usage import everyday as audience
from sandbox.company.usage.days import Days
from sandbox.company.usage.events import EventWriter, Usage
from sandbox.company.work import everyday as work
from sandbox.company.work import ladder, site
from sandbox.company.work.cases import Case, play_all
from sandbox.company.work.events import Change as Change
from sandbox.company.work.events import Event, IssueChanged, IssueCommented, IssueCreated, IssueDeleted, insert
from sandbox.company.work.issues import Book
from sandbox.company.work.state import World
from sandbox.timestamps import ms, utc

DEFAULT_NOW = "2026-10-15T06:00:00Z"
PLANNED_TO = date(2027, 1, 1)
USAGE_POLICY = {
    "account_group": "company",
    "shared_device_users": "2",
    "bot_markers": "bot, crawler, spider, headless, monitor, synthetic, k6/",
    "adoption_uses": "2",
}
REVENUE_POLICY = {
    2: {"capex_regime": "asu_2025_06", "capex_life_months": "30"}
    | {"decision_rounds": "whole", "decision_clock": "business", "delivery_capacity": "in_proportion"},
    6: {"churn_date": "notice", "late_renewal_days": "11", "reactivation_retains": "true"}
    | {"unpaid_statuses": "Sabbatical, Furloughed", "hours_of_a_day": "7.5"}
    | {"okr_control_value": "mean", "okr_score_from": "key_results", "okr_pace_ends": "to_the_day_after"},
    7: {"past_due_days": "10", "paused_counts": "true", "price_min_observations": "3", "usage_shown": "true"}
    | {"ratio_min_n": "5", "classes_inherit": "true", "contractor_bills_follow_team": "false"}
    | {"billing_tolerance_percent": "1", "delivery_tolerance_percent": "2", "usage_tolerance_percent": "3"}
    | {"people_tolerance_percent": "4", "ledger_tolerance_percent": "5", "not_done_counts": "false"}
    | {"part_time_pay": "as_paid", "fte_average": "ends", "hours_of_a_day": "10"}
    | {"ladder_links": "equal_split"}
    | {"okr_control_value": "share_of_periods", "okr_border": "not_met", "okr_gap": "not_met"}
    | {"okr_period": "month"}
    | {
        "okr_without_value": "zero",
        "okr_score_from": "children",
        "okr_grading_days": "0",
        "okr_pace_ends": "days_begun",
    },
    8: {
        "trials_count": "true",
        "dated_credits_count": "false",
        "late_renewal_days": "140",
        "retention_min_coverage_percent": "99",
        "usage_since": "2025-12-01",
    },
}  # by the seed's last digit; all other companies have the defaults
SCALES = {
    "tiny": 15,
    "small": 1_600,
    "medium": 12_000,
    "large": 40_000,
}  # issues of everyday work at the default now, beside the cases


class Company:
    """One company, wholly determined by seed and scale. The past of an instant is the fold of the events up to it."""

    def __init__(self, seed: int = 1, scale: str = "small", switches: Mapping[str, str] | None = None) -> None:
        """``switches`` of policy.yml that differ from those of the seed."""
        if scale not in SCALES:
            raise ValueError(f"scale {scale!r} is not one of {', '.join(SCALES)}")
        self.seed, self.scale, self._switches = seed, scale, dict(switches or {})
        self.user_zone, self.reporting_zone = ZONES[(seed - 1) % len(ZONES)]
        self.currency = ("EUR", "USD", "GBP")[seed % 3]
        self.fields = site.fields(seed)
        rng = Random(seed)
        self.people = people(rng, 14)
        self.sprints = site.sprints()
        book = Book(rng, self.people, self.sprints)
        by_project = work.epics(book)
        played, late_rows = play_all(book, by_project, seed)
        before = len(book.drafts)
        work.everyday(book, SCALES[scale], by_project, self.staff)
        above = ladder.initiatives(book, by_project)
        ladder.links(book, [one.story for one in book.drafts[before:] if one.kind == "created"], seed)
        issues = book.closed()
        self.events: list[Event] = sorted(
            [*site.history(self.people, self.sprints, rng), *issues], key=lambda event: event.at
        )
        self._draws = Random(f"usage {seed}")  # draws of its own: more users move no issue
        self.customers, known = customers(self._draws, scale)
        self._ledger = EventWriter(seed)
        context = usage_cases.UsageContext(self._ledger, self.customers, self.people, self.reporting_zone)
        used = usage_cases.play_all(context)
        self._catalogue, paying = Catalogue(seed), billing_cases.customers(seed)
        known["customers"] = known["customers"] + paying["customers"]
        known["customer_map"] += billing_everyday.mapped(seed, self.customers) + paying["customer_map"]
        self._files = {
            "products": PRODUCTS,
            "product_map": PROJECT_MAP + USAGE_MAP + [row() for row in late_rows] + self._catalogue.mapped(),
            "teams": TEAMS,
            "work_types": site.work_types(self.language),
            "segments": SEGMENTS,
            "markets": MARKETS,
            "worker_map": audience.colleagues(self.people) + self.staff.mapped + costing.mapped(self.people),
            **known,
        }
        self.calendar, self.rates = calendar(seed), Rates(seed)
        self.periods = self.calendar.periods(PLANNED_TO)
        self._files |= planning.rows(seed, self.periods, len(self.customers)) | goals.rows(seed, self.periods)
        self._files["goal_links"] = ladder.goal_links(above, by_project, self._files["okr_cycles"])
        self._files |= {"link_types": site.link_types(), "holidays": holidays(), "fx_rates": self.rates.elsewhere}
        epics = {project: found[2].key for project, found in by_project.items()}
        epics |= {one.values["summary"]: one.key for _, written in played for one in written}
        self._files |= {
            "ai_spend": costing.ai_spend(seed, self.people, self.currency),
            "capex_criteria": costing.capex_criteria(epics),
            "promises": roadmap.promises(by_project),
        }
        names = Bookkeeper(self.currency, self.rates, self.freelancer.name)
        self._files["product_map"] = self._files["product_map"] + book_maps.classes(names.classes)
        invoiced = book_maps.customers(names.customers, self.customers)
        self._files["customer_map"] = self._files["customer_map"] + invoiced
        self._files |= book_maps.rows(names.accounts, names.vendors, self.freelancer.worker_id)
        self._cases = [
            Case(one.__name__, "jira", tuple(s.key for s in stories), _words(one)) for one, stories in played
        ]
        self._cases += [
            Case(one.__name__, "amplitude", tuple(map(self._ledger.key, events)), _words(one)) for one, events in used
        ]
        planned = (
            calendar_cases(self.calendar, self.periods)
            | planning.labelled_cases(self.periods)
            | goals.labelled_cases()
            | roadmap.labelled_cases()
            | costing.labelled_cases(seed, self.people, epics, self.currency)
        )
        self._cases += [Case(name, "files", keys, words) for name, (keys, words) in planned.items()]
        self._injected = 0

    @cached_property
    def _billed(self) -> tuple[Billing, list[Case]]:
        """All of billing and its cases; made when it is first asked for, as nothing else needs it."""
        ledger = BillingWriter(self.seed)
        played = [
            Case(one.__name__, "stripe", tuple(contracts), _words(one))
            for one, contracts in billing_cases.play_all(ledger, self._catalogue)
        ]
        billing_everyday.everyday(ledger, self._catalogue, self.customers)
        return Billing(self._catalogue, ledger.changes), played

    @cached_property
    def billing(self) -> Billing:
        return self._billed[0]

    @cached_property
    def _staffed(self) -> tuple[Staff, list[Case]]:
        """All people and their cases."""
        everybody, played = staff(self.seed, self.scale, self.people)
        return everybody, [Case(one.__name__, "bamboohr", tuple(keys), _words(one)) for one, keys in played]

    @cached_property
    def staff(self) -> Staff:
        return self._staffed[0]

    @property
    def freelancer(self) -> Worker:
        """Is in HR and sends bills."""
        return next(worker for worker in self.staff.workers if worker.kind == "contractor")

    @cached_property
    def _kept(self) -> tuple[Bookkeeping, list[Case]]:
        """The books and their cases; made when they are first asked for."""
        kept, played = keep(self)
        return kept, [Case(one.__name__, "quickbooks", tuple(keys), _words(one)) for one, keys in played]

    @cached_property
    def bookkeeping(self) -> Bookkeeping:
        return self._kept[0]

    @cached_property
    def cases(self) -> list[Case]:
        return self._cases + self._billed[1] + self._staffed[1] + self._kept[1]

    @cached_property
    def _everyday(self) -> audience.Everyday:
        known = audience.visitors(self._ledger, self._draws, self.scale, self.customers, self.people)
        return audience.Everyday(self._ledger, self.scale, known)

    @cached_property
    def usage(self) -> Usage:
        """All usage events; made when they are first asked for (small: 1 s), as nothing in Jira needs them."""
        if self.scale == "large":
            raise ValueError("usage of scale large is drawn day by day and never held: it has no truth")
        return Usage(self._ledger, self._everyday.days())

    @cached_property
    def served_usage(self) -> Usage | Days:
        """Usage as an API needs it, some hours at a time."""
        return self.usage if self.scale in ("tiny", "small") else Days(self._ledger, self._everyday)

    def rows(self, file: str, now: int | str) -> list[dict[str, str]]:
        """The rows of one of the company's files, or of a list in okrs.yml, as they stand at an instant."""
        header = HEADERS[file] if file in HEADERS else goals.LISTS[file][1]
        return [dict(zip(header, row.values, strict=True)) for row in self._files[file] if row.known(ms(now))]

    def allocation_rules(self, now: int | str) -> list[dict[str, Any]]:
        """The versions of allocation_rules.yml as they stand there at an instant; none where there is no file."""
        return costing.rules(self.seed, ms(now))

    @property
    def language(self) -> str:
        """That of Jira's API user."""
        return site.language(self.seed)

    @property
    def policy(self) -> dict[str, str]:
        """The switches as policy.yml has them; what it lacks has its default."""
        known = {"reporting_time_zone": self.reporting_zone, "reporting_currency": self.currency} | USAGE_POLICY
        return known | REVENUE_POLICY.get(self.seed % 10, {}) | self._switches

    def world(self, now: int | str) -> World:
        """A fresh fold of everything up to an instant."""
        world = World(self)
        world.advance(ms(now))
        return world

    def happen(self, event: Event) -> Event:
        return insert(self.events, event)

    def insert_issue(self, at: int, project: str = "PAY", **values: Any) -> IssueCreated:
        """A story nobody planned. Its id and key lie above all that the timeline will ever use."""
        self._injected += 1
        number = 900_000 + self._injected
        fresh: dict[str, Any] = {
            "project": project,
            "key": f"{project}-{number}",
            "type": site.type_id(project, "Story"),
            "epic": None,
            "parent": None,
        }
        fresh |= {
            "status": site.PROJECTS[project].workflow.todo,
            "summary": f"Unplanned {self._injected}",
            "description": None,
        }
        fresh |= {
            "team": None,
            "sprints": (),
            "points": None,
            "assignee": None,
            "priority": "3",
            "resolution": None,
            "labels": (),
        }
        event = IssueCreated(at, number, self.people[0].account_id, fresh | values)
        self.happen(event)
        return event

    def edit_issue(self, at: int, issue_id: int, text: str = "Edited while somebody was reading.") -> IssueCommented:
        event = IssueCommented(at, issue_id, self.people[0].account_id, text)
        self.happen(event)
        return event

    def delete_issue(self, at: int, issue_id: int) -> IssueDeleted:
        event = IssueDeleted(at, issue_id)
        self.happen(event)
        return event

    def __repr__(self) -> str:
        last = utc(self.events[-1].at).date()
        return f"Company(seed={self.seed}, scale={self.scale!r}, {len(self.events)} events to {last})"


def _words(report: object) -> str:
    return " ".join((report.__doc__ or "").split())


def cases(seed: int = 1, scale: str = "tiny") -> list[Case]:
    """The labelled edge cases of a company: name, source, keys of issues or events that show it, explanation."""
    return Company(seed, scale).cases


__all__ = ["DEFAULT_NOW", "Case", "Change", "Company", "IssueChanged", "World", "cases"]
