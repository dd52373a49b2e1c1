"""Cohorts that people defined in the analytics tool, and whom the vendor found in them when it last looked.

Belongs here: who was in a cohort when. Does not: how the vendor hands a cohort out (sandbox/vendors/amplitude).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.company.usage.days import Days
from sandbox.company.usage.events import DAY as DAY_MICROS
from sandbox.company.usage.events import INSIGHTS, MICRO, MOBILE, SHOP, TYPE, Usage, uuid_of
from sandbox.timestamps import DAY, ms

WEEK = 7 * DAY
MONDAY = ms("2025-09-29T02:00:00Z")  # cohorts are computed again each Monday at 2


@dataclass(frozen=True, slots=True)
class Cohort:
    id: str
    project: int
    name: str
    created: int
    kinds: frozenset[int]  # event types that put somebody in; empty: any
    archived: bool = False

    def computed(self, now: int) -> int:
        return max(self.created, MONDAY + (now - MONDAY) // WEEK * WEEK)


def cohorts(seed: int) -> list[Cohort]:
    known = (
        (SHOP, "Shop, active in 28 days", "2025-10-06T09:00:00Z", (), False),
        (SHOP, "Paying", "2025-11-03T09:00:00Z", ("Payment Completed", "Express Checkout Paid"), False),
        (SHOP, "Christmas 2025", "2025-12-01T09:00:00Z", (), True),
        (INSIGHTS, "Readers of reports", "2025-10-20T09:00:00Z", ("Report: Opened", "Report: Shared"), False),
        (INSIGHTS, "Copilot, of autumn", "2026-10-17T09:00:00Z", ("Copilot Asked",), False),  # after the default now
        (MOBILE, "Phones, active in 28 days", "2026-01-12T09:00:00Z", (), False),
    )
    return [
        Cohort(
            uuid_of(seed, number, 4)[:7], project, name, ms(since), frozenset(map(TYPE.__getitem__, kinds)), archived
        )
        for number, (project, name, since, kinds, archived) in enumerate(known)
    ]


def members(usage: Usage | Days, cohort: Cohort, at: int) -> list[tuple[int, str | None]]:
    """(amplitude id, user id) of everybody with such an event in the 28 days before an instant, each number once: what
    came without a user id under a user's number is that user's, who is there under the least of their numbers."""
    end = at * MICRO
    found: dict[str | int, int] = {}
    of_users: set[int] = set()
    for part, events in usage.parts(end - 28 * DAY_MICROS, end):
        for event in events:
            if part.project[event] != cohort.project or (cohort.kinds and part.kind[event] not in cohort.kinds):
                continue
            user, number = part.user_id(event), part.amplitude_id(event)
            if user is not None and (user != user.strip() or user.lower() in ODD_IDS):
                continue  # the vendor takes such ids for nobody's
            who = number if user is None else user
            found[who] = min(number, found.get(who, number))
            if user is not None:
                of_users.add(number)
    shown = [(number, who if isinstance(who, str) else None) for who, number in found.items() if who not in of_users]
    return sorted(shown, key=lambda row: row[0])


ODD_IDS = frozenset(("", "undefined", "null", "0", "n/a"))


def listed(known: Iterable[Cohort], now: int) -> list[Cohort]:
    return [cohort for cohort in known if cohort.created <= now]
