"""The state of the company at an instant: the fold of the events up to it, moved forward as time goes on.

Belongs here: what is the case now. Does not: JSON, rules of figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.company.work import site
from sandbox.company.work.events import (
    Change,
    Event,
    IssueChanged,
    IssueCommented,
    IssueCreated,
    IssueDeleted,
    LinkEnd,
    SiteChanged,
    WorkLogged,
    WorkUnlogged,
    due,
)

if TYPE_CHECKING:
    from sandbox.company import Company


@dataclass(slots=True)
class Worklog:
    id: int
    issue_id: int
    author: str
    created: int
    updated: int
    started: int
    seconds: int
    comment: str


@dataclass(slots=True)
class Issue:
    id: int
    created: int
    updated: int
    author: str
    first: Mapping[str, Any]
    values: dict[str, Any]
    keys: list[str]
    version: int = 0  # grows with everything that shows in the issue, also what does not move `updated`
    category_since: int = 0
    resolved_at: int = 0
    histories: list[IssueChanged] = field(default_factory=list)
    comments: list[IssueCommented] = field(default_factory=list)
    worklogs: dict[int, Worklog] = field(default_factory=dict)
    links: dict[int, LinkEnd] = field(default_factory=dict)  # with issues that may be gone by now
    children: dict[int, None] = field(default_factory=dict)  # epic's issues and sub-tasks, in the order they came

    @property
    def key(self) -> str:
        return str(self.values["key"])


class World:
    """Issues, worklogs and the site at `now`."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.now = 0
        self.version = 0
        self.issues: dict[int, Issue] = {}
        self.by_key: dict[str, int] = {}
        self.key_times: dict[int, list[tuple[int, str]]] = {}  # every key an issue ever had, of deleted issues too
        self.worklogs: dict[int, Worklog] = {}
        self.deleted_worklogs: dict[int, int] = {}
        self.site: dict[str, dict[str, dict[str, Any]]] = {
            kind: {} for kind in ("project", "status", "board", "sprint", "user")
        }
        self.site_version = 0
        self._applied = 0

    def advance(self, now: int) -> None:
        """Applies what has happened since. What happens to a deleted issue afterwards did not happen."""
        for event in due(self.company.events, self._applied, now):
            self._apply(event)
            self._applied += 1
            self.version += 1
        self.now = max(now, self.now)

    def _apply(self, event: Event) -> None:
        if isinstance(event, SiteChanged):
            known = self.site[event.kind]
            self.site_version += 1
            if event.values is None:
                known.pop(event.id, None)
            else:
                known.setdefault(event.id, {}).update(event.values)
            if event.kind == "project" and event.values and "key" in event.values:
                self._rename(event)
            return
        if isinstance(event, IssueCreated):
            values = dict(event.values)
            issue = Issue(
                event.issue_id,
                event.at,
                event.at,
                event.author,
                event.values,
                values,
                [values["key"]],
                category_since=event.at,
                resolved_at=event.at,
            )
            self.issues[issue.id] = issue
            self.by_key[values["key"]] = issue.id
            self.key_times[issue.id] = [(event.at, values["key"])]
            self._link(issue)
            return
        found = self.issues.get(event.issue_id)  # type: ignore[attr-defined]
        if found is None:
            return
        found.updated = event.at
        if isinstance(event, IssueChanged):
            self._unlink(found)
            for change in event.changes:
                if change.field in found.values:
                    found.values[change.field] = change.after
                if change.field == "key":
                    found.keys.append(change.after)
                    self.by_key[change.after] = found.id
                    self.key_times[found.id].append((event.at, change.after))
                if change.field == "status" and self._category(change.before) != self._category(change.after):
                    found.category_since = event.at
                if change.field == "resolution":
                    found.resolved_at = event.at
                if change.field == "Link":
                    self._relink(found, change)
            found.histories.append(event)
            self._link(found)
        elif isinstance(event, IssueCommented):
            found.comments.append(event)
        elif isinstance(event, WorkLogged):
            known_log = self.worklogs.get(event.worklog_id)
            created = event.at if known_log is None else known_log.created
            log = Worklog(
                event.worklog_id, found.id, event.author, created, event.at, event.started, event.seconds, event.comment
            )
            self.worklogs[log.id] = found.worklogs[log.id] = log
        elif isinstance(event, WorkUnlogged):
            self._unlog(found, event.worklog_id, event.at)
        elif isinstance(event, IssueDeleted):
            self._unlink(found)
            for log_id in list(found.worklogs):
                self._unlog(found, log_id, event.at)
            del self.issues[found.id]
            for key in found.keys:
                del self.by_key[key]
        self._show(found)

    def _relink(self, issue: Issue, change: Change) -> None:
        if change.before is not None:
            issue.links.pop(change.before.link_id, None)
        if change.after is not None:
            issue.links[change.after.link_id] = change.after

    def linked(self, issue: Issue) -> list[LinkEnd]:
        """Its links with issues that there are."""
        return [end for end in issue.links.values() if end.other in self.issues]

    def _category(self, status: str) -> str:
        """Also of a status that is in no list."""
        known = self.site["status"].get(status)
        return site.STATUSES[status][1] if known is None else str(known["category"])

    def _rename(self, event: SiteChanged) -> None:
        """The keys of a project's issues change with its own, and nothing else does: no history, no `updated`."""
        assert event.values is not None
        for issue in self.issues.values():
            if site.PROJECTS[issue.values["project"]].id == event.id:
                key = f"{event.values['key']}-{issue.key.rpartition('-')[2]}"
                issue.values["key"] = key
                issue.keys.append(key)
                self.by_key[key] = issue.id
                self.key_times[issue.id].append((event.at, key))
                self._show(issue)

    def key_at(self, issue_id: int, at: int) -> str:
        times = self.key_times[issue_id]
        return next((key for since, key in reversed(times) if since <= at), times[0][1])

    def _unlog(self, issue: Issue, worklog_id: int, at: int) -> None:
        if issue.worklogs.pop(worklog_id, None) is not None:
            del self.worklogs[worklog_id]
            self.deleted_worklogs[worklog_id] = at

    def _owners(self, issue: Issue) -> list[Issue]:
        wanted = (issue.values["epic"], issue.values["parent"])
        return [self.issues[owner] for owner in wanted if owner in self.issues]

    def _link(self, issue: Issue) -> None:
        for owner in self._owners(issue):
            owner.children[issue.id] = None
            owner.version += 1

    def _unlink(self, issue: Issue) -> None:
        for owner in self._owners(issue):
            owner.children.pop(issue.id, None)
            owner.version += 1

    def _show(self, issue: Issue) -> None:
        issue.version += 1
        for other in (*issue.children, *(end.other for end in self.linked(issue))):
            self.issues[other].version += 1
