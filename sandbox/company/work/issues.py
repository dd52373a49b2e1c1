"""Writing issues' lives: an IssueWriter writes one issue, a Book orders them all in time and gives ids and keys.

Belongs here: what is true of any issue (a change knows the value before it; keys are counted per project). Does not:
which lives are lived (everyday.py, cases.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from sandbox.company.structure import Person
from sandbox.company.work import site
from sandbox.company.work.events import (
    Change,
    Event,
    IssueChanged,
    IssueCommented,
    IssueCreated,
    IssueDeleted,
    LinkEnd,
    WorkLogged,
    WorkUnlogged,
)
from sandbox.timestamps import DAY, HOUR, MINUTE

FIRST_ISSUE, FIRST_HISTORY, FIRST_WORKLOG, FIRST_LINK = 20_001, 100_001, 50_001, 30_001


class IssueWriter:
    """One issue being written. Its events must be written in the order in which they happen."""

    def __init__(
        self,
        book: Book,
        at: int,
        project: str,
        kind: str = "Story",
        *,
        summary: str,
        author: str = "",
        beside: bool = False,
        **values: Any,
    ) -> None:
        """``beside``: nothing of it is drawn, so that all other lives stay as they were."""
        self.book, self.created, self.at = book, at, at
        self.is_beside = beside
        self.author = author or (book.people[0].account_id if beside else book.somebody())
        flow = site.PROJECTS[project].workflow
        self.values: dict[str, Any] = {
            "project": project,
            "type": site.type_id(project, kind),
            "status": flow.todo,
            "summary": summary,
            "description": None,
            "epic": None,
            "parent": None,
            "team": None,
            "sprints": (),
            "points": None,
            "assignee": None,
            "priority": "3",
            "resolution": None,
            "labels": (),
        }
        self.values.update(values)
        self._resolve()
        self.worklogs = 0
        self.deleted_at: int | None = None
        self.issue_id = 0
        self.key = ""  # the first key, known once the book is closed
        self.other_keys: list[str] = []
        book.write(Draft(at, self, "created", dict(self.values)))

    @property
    def flow(self) -> site.Workflow:
        return site.PROJECTS[self.values["project"]].workflow

    def _resolve(self) -> None:
        category = site.STATUSES[self.values["status"]][1]
        dropped = self.values["status"] == site.CLASSIC.dropped
        self.values["resolution"] = None
        if category == "done":
            self.values["resolution"] = site.RESOLUTION_DROPPED if dropped else site.RESOLUTION_DONE

    def _when(self, at: int) -> int:
        if at < self.at or self.deleted_at is not None:
            raise ValueError(f"{self.values['summary']}: written out of order")
        self.at = at
        return at

    def change(self, at: int, style: str = "", author: str = "", lost: bool = False, **values: Any) -> IssueWriter:
        """One history: every named field takes its new value; a status brings its resolution with it."""
        before = dict(self.values)
        self.values.update(values)
        if "status" in values:
            self._resolve()
        changed = [name for name in (*values, "resolution") if self.values[name] != before[name]]
        changes = [Change(name, before[name], self.values[name], style) for name in dict.fromkeys(changed)]
        if changes:
            self.book.write(Draft(self._when(at), self, "changed", changes, author, lost))
        return self

    def migrated(self, at: int) -> IssueWriter:
        """Its epic stays and is from now on recorded as the parent."""
        epic = self.values["epic"]
        self.book.write(Draft(self._when(at), self, "changed", [Change("epic", epic, epic, "migrated")]))
        return self

    def numbered_first(self) -> IssueWriter:
        """The last two histories have each other's numbers."""
        self.book.drafts[-1].numbered_first = True
        return self

    def noted(self, at: int, what: str, before: Any, after: Any) -> IssueWriter:
        """A history about something that is no field of ours (a remote link, a rank): only its record stays."""
        self.book.write(Draft(self._when(at), self, "changed", [Change(what, before, after)]))
        return self

    def move(self, at: int, project: str, lost: bool = False) -> IssueWriter:
        """To another project: a new key, and the status and type that correspond there."""
        old, new = self.flow, site.PROJECTS[project].workflow
        place = next(
            (
                name
                for name in ("todo", "doing", "review", "done", "dropped")
                if getattr(old, name) == self.values["status"]
            ),
            "todo",
        )
        kind = site.TYPES[self.values["type"]].name
        before = dict(self.values)
        self.values.update(project=project, status=getattr(new, place), type=site.type_id(project, kind))
        self._resolve()
        changes = [
            Change(name, before[name], self.values[name]) for name in ("project", "type", "status", "resolution")
        ]
        changes = [Change("key", None, None), *(change for change in changes if change.before != change.after)]
        self.book.write(Draft(self._when(at), self, "changed", changes, lost=lost))
        return self

    def comment(self, at: int, text: str = "Looked at it again, nothing to add.") -> IssueWriter:
        self.book.write(Draft(self._when(at), self, "commented", text))
        return self

    def log(self, at: int, seconds: int, author: str = "") -> WorklogDraft:
        log = WorklogDraft(self, author or self.book.somebody(), at - seconds * 1000, seconds)
        self.worklogs += 1
        self.book.write(Draft(self._when(worktime(at)), self, "logged", (log, seconds)))
        return log

    def relog(self, at: int, log: WorklogDraft, seconds: int) -> IssueWriter:
        self.book.write(Draft(self._when(worktime(at)), self, "logged", (log, seconds)))
        return self

    def unlog(self, at: int, log: WorklogDraft) -> IssueWriter:
        self.book.write(Draft(self._when(worktime(at)), self, "unlogged", log))
        return self

    def delete(self, at: int) -> IssueWriter:
        self.book.write(Draft(self._when(at), self, "deleted", None))
        self.deleted_at = at
        return self


def worktime(at: int) -> int:
    """Work is logged between minutes 5 and 50 of an hour. Jira's list of updated worklogs leaves out the last minute:
    what was logged is never in doubt for somebody who asks at a full hour."""
    minute = at // MINUTE % 60
    return at if 5 <= minute < 50 else at - at % HOUR + HOUR + 5 * MINUTE + at % MINUTE


@dataclass(slots=True)
class WorklogDraft:
    story: IssueWriter
    author: str
    started: int
    seconds: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link as one of its stories has it."""

    link_id: int
    type: str
    is_outward: bool
    other: IssueWriter


@dataclass(slots=True)
class Draft:
    at: int
    story: IssueWriter
    kind: str
    data: Any
    author: str = ""
    lost: bool = False
    numbered_first: bool = False  # its number is below that of the history just before it
    is_beside: bool = False  # written after the lives of its story, and draws nothing: these stay as they were


@dataclass(slots=True)
class Book:
    rng: Random
    people: list[Person]
    sprints: list[site.Sprint]
    drafts: list[Draft] = field(default_factory=list)

    links: int = 0

    def write(self, draft: Draft) -> None:
        self.drafts.append(draft)

    def link(
        self, at: int, source: IssueWriter, kind: str, target: IssueWriter, until: int | None = None, lost: bool = False
    ) -> None:
        """`source <outward words> target`, written in the history of both, whatever else is written of them already;
        ``until``: it is taken away again."""
        self.links += 1
        number = FIRST_LINK + self.links
        for own, other in ((source, target), (target, source)):
            end = LinkDraft(number, kind, own is source, other)
            self._beside(at, own, Change("Link", None, end), lost)
            if until is not None:
                self._beside(until, own, Change("Link", end, None), lost)

    def place(self, at: int, epic: IssueWriter, initiative: IssueWriter | None, before: IssueWriter | None) -> None:
        """Puts an epic under an initiative, whatever else is written of it already."""
        self._beside(at, epic, Change("epic", before, initiative))

    def _beside(self, at: int, story: IssueWriter, change: Change, lost: bool = False) -> None:
        self.write(Draft(at, story, "changed", [change], story.author, lost, is_beside=True))

    def somebody(self) -> str:
        return self.rng.choice(self.people).account_id

    def sprint_at(self, project: str, at: int) -> int | None:
        return next((s.id for s in self.sprints if s.project == project and s.start <= at < s.end), None)

    def workday(self, at: int) -> int:
        """The same time on a weekday, mostly; at an odd millisecond."""
        weekday = (at // DAY + 3) % 7
        if weekday >= 5 and self.rng.random() < 0.85:
            at += (7 - weekday) * DAY
        return at - at % DAY + (6 * HOUR + at % DAY % (12 * HOUR))

    def closed(self) -> list[Event]:
        """All events in the order of time, with ids that grow with time and keys counted per project."""
        events: list[Event] = []
        numbers: Counter[str] = Counter()
        histories, issues, worklogs = FIRST_HISTORY, FIRST_ISSUE, FIRST_WORKLOG
        current: dict[int, tuple[str, int]] = {}
        spent: Counter[int] = Counter()

        def key(issue: int, at: int) -> str:
            project, number = current[issue]
            return f"{site.key_of(project, at)}-{number}"

        def next_key(issue: int, project: str, at: int) -> str:
            numbers[project] += 1
            current[issue] = (project, numbers[project])
            return key(issue, at)

        def history(draft: Draft, changes: Iterable[Change]) -> IssueChanged:
            nonlocal histories
            is_beside = draft.is_beside or draft.story.is_beside
            histories += 1 if is_beside else 1 + self.rng.randrange(3)
            author = draft.author or (draft.story.author if is_beside else self.somebody())
            return IssueChanged(draft.at, draft.story.issue_id, histories, author, tuple(changes), draft.lost)

        for draft in sorted(self.drafts, key=lambda draft: draft.at):
            story, at = draft.story, draft.at
            if draft.kind == "created":
                story.issue_id, issues = issues, issues + 1
                story.key = next_key(story.issue_id, draft.data["project"], at)
                values = {name: linked(value) for name, value in draft.data.items()}
                events.append(IssueCreated(at, story.issue_id, story.author, values | {"key": story.key}))
            elif draft.kind == "changed":
                changes = [Change(c.field, linked(c.before), linked(c.after), c.style) for c in draft.data]
                if changes[0].field == "key":
                    project = next(c.after for c in changes if c.field == "project")
                    before_move = key(story.issue_id, at)
                    changes[0] = Change("key", before_move, next_key(story.issue_id, project, at))
                    story.other_keys.append(changes[0].after)
                step = history(draft, changes)
                before_it = events[-1]
                if draft.numbered_first and isinstance(before_it, IssueChanged):
                    events[-1] = replace(before_it, history_id=step.history_id)
                    step = replace(step, history_id=before_it.history_id)
                events.append(step)
            elif draft.kind == "commented":
                events.append(IssueCommented(at, story.issue_id, self.somebody(), draft.data))
            elif draft.kind == "deleted":
                events.append(IssueDeleted(at, story.issue_id))
            else:
                log, seconds = (draft.data, 0) if draft.kind == "unlogged" else draft.data
                before, fresh = spent[story.issue_id], log.id == 0
                if draft.kind == "unlogged":
                    spent[story.issue_id] -= log.seconds
                    events.append(WorkUnlogged(at, story.issue_id, log.id))
                else:
                    if fresh:
                        log.id, worklogs = worklogs, worklogs + 1
                    spent[story.issue_id] += seconds - (0 if fresh else log.seconds)
                    log.seconds = seconds
                    text = f"Worked {seconds // 60} minutes"
                    events.append(WorkLogged(at, story.issue_id, log.id, log.author, log.started, seconds, text))
                # Jira also keeps a history of it: the sum, and the worklog where one was changed or removed.
                changes = [Change("spent", before or None, spent[story.issue_id] or None)]
                if not fresh:
                    changes.append(Change("worklog", log.id, None))
                events.append(history(draft, changes))
        return events


def linked(value: Any) -> Any:
    """Another story stands for its issue id once it has one, also at the end of a link."""
    if isinstance(value, LinkDraft):
        return LinkEnd(value.link_id, value.type, value.is_outward, value.other.issue_id)
    return value.issue_id if isinstance(value, IssueWriter) else value
