"""Every company distinguishes a right rule from a wrong one: with any single rule bent, the truth is another.

A rule that could be wrong without a difference for some seed would be proven by nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.timestamps import ms, utc
from sandbox.truth import delivery as reported
from sandbox.truth import maps
from tests.sandbox.conftest import made

NOW = "2026-10-15T06:00:00Z"
Facts, Item = reported.DeliveryFacts, reported.DeliveryItem
Bend = Callable[[pytest.MonkeyPatch], None]
BENDS: dict[str, Bend] = {}


def bend(change: Bend) -> Bend:
    BENDS[change.__name__] = change
    return change


@bend
def weeks_in_utc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reported, "local_date", lambda at, zone: utc(at).date())


@bend
def removed_statuses_lose_their_category(patch: pytest.MonkeyPatch) -> None:
    def listed_only(self: Any, status: str) -> str:
        known = self.world.site["status"].get(status)
        return "undefined" if known is None else str(known["category"])

    patch.setattr(Facts, "category", listed_only)


@bend
def no_category_counts_as_begun(patch: pytest.MonkeyPatch) -> None:
    known = Facts.category
    patch.setattr(Facts, "category", lambda self, s: "indeterminate" if s == site.PARKED else known(self, s))


@bend
def sub_tasks_and_epics_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(site, "TYPES", {n: replace(t, level=0) for n, t in site.TYPES.items()})


@bend
def type_is_that_of_the_creation(patch: pytest.MonkeyPatch) -> None:
    def init(self: Any, issue: Issue) -> None:
        known(self, issue)
        self.is_bug = site.TYPES[issue.first["type"]].kind == "bug"

    known = Item.__init__
    patch.setattr(Item, "__init__", init)


@bend
def bugs_are_what_is_called_so(patch: pytest.MonkeyPatch) -> None:
    named = {n: replace(t, kind="bug" if "Bug" in t.name else t.kind) for n, t in site.TYPES.items()}
    patch.setattr(site, "TYPES", named)


@bend
def what_was_not_done_does_not_count(patch: pytest.MonkeyPatch) -> None:
    def init(self: Any, *given: Any) -> None:
        known(self, *given)
        self.dropped_counts = not self.dropped_counts

    known = Facts.__init__
    patch.setattr(Facts, "__init__", init)


@bend
def what_is_in_no_changelog_did_not_happen(patch: pytest.MonkeyPatch) -> None:
    known = reported.spans

    def recorded(issue: Issue, field: str) -> list[reported.Span]:
        return known(replace(issue, histories=[one for one in issue.histories if not one.is_lost]), field)

    patch.setattr(reported, "spans", recorded)


@bend
def a_project_is_called_as_it_was_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(site, "key_of", lambda project, at: project)


@bend
def an_epic_that_nobody_may_see_is_none(patch: pytest.MonkeyPatch) -> None:
    def products(self: Any, epic: int | None, project: str, day: date) -> Any:
        hidden = epic in self.world.issues and site.PROJECTS[self.world.issues[epic].values["project"]].private
        return known(self, None if hidden else epic, project, day)

    known = Facts.products
    patch.setattr(Facts, "products", products)


def _always_now(name: str, patch: pytest.MonkeyPatch) -> None:
    known = reported.spans

    def now_only(issue: Issue, field: str) -> list[reported.Span]:
        if field != name:
            return known(issue, field)
        return [(issue.created, reported.NEVER, issue.values[field])]

    patch.setattr(reported, "spans", now_only)


@bend
def epic_is_that_of_now(patch: pytest.MonkeyPatch) -> None:
    _always_now("epic", patch)


@bend
def project_is_that_of_now(patch: pytest.MonkeyPatch) -> None:
    _always_now("project", patch)


@bend
def team_is_that_of_now(patch: pytest.MonkeyPatch) -> None:
    _always_now("team", patch)


@bend
def only_the_newest_key_of_an_epic_is_known(patch: pytest.MonkeyPatch) -> None:
    known = Facts._matching
    patch.setattr(Facts, "_matching", lambda self, kind, names, day: known(self, kind, names[-1:], day))


@bend
def the_last_of_two_at_one_instant_comes_first(patch: pytest.MonkeyPatch) -> None:
    def backwards(issue: Issue, field: str) -> list[reported.Span]:
        turns = [(issue.created, issue.first[field])]
        backward = issue.histories[::-1]
        for history in sorted(backward, key=lambda history: history.at):
            turns += [(history.at, change.after) for change in history.changes if change.field == field]
        return [
            (a, b, value) for (a, value), b in zip(turns, [at for at, _ in turns[1:]] + [reported.NEVER], strict=True)
        ]

    patch.setattr(reported, "spans", backwards)


@bend
def mapping_of_any_day(patch: pytest.MonkeyPatch) -> None:
    known = maps.is_valid
    patch.setattr(maps, "is_valid", lambda row, day: known(row, date(2026, 10, 15)))


def _only_matches(kept: tuple[str, ...], patch: pytest.MonkeyPatch) -> None:
    known = Facts.__init__

    def init(self: Any, *given: Any) -> None:
        known(self, *given)
        self._map = {kind: [row for row in rows if row["match"] in kept] for kind, rows in self._map.items()}

    patch.setattr(Facts, "__init__", init)


@bend
def no_prefixes(patch: pytest.MonkeyPatch) -> None:
    _only_matches(("exact", "glob"), patch)


@bend
def no_patterns(patch: pytest.MonkeyPatch) -> None:
    _only_matches(("exact", "prefix"), patch)


@bend
def projects_before_epics(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Facts, "_products", lambda self, epic, project, day: self._matching("project", [project], day) or {"": 1}
    )


@bend
def the_end_of_a_week_belongs_to_the_next(patch: pytest.MonkeyPatch) -> None:
    known = reported.midnight
    patch.setattr(reported, "midnight", lambda day, zone: known(day, zone) + 1)


@bend
def quantiles_are_medians(patch: pytest.MonkeyPatch) -> None:
    known = reported.quantile_hours
    patch.setattr(reported, "quantile_hours", lambda values, share: known(values, reported.Fraction(1, 2)))


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", sorted(BENDS))
def test_a_bent_rule_gives_another_truth(monkeypatch: pytest.MonkeyPatch, seed: int, name: str) -> None:
    straight = reported.delivery(Facts(made(seed), ms(NOW)))
    BENDS[name](monkeypatch)
    assert reported.delivery(Facts(made(seed), ms(NOW))) != straight
