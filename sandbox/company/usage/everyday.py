"""Everyday usage: who uses the products, and sessions drawn at random from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from sandbox.company.customers import Customer
from sandbox.company.structure import DatedRow, worker_id
from sandbox.company.structure import Person as Colleague
from sandbox.company.usage.events import (
    CRAWLER,
    DAY,
    END,
    HEADLESS,
    HOUR,
    INSIGHTS,
    MICRO,
    MINUTE,
    MOBILE,
    MONITOR,
    NOTHING,
    SECOND,
    SHOP,
    START,
    TYPE,
    EventWriter,
)
from sandbox.timestamps import ms

EVENTS = {"tiny": 2_300, "small": 175_000, "medium": 5_000_000, "large": 50_000_000}  # until the default now
SHARE_BEFORE_DEFAULT_NOW = 0.87  # measured: users become more towards the end
MOST_EVENTS = 6  # of a session; as likely as any smaller number
EVENTS_OF_A_SESSION = (1 + MOST_EVENTS) / 2
# Of those who have a seat this share uses it in the end, at least some of each customer: one begins, the others follow.
SHARE_IN_USE, LEAST_IN_USE = {"SMB": 0.5, "MID": 0.4, "ENT": 0.35}, 4
FOLLOW, STAY = 45, 540  # days, on average
PACES, PACE_WEIGHTS = (0.3, 1.0, 3.0), (35, 45, 20)  # how often somebody comes, beside others
SHARE_LATE, SHARE_RESENT = 0.03, 0.002
RESENT_AFTER = 10  # days: sooner, and the vendor would drop it
DAYS = (END - START) // DAY
FIRST, BLOCK = 1_000_000, 4_000_000  # numbers of events: those of a day, beside the ones of the labelled cases
LONGEST = 30 * MINUTE  # a session, with its last upload
RENAMED = ms("2026-02-10T00:00:00Z") * MICRO
COPILOT_SINCE = ms("2026-01-15T12:00:00Z") * MICRO

# What a session is made of, by project: event types and how often they come.
HABITS: dict[int, dict[str, int]] = {
    SHOP: {
        "Page Viewed": 30,
        "Heartbeat": 12,
        "Banner Dismissed": 4,
        "Product Added": 14,
        "Search Performed": 12,
        "Wishlist Saved": 4,
        "Express Checkout Started": 6,
        "Express Checkout Paid": 3,
        "Payment Completed": 6,
        "Wallet Topped Up": 2,
        "Gift Card Redeemed": 1,
        "Single Sign-On Used": 2,
        "[Experiment] Exposure": 2,
    },
    INSIGHTS: {
        "Page Viewed": 24,
        "Heartbeat": 14,
        "Report: Opened": 18,
        "Report: Shared": 5,
        "Report: Exported": 6,
        "Report: Alert Set": 3,
        "Report: Alert Raised": 3,
        "Dashboard Built": 6,
        "Copilot Asked": 8,
        "Single Sign-On Used": 3,
        "[Experiment] Exposure": 3,
    },
    MOBILE: {
        "App Opened": 22,
        "Push Received": 16,
        "Heartbeat": 10,
        "Barcode Scanned": 9,
        "Shelf Scanned": 5,
        "Offer Redeemed": 7,
        "Order Tracked": 8,
        "Payment Completed": 5,
        "Single Sign-On Used": 2,
    },
}
SERVER_SIDE = frozenset((TYPE["Wallet Topped Up"], TYPE["Report: Alert Raised"]))
FLAGS = {SHOP: "express-pay", INSIGHTS: "copilot-beta", MOBILE: ""}
EXPOSURE, SEARCHED, SEARCHED_NEW, COPILOT = (
    TYPE[name] for name in ("[Experiment] Exposure", "Search Performed", "Catalogue Searched", "Copilot Asked")
)


@dataclass(slots=True)
class Visitor:
    """Somebody, or something, that uses the products. All but the days are numbers in the ledger."""

    user: int
    devices: tuple[int, int]  # in the browser, on the phone
    groups: int
    projects: tuple[int, ...]
    first: int  # days since the start
    last: int
    signed_in: int  # the day from which on the events carry the user id
    anonymous: int  # the amplitude id before signing in; the one after it is next to it
    weight: float  # of a day of theirs: how often they come


def device(ledger: EventWriter, rng: Random, client: int) -> int:
    return ledger.devices.number((f"{rng.getrandbits(128):032x}", client))


def colleagues(people: Sequence[Colleague]) -> list[DatedRow]:
    """Rows of worker_map.csv. One key was taken back, yet what its owner did stays internal; keys of other systems say
    nothing about users of the products."""
    rows = []
    for number, person in enumerate(people):
        if person.account_type == "atlassian":
            worker = worker_id(number + 1)
            rows.append(DatedRow(("jira", person.account_id, worker, "2025-01-01", "")))
            ended = "2026-02-01" if number == 3 else ""
            rows.append(DatedRow(("amplitude", staff_id(person), worker, "2025-01-01", ended)))
    return rows


def staff_id(person: Colleague) -> str:
    return f"{person.name.split()[0].lower()}.{person.account_id[-4:]}@prodops.example"


def visitors(
    ledger: EventWriter, rng: Random, scale: str, customers: Sequence[Customer], people: Sequence[Colleague]
) -> list[Visitor]:
    found: list[Visitor] = []

    def come(user: str | None, groups: object, web: int, signs_in_late: float, first: int, last: int) -> None:
        number = len(found)
        last = min(DAYS - 1, last)
        if last < max(0, first):
            return
        late = rng.randrange(1, 20) if rng.random() < signs_in_late else 0
        projects = rng.choice(((SHOP,), (SHOP, MOBILE), (INSIGHTS,), (INSIGHTS, MOBILE), (SHOP, INSIGHTS, MOBILE)))
        found.append(
            Visitor(
                user=ledger.users.number(user),
                devices=(device(ledger, rng, web), device(ledger, rng, rng.choice((2, 3)))),
                groups=ledger.groups.number(groups),
                projects=projects,
                first=max(0, first),
                last=last,
                signed_in=first + late if user else DAYS + 1,
                anonymous=1_000 + 2 * number,
                weight=rng.choices(PACES, PACE_WEIGHTS)[0],
            )
        )

    users = 0
    for customer in customers:
        begun = day_of(customer.since)
        gone = DAYS if customer.notice is None else day_of(customer.notice) + rng.randrange(40)
        for place in range(max(LEAST_IN_USE, round(customer.seats * SHARE_IN_USE[customer.segment]))):
            # Whose place it is may change: somebody goes, and somebody else comes.
            first = begun + (int(rng.expovariate(1 / FOLLOW)) if place else 0)
            while first < min(gone, DAYS):
                last = first + int(rng.expovariate(1 / STAY))
                users += 1
                come(f"u-{users:06d}", {"company": customer.account}, rng.randrange(2), 0.15, first, min(gone, last))
                first = last + 1 + int(rng.expovariate(1 / FOLLOW))
    for _ in range(users // 25):
        first = rng.randrange(DAYS - 10)
        come(None, None, rng.randrange(2), 0, first, first + rng.randrange(30))
    staff = [person for person in people if person.account_type == "atlassian"]
    for person in staff[: 3 if scale == "tiny" else len(staff)]:
        come(staff_id(person), {"company": customers[0].account}, 0, 0.2, 0, DAYS)
    for client in (HEADLESS, CRAWLER, MONITOR):
        come(None, None, client, 0, 0, DAYS)
    return found


def day_of(at: int) -> int:
    """Days since the start of usage, of an instant in milliseconds."""
    return (at * MICRO - START) // DAY


class Everyday:
    """Sessions of some five events. Each day has draws of its own and holds what is uploaded on it, so that any day can
    be had without the others."""

    def __init__(self, ledger: EventWriter, scale: str, known: Sequence[Visitor]) -> None:
        self.ledger, self.known = ledger, known
        self.kinds = {project: [TYPE[name] for name in habits] for project, habits in HABITS.items()}
        self.odds = {project: list(habits.values()) for project, habits in HABITS.items()}
        self.flags = {
            project: ledger.properties.number({"flag_key": flag, "variant": "on"}) for project, flag in FLAGS.items()
        }
        steps = [0.0] * (DAYS + 1)
        for visitor in known:
            steps[visitor.first] += visitor.weight
            steps[visitor.last + 1] -= visitor.weight
        # Saturdays and Sundays have less: the start is a Wednesday.
        busy = [there * (0.3 if day % 7 in (3, 4) else 1) for day, there in enumerate(accumulate(steps[:-1]))]
        wanted = EVENTS[scale] / SHARE_BEFORE_DEFAULT_NOW / EVENTS_OF_A_SESSION
        self.sessions = [wanted * share / sum(busy) for share in busy]

    def days(self) -> Iterator[tuple[int, EventWriter]]:
        """The end of each day, and its events."""
        for day in range(DAYS):
            yield START + (day + 1) * DAY, self.draw(day)

    def draw(self, day: int) -> EventWriter:
        found = self.ledger.beside(FIRST + day * BLOCK)
        there = [visitor for visitor in self.known if visitor.first <= day <= visitor.last]
        self._play(found, Random(f"usage {self.ledger.seed} {day}"), day, there, self.sessions[day], SHARE_LATE)
        again = self._resent(day, there)
        for event in range(len(again.columns["number"])):
            found.copy(again.columns, event, again.columns["uploaded"][event])
        if day >= RESENT_AFTER:
            earlier = day - RESENT_AFTER
            those = [visitor for visitor in self.known if visitor.first <= earlier <= visitor.last]
            first = self._resent(earlier, those)
            for event, uploaded in enumerate(first.columns["uploaded"]):
                if first.columns["device"][event] != NOTHING:  # servers send once
                    found.copy(first.columns, event, uploaded + RESENT_AFTER * DAY)
        return found

    def _resent(self, day: int, there: Sequence[Visitor]) -> EventWriter:
        """Sessions of a day that are sent once more, days later."""
        found = self.ledger.beside(FIRST + day * BLOCK + BLOCK // 2)
        self._play(found, Random(f"resent {self.ledger.seed} {day}"), day, there, self.sessions[day] * SHARE_RESENT, 0)
        return found

    def _play(
        self, found: EventWriter, rng: Random, day: int, there: Sequence[Visitor], sessions: float, share_late: float
    ) -> None:
        how_many = int(sessions + rng.random())
        chances = list(accumulate(visitor.weight for visitor in there))
        for visitor in rng.choices(there, cum_weights=chances, k=how_many) if there else ():
            late = lateness(rng) if rng.random() < share_late else 0
            self._session(found, rng, day, visitor, late)

    def _session(self, found: EventWriter, rng: Random, day: int, visitor: Visitor, late: int) -> None:
        project = visitor.projects[int(rng.random() * len(visitor.projects))]
        own = visitor.devices[project == MOBILE]
        sent = START + day * DAY + int(rng.triangular(0, DAY - LONGEST, 13 * HOUR))
        if (sent - late - START) // DAY < visitor.first:
            late = 0
        at = sent - late
        signed_in = (at - START) // DAY >= visitor.signed_in
        user, groups = (visitor.user, visitor.groups) if signed_in else (NOTHING, NOTHING)
        amplitude = visitor.anonymous + signed_in
        session = at // MICRO
        for kind in rng.choices(self.kinds[project], self.odds[project], k=1 + int(rng.random() * MOST_EVENTS)):
            at += int(rng.random() * 3 * MINUTE) // MICRO * MICRO  # clients count in milliseconds
            if kind == SEARCHED and at >= RENAMED:
                kind = SEARCHED_NEW
            if kind == COPILOT and at < COPILOT_SINCE:
                continue
            properties = self.flags[project] if kind == EXPOSURE else NOTHING
            uploaded = at + late + 700_000 + int(rng.random() * 40 * SECOND)
            if kind in SERVER_SIDE and signed_in:
                found.write(uploaded, at, project, kind, user, NOTHING, amplitude, groups)
            else:
                found.write(uploaded, at, project, kind, user, own, amplitude, groups, properties, session)


def lateness(rng: Random) -> int:
    """A phone that was offline for hours, a laptop for days, a till for months."""
    least, most = rng.choice(((2 * HOUR, 30 * HOUR), (30 * HOUR, 12 * DAY), (12 * DAY, 150 * DAY)))
    return rng.randrange(least, most)
