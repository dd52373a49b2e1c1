"""The labelled edge cases of usage: every seed's company has each of them, and `cases()` lists them.

As in work/cases.py: one function is one case, it writes the events that show it and returns their numbers. Belongs
here: whatever identity, mapping, days or the vendor's habits could get wrong; usual use is in everyday.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.company.customers import BUYER, CHILD, ENDED, GROWN, PARENT, SOLD, UNKNOWN_ACCOUNT, Customer
from sandbox.company.structure import Person
from sandbox.company.usage.events import (
    CRAWLER,
    CUBOT,
    DAY,
    GOOGLEBOT,
    HEADLESS,
    HOUR,
    INSIGHTS,
    LOAD_TEST,
    MICRO,
    MINUTE,
    MOBILE,
    MONITOR,
    NOTHING,
    SECOND,
    SHOP,
    SUNBOT,
    TYPE,
    EventWriter,
)
from sandbox.company.usage.everyday import staff_id
from sandbox.company.work.cases import clock_changes
from sandbox.timestamps import midnight, ms

FIRST_YEAR = (ms("2025-10-02T00:00:00Z"), ms("2026-10-14T00:00:00Z"))


@dataclass(slots=True)
class UsageContext:
    """What a case needs: the ledger, the customers' accounts, the staff, the zone in which days are counted."""

    ledger: EventWriter
    customers: Sequence[Customer]
    people: Sequence[Person]
    zone: str
    _people: dict[str, int] = field(default_factory=dict)

    def event(
        self,
        when: str | int,
        name: str = "Product Added",
        project: int = SHOP,
        *,
        user: str | None = None,
        device: str | None = None,
        client: int = 0,
        account: Any = None,
        after: int = 3 * SECOND,
        who: str = "",
        **properties: Any,
    ) -> int:
        """An event by texts. It is uploaded `after` it happened; the vendor's own id of its person goes by `who`, else
        by the user, else by the device."""
        at = ms(when) * MICRO
        person = who or user or device or "nobody"
        return self.ledger.write(
            at + after + 123_457,
            at,
            project,
            TYPE[name],
            self.ledger.users.number(user),
            NOTHING if device is None else self.ledger.devices.number((device, client)),
            self._people.setdefault(person, len(self._people)),
            NOTHING if account is None else self.ledger.groups.number({"company": account}),
            self.ledger.properties.number(properties) if properties else NOTHING,
            NOTHING if device is None else at // MICRO,
        )

    def again(self, event: int, after: int) -> int:
        return self.ledger.repeat(event, self.ledger.columns["uploaded"][event] + after)

    def account(self, number: int) -> str:
        return self.customers[number].account


def span(happened: str, uploaded: str) -> int:
    return (ms(uploaded) - ms(happened)) * MICRO


CasePlayer = Callable[[UsageContext], Sequence[int]]
CASES: list[CasePlayer] = []


def case(play: CasePlayer) -> CasePlayer:
    CASES.append(play)
    return play


# -- how events come in


@case
def late_events(context: UsageContext) -> Sequence[int]:
    """Uploaded 2 hours, 10 days and 150 days after they happened: the day they count for is long published."""
    own: dict[str, Any] = {"user": "late-riser", "device": "offline-till", "account": context.account(6)}
    return [
        context.event("2025-12-10T10:00:00Z", after=2 * HOUR, **own),
        context.event("2025-12-11T10:00:00Z", after=10 * DAY, **own),
        context.event("2025-12-12T10:00:00Z", after=150 * DAY, **own),
        context.event("2025-12-13T10:00:00Z", after=DAY - 123_457, **own),  # one day late to the microsecond: not late
    ]


@case
def late_beyond_the_default_now(context: UsageContext) -> Sequence[int]:
    """Happened in spring, uploaded on 2026-10-16 and 17: what `advance` brings restates old days only."""
    own: dict[str, Any] = {"user": "late-riser", "device": "offline-till", "account": context.account(6)}
    days = {"2026-04-11T10:00:00Z": "2026-10-16T11:00:00Z", "2026-05-11T10:00:00Z": "2026-10-17T11:00:00Z"}
    return [context.event(happened, after=span(happened, uploaded), **own) for happened, uploaded in days.items()]


@case
def sent_twice_within_seven_days(context: UsageContext) -> Sequence[int]:
    """One insert_id twice within 7 days on a device: the vendor drops the second and the export never shows it."""
    once = context.event("2026-01-12T09:00:00Z", user="twice", device="flaky-phone", account=context.account(7))
    context.again(once, 2 * HOUR)
    context.again(once, 7 * DAY)
    return [once]


@case
def sent_twice_beyond_seven_days(context: UsageContext) -> Sequence[int]:
    """One insert_id again after more than 7 days: exported with another uuid, and it must not count again."""
    own: dict[str, Any] = {"user": "twice", "device": "flaky-phone", "account": context.account(7)}
    once = context.event("2026-01-13T09:00:00Z", "Express Checkout Paid", **own)
    other = context.event("2026-03-31T09:00:00Z", "Payment Completed", **own)
    return [
        once,
        context.again(once, 7 * DAY + 1),
        context.again(once, 40 * DAY),
        other,
        context.again(other, 199 * DAY),  # beyond the default now
    ]


@case
def sent_to_two_projects(context: UsageContext) -> Sequence[int]:
    """The same insert_id and device in two projects are two events: the vendor drops repeats per project."""
    first = context.event("2026-01-20T09:00:00Z", "Payment Completed", user="two-apps", device="one-phone")
    second = context.event("2026-01-20T09:00:00Z", "Payment Completed", MOBILE, user="two-apps", device="one-phone")
    context.ledger.columns["insert"][second] = first
    context.ledger.columns["uploaded"][second] += 8 * DAY
    return [first, second]


@case
def event_of_the_future(context: UsageContext) -> Sequence[int]:
    """Clients' clocks were years or days ahead: kept, and counted for nothing until the day has come."""
    own: dict[str, Any] = {"user": "time-traveller", "device": "dead-battery", "account": context.account(6)}
    far, near = "2031-01-01T00:00:00Z", "2026-10-17T12:00:00Z"
    return [
        context.event(far, after=span(far, "2026-05-05T12:00:00Z"), **own),
        context.event(near, "Order Tracked", MOBILE, after=-4 * DAY, **own),
    ]


@case
def clock_of_1970(context: UsageContext) -> Sequence[int]:
    """A phone without a battery begins in 1970, another on the day that its software was made: kept, counted, and of no
    day that is shown."""
    own: dict[str, Any] = {"user": "time-traveller", "device": "dead-battery", "account": context.account(6)}
    days = {"1970-01-01T00:00:07Z": "2026-05-06T12:00:00Z", "2019-01-01T00:01:00Z": "2026-05-07T12:00:00Z"}
    return [context.event(happened, after=span(happened, uploaded), **own) for happened, uploaded in days.items()]


@case
def server_side(context: UsageContext) -> Sequence[int]:
    """Sent by a server: no device, session −1. It counts for its user; two with one insert_id are no duplicates."""
    own: dict[str, Any] = {"user": "by-batch", "account": context.account(7)}
    first = context.event("2026-02-16T03:00:00Z", "Wallet Topped Up", **own)
    return [first, context.event("2026-02-17T03:00:00Z", "Wallet Topped Up", **own), context.again(first, 9 * DAY)]


@case
def odd_properties(context: UsageContext) -> Sequence[int]:
    """Property names made by machines, quotes, right-to-left text, emoji, an empty name, a very long word."""
    own: dict[str, Any] = {"user": "property-collector", "device": "odd-tablet"}
    made = []
    for day in range(1, 11):
        named: dict[str, Any] = {f"exp_{day * 7919:06d}": day, f"k.{day}": ""}
        made.append(context.event(f"2026-03-{day:02d}T08:00:00Z", "Page Viewed", **own, **named))
    texts: dict[str, Any] = {"": None, 'a"b': "שלום \U0001f680 ﷽", "back\\slash": "W" * 3000, "a b": [1, {"c": 1.10}]}
    return [*made, context.event("2026-03-11T08:00:00Z", "Page Viewed", **own, **texts)]


# -- who it was


@case
def anonymous_then_identified(context: UsageContext) -> Sequence[int]:
    """Weeks without a user id, then signed in on the same device: one user from the first day on."""
    return [
        context.event("2025-11-03T09:00:00Z", device="early-laptop"),
        context.event("2025-11-20T09:00:00Z", device="early-laptop", account=context.account(0)),
        context.event("2025-12-22T09:00:00Z", device="early-laptop", user="newcomer", account=context.account(0)),
    ]


@case
def user_id_changed(context: UsageContext) -> Sequence[int]:
    """device – old mail-like id – device – new id – device: two users, as the vendor counts them. What the device at
    home sent before is the old one's, the new phone's the new one's."""
    account: dict[str, Any] = {"account": context.account(6)}
    return [
        context.event("2026-01-05T09:00:00Z", "Report: Opened", INSIGHTS, device="pc-at-home"),
        context.event(
            "2026-01-06T09:00:00Z", "Report: Opened", INSIGHTS, device="pc-at-home", user="kim@alder.example"
        ),
        context.event(
            "2026-01-07T09:00:00Z", "Report: Opened", INSIGHTS, device="pc-at-work", user="kim@alder.example"
        ),
        context.event("2026-03-02T09:00:00Z", "Report: Opened", INSIGHTS, device="pc-at-work", user="u-kim", **account),
        context.event("2026-03-03T09:00:00Z", "Report: Shared", INSIGHTS, device="new-phone", user="u-kim", **account),
        context.event("2026-03-04T09:00:00Z", "Report: Shared", INSIGHTS, device="new-phone"),
    ]


@case
def joined_later(context: UsageContext) -> Sequence[int]:
    """A device without a user id and a user, until the user signs in on it on 2026-10-16: all of the past has one
    person less."""
    account: dict[str, Any] = {"account": context.account(7)}
    return [
        context.event("2026-08-03T09:00:00Z", "Order Tracked", MOBILE, who="before", device="old-phone", **account),
        context.event("2026-08-03T10:00:00Z", "Order Tracked", MOBILE, user="after", device="other-phone", **account),
        context.event("2026-10-16T09:00:00Z", "Order Tracked", MOBILE, user="after", device="old-phone", **account),
    ]


@case
def kiosk(context: UsageContext) -> Sequence[int]:
    """A device with three users joins nobody, and one with two neither; what it sends without a user id is of the last
    who signed in, which the vendor says too."""
    own: dict[str, Any] = {"device": "kiosk-in-the-hall", "account": context.account(6)}
    return [
        context.event("2026-02-02T09:00:00Z", user="guest-1", **own),
        context.event("2026-02-02T10:00:00Z", user="guest-2", **own),
        context.event("2026-02-04T09:00:00Z", user="guest-3", **own),
        context.event("2026-02-05T09:00:00Z", who="guest-3", **own),
        context.event("2026-02-05T10:00:00Z", user="guest-1", device="guest-1-phone", account=context.account(6)),
        context.event("2026-02-06T10:00:00Z", user="half-1", device="shared-by-two"),
        context.event("2026-02-06T11:00:00Z", user="half-2", device="shared-by-two"),
    ]


@case
def kiosk_later(context: UsageContext) -> Sequence[int]:
    """Two users of one device, on which a third signs in after the default now: three."""
    own: dict[str, Any] = {"device": "till-of-the-shop", "account": context.account(7)}
    return [
        context.event("2026-06-01T09:00:00Z", user="cashier-1", **own),
        context.event("2026-06-01T10:00:00Z", user="cashier-2", **own),
        context.event("2026-10-16T10:00:00Z", user="cashier-3", **own),
    ]


@case
def ids_that_name_nobody(context: UsageContext) -> Sequence[int]:
    """`undefined`, an empty text, `NULL`, `0` as user id, `unknown` as device id: on several people, joining none. An
    id with blanks around it is the one without. Zeros of an advertising id that was refused, and an emulator's id."""
    shared = [
        context.event(f"2026-04-0{day}T09:00:00Z", user=user, device=f"nameless-{day}", account=context.account(day))
        for day, user in enumerate(("undefined", "", "NULL", " 0 ", "undefined", "N/A"), 1)
    ]
    return [
        *shared,
        context.event("2026-04-08T09:00:00Z", user="trim-me", device="trimmed", account=context.account(6)),
        context.event(
            "2026-04-09T09:00:00Z", user=" trim-me ", device="trimmed-too", account=context.account(6), who="trim-me"
        ),
        *(
            context.event(f"2026-04-1{day}T09:00:00Z", device=device, who=f"of-no-device-{day}")
            for day, device in enumerate(("unknown", "Unknown", "none"))
        ),
        *(
            context.event(f"2026-04-1{day}T09:00:00Z", user=user, device=device, who=user or f"of-zeros-{day}")
            for device, start in (("00000000-0000-0000-0000-000000000000", 4), ("9774d56d682e549c", 6))
            for day, user in enumerate(("limited-1", "limited-2", None), start)
        ),
    ]


@case
def amplitude_ids_of_two_projects(context: UsageContext) -> Sequence[int]:
    """Neither user nor device: the vendor's id distinguishes people, within one project only."""
    return [
        context.event("2026-04-20T09:00:00Z", "Payment Completed", SHOP, who="stranger"),
        context.event("2026-04-20T10:00:00Z", "Payment Completed", SHOP, who="stranger"),
        context.event("2026-04-20T11:00:00Z", "Payment Completed", MOBILE, who="stranger"),
    ]


@case
def web_and_phone(context: UsageContext) -> Sequence[int]:
    """One user of one product on two devices, in two projects, with two event types on one day: one active user."""
    own: dict[str, Any] = {"user": "everywhere", "account": context.account(1)}
    return [
        context.event("2026-04-22T09:00:00Z", "Product Added", SHOP, device="everywhere-web", **own),
        context.event("2026-04-22T12:00:00Z", "Order Tracked", MOBILE, device="everywhere-phone", client=2, **own),
        context.event("2026-04-22T15:00:00Z", "Report: Opened", INSIGHTS, device="everywhere-web", **own),
    ]


# -- who does not count


@case
def bots(context: UsageContext) -> Sequence[int]:
    """A crawler and a monitor. The monitor has an account, which a person uses too: what that one does counts."""
    account: dict[str, Any] = {"account": context.account(1)}
    return [
        *(
            context.event(f"2026-05-0{day}T00:30:00Z", device="crawler", client=CRAWLER, **account)
            for day in range(1, 8)
        ),
        context.event("2026-05-04T01:00:00Z", user="uptime", device="probe", client=MONITOR, **account),
        context.event("2026-05-11T09:00:00Z", "Wallet Topped Up", user="uptime", **account),
        context.event("2026-05-12T09:00:00Z", user="uptime", device="clean-device", **account),
    ]


@case
def load_test(context: UsageContext) -> Sequence[int]:
    """Someone tests how much the shop can bear: many users of a made-up account within minutes, of one of whom the
    backend reports as well."""
    start = ms("2026-06-17T22:00:00Z")
    found = [
        context.event(
            start + number * 1_700,
            "Payment Completed",
            user=f"vu-{number % 20}",
            device=f"vu-device-{number % 20}",
            client=LOAD_TEST,
            account=context.account(1),
        )
        for number in range(60)
    ]
    found.append(context.event(start + 200_000, "Wallet Topped Up", user="vu-0", account=context.account(1)))
    return [*found[:3], found[-1]]


@case
def staff(context: UsageContext) -> Sequence[int]:
    """A colleague, anonymous at first and under a private id on the same device, and one who has left: all internal.
    The private id on a private phone is somebody like any other."""
    first, left = context.people[0], context.people[3]
    account: dict[str, Any] = {"account": context.account(1)}
    return [
        context.event("2026-05-18T09:00:00Z", device="office-laptop", **account),
        context.event("2026-05-19T09:00:00Z", device="office-laptop", user="private-id", **account),
        context.event("2026-05-20T09:00:00Z", device="office-laptop", user=staff_id(first), **account),
        context.event("2026-05-21T09:00:00Z", device="private-phone", user="private-id", **account),
        context.event("2026-05-22T09:00:00Z", device="old-office-laptop", user=staff_id(left), **account),
    ]


@case
def support_session(context: UsageContext) -> Sequence[int]:
    """A colleague signs in as a customer's user on the office's laptop: that session is internal, the user's days are
    not. Another one helps on the customer's own laptop: it stays the customer's."""
    account: dict[str, Any] = {"account": context.account(6)}
    agent = staff_id(context.people[0])
    return [
        *(
            context.event(f"2026-06-0{day}T09:00:00Z", user="supported", device="their-laptop", **account)
            for day in (2, 3)
        ),
        *(
            context.event(f"2026-06-0{day}T13:00:00Z", user=agent, device="support-desk", **account)
            for day in (1, 2, 3)
        ),
        context.event("2026-06-03T13:05:00Z", user="supported", device="support-desk", **account),
        context.event("2026-06-04T13:05:00Z", user="supported", device="support-desk", **account),
        context.event("2026-06-05T09:00:00Z", user=agent, device="their-laptop", **account),
        context.event("2026-06-08T09:00:00Z", device="their-laptop", who="supported", **account),
    ]


@case
def laptop_set_up_by_a_colleague(context: UsageContext) -> Sequence[int]:
    """A colleague sets a customer's laptop up, then the customer has it: first is not whose it is."""
    own: dict[str, Any] = {"device": "fresh-laptop", "account": context.account(7)}
    return [
        context.event("2026-06-09T08:00:00Z", user=staff_id(context.people[0]), **own),
        *(context.event(f"2026-06-{day:02d}T09:00:00Z", user="equipped", **own) for day in (9, 10, 11)),
    ]


@case
def headless_run(context: UsageContext) -> Sequence[int]:
    """Tests run under a customer's user at night, more often than the user comes, and the backend reports under the
    same device: all of it is a machine's, the user's days are not."""
    own: dict[str, Any] = {"user": "tested", "account": context.account(6)}
    at_night = range(6)
    return [
        context.event("2026-06-10T09:00:00Z", device="tested-laptop", **own),
        *(context.event(f"2026-06-11T02:0{n}:00Z", device="ci-runner", client=HEADLESS, **own) for n in at_night),
        context.event("2026-06-11T02:07:00Z", device="ci-runner", **own),
        context.event("2026-06-12T09:00:00Z", "Wallet Topped Up", **own),
    ]


@case
def hot_desks(context: UsageContext) -> Sequence[int]:
    """Five colleagues of a customer at four desks, each desk with two of them: five people."""
    account: dict[str, Any] = {"account": context.account(7)}
    return [
        context.event(f"2026-06-1{day}T{10 + turn}:00:00Z", user=f"desk-{desk + turn}", device=f"hot-{desk}", **account)
        for day in (5, 6)
        for desk in range(4)
        for turn in range(2)
    ]


@case
def tablet_by_turns(context: UsageContext) -> Sequence[int]:
    """Signing out keeps the device id: what comes without a user id is of the last who signed in, before all of the
    first."""
    own: dict[str, Any] = {"device": "tablet-by-turns", "account": context.account(6)}
    return [
        context.event("2026-06-22T09:00:00Z", who="turn-1", **own),
        context.event("2026-06-23T09:00:00Z", user="turn-1", **own),
        context.event("2026-06-24T09:00:00Z", who="turn-1", **own),
        context.event("2026-06-25T09:00:00Z", user="turn-2", **own),
        context.event("2026-06-26T09:00:00Z", who="turn-2", **own),
    ]


@case
def named_like_a_bot(context: UsageContext) -> Sequence[int]:
    """Phones of makers whose names end like a bot's, in a browser and in the app; a crawler that does not begin so."""
    account: dict[str, Any] = {"account": context.account(6)}
    return [
        context.event("2026-06-29T09:00:00Z", user="cubot-owner", device="a-cubot", client=CUBOT, **account),
        context.event(
            "2026-06-29T10:00:00Z", "Order Tracked", MOBILE, user="sun", device="s", client=SUNBOT, **account
        ),
        context.event("2026-06-29T11:00:00Z", device="googlebot", client=GOOGLEBOT),
    ]


@case
def key_of_another_system(context: UsageContext) -> Sequence[int]:
    """A customer's user whose id is a colleague's key in Jira: nobody internal."""
    person = context.people[5].account_id
    return [context.event("2026-05-26T09:00:00Z", user=person, device="coincidence", account=context.account(1))]


# -- for whom


@case
def user_in_two_accounts(context: UsageContext) -> Sequence[int]:
    """One user for two customers: by turns, and in a list whose first value that the map knows is the one."""
    own: dict[str, Any] = {"user": "consultant", "device": "consultant-laptop"}
    one, two = context.account(6), context.account(7)
    return [
        context.event("2026-07-06T09:00:00Z", account=one, **own),
        context.event("2026-07-06T10:00:00Z", account=two, **own),
        context.event("2026-07-07T09:00:00Z", account=[UNKNOWN_ACCOUNT, two, one], **own),
        context.event("2026-07-08T09:00:00Z", account=[], **own),
    ]


@case
def account_sold(context: UsageContext) -> Sequence[int]:
    """The account's key goes from one customer to another on 2026-03-20: the day of the event decides."""
    own: dict[str, Any] = {
        "user": "sold-along",
        "device": "sold-laptop",
        "account": context.account(SOLD),
    }
    return [context.event(f"2026-03-{day}T12:00:00Z", **own) for day in (10, 19, 20, 25)]


@case
def account_of_nobody(context: UsageContext) -> Sequence[int]:
    """An account that no file maps to Amplitude, and one of a customer that ended: UNMAPPED, the user counts."""
    ended = context.account(ENDED)
    return [
        context.event("2026-07-14T09:00:00Z", user="lost", device="lost-laptop", account=UNKNOWN_ACCOUNT),
        context.event("2026-07-14T10:00:00Z", user="still-there", device="still-laptop", account=ended),
        context.event("2026-06-24T10:00:00Z", user="still-there", device="still-laptop", account=ended),
    ]


@case
def segment_changed(context: UsageContext) -> Sequence[int]:
    """The customer grows out of its segment on 2026-04-15: what was before stays with the old one."""
    own: dict[str, Any] = {
        "user": "growing",
        "device": "growing-laptop",
        "account": context.account(GROWN),
    }
    return [context.event(f"2026-04-{day}T12:00:00Z", "Product Added", **own) for day in (13, 14, 15, 16)]


@case
def parent_and_child(context: UsageContext) -> Sequence[int]:
    """Users of a parent and of its child: two customers, one above the other."""
    return [
        context.event(f"2026-07-2{number}T09:00:00Z", user=f"kin-{number}", device=f"kin-{number}", account=account)
        for number, account in enumerate((context.account(PARENT), context.account(CHILD)))
    ]


# -- with what


@case
def event_renamed(context: UsageContext) -> Sequence[int]:
    """Two names of one feature, the old one still sent by an old client after it ended: unmapped from then on."""
    own: dict[str, Any] = {"user": "searcher", "device": "searching", "account": context.account(1)}
    return [
        context.event("2026-02-09T12:00:00Z", "Search Performed", **own),
        context.event("2026-02-11T12:00:00Z", "Catalogue Searched", **own),
        context.event("2026-02-12T12:00:00Z", "Search Performed", user="old-client", device="old-client"),
    ]


@case
def event_split(context: UsageContext) -> Sequence[int]:
    """A payment serves several products by weights that change in March 2026; its user is a whole user of each."""
    own: dict[str, Any] = {"user": "payer", "device": "paying", "account": context.account(6)}
    return [context.event(f"2026-{day}T12:00:00Z", "Payment Completed", **own) for day in ("02-27", "03-02")]


@case
def strongest_match(context: UsageContext) -> Sequence[int]:
    """Exact before the longest prefix before a shorter one before a pattern."""
    own: dict[str, Any] = {"user": "reporter", "device": "reporting", "account": context.account(6)}
    names = ("Report: Exported", "Report: Alert Set", "Report: Shared", "Dashboard Built")
    return [context.event(f"2026-05-2{n}T12:00:00Z", name, INSIGHTS, **own) for n, name in enumerate(names, 5)]


@case
def unmapped_event(context: UsageContext) -> Sequence[int]:
    """An event type that no row names: passive use of its project's product, and of nothing where that has none."""
    own: dict[str, Any] = {"user": "bookkeeper", "device": "bookkeeping", "account": context.account(6)}
    return [
        context.event("2026-07-23T12:00:00Z", "Invoice Matched", SHOP, **own),
        context.event("2026-07-23T13:00:00Z", "Invoice Matched", MOBILE, **own),
    ]


@case
def mapped_late(context: UsageContext) -> Sequence[int]:
    """The row of this event enters the file on 2026-10-20, valid for all of the past."""
    own: dict[str, Any] = {"user": "gifted", "device": "gift-card", "account": context.account(6)}
    return [context.event("2026-07-27T12:00:00Z", "Gift Card Redeemed", **own)]


@case
def passive_only(context: UsageContext) -> Sequence[int]:
    """A page left open, its heartbeat, a push received: nobody was active."""
    own: dict[str, Any] = {"user": "asleep", "device": "left-open", "account": context.account(6)}
    return [
        *(context.event(f"2026-07-28T{hour:02d}:00:00Z", "Heartbeat", **own) for hour in range(0, 24, 6)),
        context.event("2026-07-28T07:30:00Z", "Page Viewed", **own),
        context.event("2026-07-28T08:30:00Z", "Push Received", MOBILE, **own),
    ]


@case
def behind_a_flag(context: UsageContext) -> Sequence[int]:
    """A feature that a flag shows to some: exposed and using, exposed and not, never exposed yet using, neither;
    exposed only later; a flag that no row names."""
    account: dict[str, Any] = {"account": context.account(6)}

    def seen(when: str, who: str, flag: str = "copilot-beta") -> int:
        name = "[Experiment] Exposure"
        return context.event(when, name, INSIGHTS, user=who, device=who, flag_key=flag, variant="on", **account)

    def did(when: str, who: str, name: str = "Report: Opened") -> int:
        return context.event(when, name, INSIGHTS, user=who, device=who, **account)

    return [
        seen("2026-03-05T08:00:00Z", "keen"),
        *(did(f"2026-04-0{day}T09:00:00Z", "keen", "Copilot Asked") for day in (7, 8)),
        seen("2026-03-06T08:00:00Z", "reluctant"),
        did("2026-04-08T10:00:00Z", "reluctant"),
        did("2026-04-08T11:00:00Z", "uninvited", "Copilot Asked"),
        did("2026-04-09T09:00:00Z", "unaware"),
        did("2026-04-10T09:00:00Z", "later"),
        seen("2026-05-06T08:00:00Z", "later"),
        did("2026-05-07T09:00:00Z", "later"),
        seen("2026-04-13T08:00:00Z", "elsewhere", "some-other-flag"),
        did("2026-04-13T09:00:00Z", "elsewhere"),
    ]


@case
def behind_a_flag_since_june(context: UsageContext) -> Sequence[int]:
    """The exposure of this feature is mapped from June 2026 on: before, everybody may use it."""
    own: dict[str, Any] = {"user": "waiting", "device": "waiting", "account": context.account(6)}
    exposed: dict[str, Any] = {
        "user": "tester",
        "device": "tester",
        "account": context.account(6),
        "flag_key": "express-2",
    }
    return [
        context.event(
            "2026-05-13T09:00:00Z", "Express Checkout Started", **(own | {"user": "early", "device": "early"})
        ),
        context.event("2026-05-28T09:00:00Z", "Payment Completed", **own),
        context.event("2026-02-10T09:00:00Z", "Payment Completed", **own),
        context.event("2026-06-09T09:00:00Z", "Payment Completed", **own),
        context.event("2026-06-08T09:00:00Z", "[Experiment] Exposure", **exposed),
        context.event("2026-06-09T10:00:00Z", "Express Checkout Paid", user="tester", device="tester"),
    ]


@case
def once_is_not_adopted(context: UsageContext) -> Sequence[int]:
    """Two users of one customer use a feature once each: neither has adopted it, their customer has."""
    account: dict[str, Any] = {"account": context.account(BUYER)}
    return [
        context.event(
            f"2026-08-1{n}T09:00:00Z", "Offer Redeemed", MOBILE, user=f"once-{n}", device=f"once-{n}", **account
        )
        for n in range(2)
    ]


@case
def moved_between_products(context: UsageContext) -> Sequence[int]:
    """An event counted for another product from March 2026 on, a feature handed over in April, another that left its
    module in June, a product that changed portfolios in March: what was before stays where it was."""
    own: dict[str, Any] = {"user": "loyal", "device": "loyal-phone", "account": context.account(7)}
    days = {
        "Barcode Scanned": (MOBILE, ("02-27", "03-02")),
        "Offer Redeemed": (MOBILE, ("04-10", "04-20")),
        "Report: Exported": (INSIGHTS, ("03-16", "03-19", "05-30", "06-02")),
    }
    return [
        context.event(f"2026-{day}T12:00:00Z", name, project, **own)
        for name, (project, dates) in days.items()
        for day in dates
    ]


@case
def feature_retired(context: UsageContext) -> Sequence[int]:
    """Retired on 2026-05-01 while old clients go on: its row is gone, so it rolls up to the company alone."""
    own: dict[str, Any] = {"user": "nostalgic", "device": "nostalgic", "account": context.account(7)}
    return [context.event(f"2026-{day}T12:00:00Z", "Wishlist Saved", **own) for day in ("04-28", "05-04")]


@case
def feature_of_no_product(context: UsageContext) -> Sequence[int]:
    """A feature right under a portfolio: used, but no product's users are eligible for it."""
    own: dict[str, Any] = {"user": "signer", "device": "signer", "account": context.account(7)}
    return [context.event(f"2026-08-0{day}T12:00:00Z", "Single Sign-On Used", **own) for day in (4, 5)]


# -- when


@case
def around_local_midnight(context: UsageContext) -> Sequence[int]:
    """One microsecond's reach around midnight of the reporting zone, at the edges of a week, a month and a year."""
    found = []
    for number, day in enumerate((date(2026, 1, 1), date(2026, 2, 2), date(2026, 9, 1), date(2026, 9, 15))):
        edge = midnight(day, context.zone)
        for side, at in (("before", edge - 1), ("after", edge)):
            who = f"owl-{number}-{side}"
            found.append(context.event(at, user=who, device=who, account=context.account(1)))
    return found


@case
def around_the_zone_changing_its_clocks(context: UsageContext) -> Sequence[int]:
    """In the hours that the reporting zone skips or shows twice, and at the midnights of those days."""
    zone = context.zone if clock_changes(context.zone, True) else "Europe/London"  # some zones never change
    turns = [*clock_changes(zone, True), *clock_changes(zone, False)]
    inside = [turn for turn in turns if FIRST_YEAR[0] < turn < FIRST_YEAR[1]]
    return [
        context.event(turn + minutes * MINUTE // MICRO, user=f"dst-{minutes}", device=f"dst-{minutes}")
        for turn in inside
        for minutes in (-1439, -70, -20, 0, 20, 70, 1380, 1439)
    ]


@case
def back_after_a_pause(context: UsageContext) -> Sequence[int]:
    """Back after exactly 27 and after 28 days, and after some weeks without: the edges of every window."""
    days = ("2025-12-01", "2025-12-28", "2026-01-25", "2026-02-22", "2026-04-06", "2026-04-12", "2026-04-19")
    own: dict[str, Any] = {"user": "regular", "device": "regular", "account": context.account(7)}
    return [context.event(f"{day}T12:00:00Z", "Report: Opened", INSIGHTS, **own) for day in days]


def play_all(context: UsageContext) -> list[tuple[CasePlayer, Sequence[int]]]:
    return [(play, play(context)) for play in CASES]
