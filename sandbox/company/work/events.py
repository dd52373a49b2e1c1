"""What can happen in the company: plain facts with an instant, in the order in which they happened.

Here belong the kinds of events, and their order. Does not: what a vendor makes of them, what a figure makes of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Event:
    at: int


E = TypeVar("E", bound=Event)


def insert(events: list[E], event: E) -> E:
    """Something that was not among events in order happens, after whatever else happened at its instant."""
    events.insert(bisect_right(events, event.at, key=lambda known: known.at), event)
    return event


def due(events: list[E], applied: int, now: int) -> list[E]:
    """Of events in order those after so many of them, up to an instant."""
    return events[applied : bisect_right(events, now, lo=min(applied, len(events)), key=lambda known: known.at)]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an issue, before and after. `style` says in which words Jira records it, where it has several: an
    epic by `both` of its names, or `migrated` from one to the other; a status by its `names` alone, by half of its ids
    (`from`), by `foreign` ids of a site that it came from."""

    field: str
    before: Any
    after: Any
    style: str = ""


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """A link as one of its issues has it: whether that one stands before the outward words, and the other one."""

    link_id: int
    type: str
    is_outward: bool
    other: int


@dataclass(frozen=True, slots=True)
class IssueCreated(Event):
    issue_id: int
    author: str
    values: Mapping[str, Any]


NO_AUTHOR, BLANK_AUTHOR = 53, 47
"""Of so many histories one has no author, or one without an account: those of people that a site forgot."""


@dataclass(frozen=True, slots=True)
class IssueChanged(Event):
    issue_id: int
    history_id: int
    author: str
    changes: tuple[Change, ...]
    is_lost: bool = False  # it happened, and no changelog shows it

    @property
    def is_signed(self) -> bool:
        """Whether anybody can see whose account it was."""
        return self.history_id % NO_AUTHOR > 0 and self.history_id % BLANK_AUTHOR > 0


@dataclass(frozen=True, slots=True)
class IssueCommented(Event):
    """Bumps `updated` and leaves no history."""

    issue_id: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class IssueDeleted(Event):
    issue_id: int


@dataclass(frozen=True, slots=True)
class WorkLogged(Event):
    """A worklog written, or written again (same id)."""

    issue_id: int
    worklog_id: int
    author: str
    started: int
    seconds: int
    comment: str


@dataclass(frozen=True, slots=True)
class WorkUnlogged(Event):
    issue_id: int
    worklog_id: int


@dataclass(frozen=True, slots=True)
class SiteChanged(Event):
    """A project, status, board, sprint or user appears, changes some values, or goes (values None)."""

    kind: str
    id: str
    values: Mapping[str, Any] | None
