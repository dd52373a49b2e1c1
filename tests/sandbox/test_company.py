"""The company: the same from the same seed, whole at every instant, with every labelled case."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise

import pytest

from sandbox.company import DEFAULT_NOW, Company, cases
from sandbox.company.usage import cases as usage_cases
from sandbox.company.usage.events import PROJECTS
from sandbox.company.work.cases import CASES
from sandbox.company.work.events import IssueChanged, IssueCreated, SiteChanged
from sandbox.company.work.site import END, TYPES, key_of
from sandbox.company.work.site import PROJECTS as SPACES
from sandbox.timestamps import Clock, ms
from tests.sandbox.conftest import made

DIGEST = (
    "import hashlib; from sandbox.company import Company;"
    "c = Company(3, 'tiny'); print(hashlib.sha256(repr((c.events, c.cases)).encode()).hexdigest())"
)


def test_same_seed_same_company_in_any_process() -> None:
    env = os.environ | {"PYTHONHASHSEED": "12345"}
    elsewhere = subprocess.run([sys.executable, "-c", DIGEST], env=env, check=True, capture_output=True, text=True)
    here = Company(3, "tiny")
    assert elsewhere.stdout.strip() == hashlib.sha256(repr((here.events, here.cases)).encode()).hexdigest()
    assert here.events != made(4).events


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_seed_has_every_case(seed: int) -> None:
    found = [case for case in made(seed).cases if case.source == "jira"]
    assert [case.name for case in found] == [case.__name__ for case in CASES]
    assert seed > 1 or cases(seed) == made(seed).cases
    assert all(case.keys and case.explanation for case in found)
    created = {event.values["key"] for event in made(seed).events if isinstance(event, IssueCreated)}
    assert all(key in created for case in found for key in case.keys)


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_seed_has_every_case_of_usage(seed: int) -> None:
    company = made(seed)
    found = [case for case in company.cases if case.source == "amplitude"]
    assert [case.name for case in found] == [case.__name__ for case in usage_cases.CASES]
    usage = company.usage
    kept = {f"{PROJECTS[usage.project[event]]}/{usage.uuid(event)}" for event in range(len(usage))}
    assert len(kept) == len(usage)
    assert all(case.keys and case.explanation and kept.issuperset(case.keys) for case in found)


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_change_begins_where_the_last_one_ended(seed: int) -> None:
    company = made(seed)
    values: dict[int, dict[str, object]] = {}
    for event in company.events:
        if isinstance(event, IssueCreated):
            values[event.issue_id] = dict(event.values)
        elif isinstance(event, IssueChanged):
            known = values[event.issue_id]
            for change in event.changes:
                if change.field in known:
                    assert known[change.field] == change.before
                    assert change.before != change.after or change.style == "migrated"
                    known[change.field] = change.after
        elif isinstance(event, SiteChanged) and event.kind == "project" and event.values and "key" in event.values:
            # the keys of its issues change with it, and no history says so
            for known in values.values():
                if SPACES[str(known["project"])].id == event.id:
                    known["key"] = f"{event.values['key']}-{str(known['key']).rpartition('-')[2]}"
    for known in values.values():
        assert str(known["key"]).startswith(f"{key_of(str(known['project']), END)}-")
        assert TYPES[str(known["type"])].team_managed == SPACES[str(known["project"])].team_managed


def test_events_are_in_order_and_ids_grow_with_time(company: Company) -> None:
    assert all(a.at <= b.at for a, b in pairwise(company.events))
    histories = [event.history_id for event in company.events if isinstance(event, IssueChanged)]
    created = [event.issue_id for event in company.events if isinstance(event, IssueCreated)]
    assert len(histories) == len(set(histories))
    assert sum(one > next_one for one, next_one in pairwise(histories)) == 1, "but those of one labelled case"
    assert created == sorted(set(created))


def test_an_instant_reached_in_steps_is_the_instant_reached_at_once(company: Company) -> None:
    at_once, in_steps = company.world(DEFAULT_NOW), company.world("2025-07-01T00:00:00Z")
    for month in range(8, 13):
        in_steps.advance(ms(f"2025-{month:02d}-01T00:00:00Z"))
    in_steps.advance(ms(DEFAULT_NOW))
    assert in_steps.issues == at_once.issues
    assert in_steps.site == at_once.site
    assert in_steps.deleted_worklogs == at_once.deleted_worklogs


def test_what_happens_to_a_deleted_issue_did_not_happen() -> None:
    company = Company(1, "tiny")
    victim = next(iter(company.world(DEFAULT_NOW).issues))
    company.delete_issue(ms("2025-05-01T00:00:00Z"), victim)
    company.edit_issue(ms("2025-05-02T00:00:00Z"), victim)
    assert victim not in company.world(DEFAULT_NOW).issues


def test_the_clock_stands_runs_and_never_goes_back() -> None:
    standing = Clock("2026-10-15T06:00:00Z")
    assert standing.now() == ms("2026-10-15T06:00:00Z")
    assert standing.advance(ms("2026-10-16T06:00:00Z")) == standing.now()
    with pytest.raises(ValueError, match="does not go back"):
        standing.advance(ms("2026-10-15T06:00:00Z"))
    running = Clock("2026-10-15T06:00:00Z@1000")  # long ago in real time: it has run on since
    assert running.now() > ms("2027-10-15T06:00:00Z")
    with pytest.raises(ValueError, match="needs a zone"):
        Clock("2026-10-15T06:00:00")
