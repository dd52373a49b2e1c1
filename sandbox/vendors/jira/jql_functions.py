"""JQL's functions that this site can answer: what each stands for, and where it may stand.

Belongs here: a row a function, after Atlassian's reference of JQL functions. Does not: fields (jql_fields.py). A
function that is not here is refused, as Jira refuses one that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.company.work import site
from sandbox.timestamps import local_date
from sandbox.vendors.jira.jql import JqlError
from sandbox.vendors.jira.jql_dates import UNITS, instant, rounded

if TYPE_CHECKING:
    from sandbox.vendors.jira.jql_fields import Site

FIRST_DAYS = {"ja": 6}
"""The day that a week begins with, by the API user's language; elsewhere Monday, 0."""
MANY = 100


@dataclass(frozen=True, slots=True)
class Called:
    """``kind``: of the fields that it fits. ``arguments``: how many there may be. A function that gives a list stands
    after `in`, another one after `=` or `<`."""

    kind: str
    gives_list: bool
    arguments: tuple[int, int]
    gives: Callable[..., set[Any]]


def _rounding(unit: str, is_end: bool) -> Called:
    def gives(known: Site, increment: str = "") -> set[int]:
        first_day = FIRST_DAYS.get(known.company.language, 0)
        return {rounded(unit, is_end, increment, known.zone, known.now, first_day)}

    return Called("date", False, (0, 1), gives)


def _members(known: Site, group: str) -> set[str]:
    groups = site.groups(known.people)
    if group not in groups:
        raise JqlError(
            f"Function 'membersOf' can not generate a list of usernames for group '{group}'; the group does not exist."
        )
    return {person.account_id for person in groups[group]}


def _sprints(state: str) -> Called:
    def gives(known: Site) -> set[int]:
        return {int(key) for key, sprint in known.world.site["sprint"].items() if sprint["state"] == state}

    return Called("sprint", True, (0, 0), gives)


def _types(is_subtask: bool) -> Called:
    return Called(
        "type", True, (0, 0), lambda known: {t.id for t in site.TYPES.values() if (t.level < 0) == is_subtask}
    )


def _versions(known: Site, is_released: bool, *projects: str) -> list[site.Version]:
    """Of the projects, or of all: by the day on which they are released."""
    wanted = {key for text in projects for key in known.projects(text)}
    today = local_date(known.now, known.zone).isoformat()
    found = [one for one in site.VERSIONS if (one.released <= today) == is_released]
    return sorted((one for one in found if not projects or one.project in wanted), key=lambda one: one.released)


def _led(known: Site, user: str = "") -> set[str]:
    users = known.users(user) if user else {known.people[0].account_id}
    return {key for key in site.PROJECTS if site.lead(key, known.people).account_id in users}


def _updated_by(known: Site, user: str, since: str = "", until: str = "") -> set[int]:
    """Issues that the user created, changed, commented or logged work on, in a time or ever."""
    users = known.users(user)
    least = instant(since, known.zone, known.now) if since else 0
    most = instant(until, known.zone, known.now) if until else known.now
    found = set()
    for issue in known.world.issues.values():
        acts = [(issue.author, issue.created)]
        acts += [(event.author, event.at) for event in (*issue.histories, *issue.comments)]
        acts += [(log.author, log.updated) for log in issue.worklogs.values()]
        if any(author in users and least <= at <= most for author, at in acts):
            found.add(issue.id)
    return found


def _linked(known: Site, key: str, *kinds: str) -> set[int]:
    """None: no issue of this site is linked."""
    if not known.issues(key):
        raise JqlError(f"Issue '{key}' could not be found in function 'linkedIssues'.")
    return set()


FUNCTIONS: dict[str, Called] = {
    "now": Called("date", False, (0, 0), lambda known: {known.now}),
    **{f"startof{unit}": _rounding(unit, False) for unit in UNITS},
    **{f"endof{unit}": _rounding(unit, True) for unit in UNITS},
    "currentuser": Called("user", False, (0, 0), lambda known: {known.people[0].account_id}),
    "membersof": Called("user", True, (1, 1), _members),
    "opensprints": _sprints("active"),
    "closedsprints": _sprints("closed"),
    "futuresprints": _sprints("future"),
    "standardissuetypes": _types(False),
    "subtaskissuetypes": _types(True),
    "releasedversions": Called(
        "version", True, (0, MANY), lambda known, *projects: {one.id for one in _versions(known, True, *projects)}
    ),
    "unreleasedversions": Called(
        "version", True, (0, MANY), lambda known, *projects: {one.id for one in _versions(known, False, *projects)}
    ),
    "latestreleasedversion": Called(
        "version", False, (1, 1), lambda known, project: {one.id for one in _versions(known, True, project)[-1:]}
    ),
    "earliestunreleasedversion": Called(
        "version", False, (1, 1), lambda known, project: {one.id for one in _versions(known, False, project)[:1]}
    ),
    "projectsleadbyuser": Called("project", True, (0, 1), _led),
    "projectswhereuserhaspermission": Called(
        "project", True, (1, 1), lambda known, permission: set(site.PROJECTS) - known.hidden
    ),
    "updatedby": Called("issue", True, (1, 3), _updated_by),
    "linkedissues": Called("issue", True, (1, MANY), _linked),
    "votedissues": Called("issue", True, (0, 0), lambda known: set()),
    "watchedissues": Called("issue", True, (0, 0), lambda known: set()),
}
