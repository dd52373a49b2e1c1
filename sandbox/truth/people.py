"""Usage events made ready to be counted: whose each one was, for which customer, of which products, on which day.

The definitions:
- The day of an event is the day of its event_time in the reporting zone; the data is as of the newest upload.
- Of events with one insert_id on one device in one project the first uploaded is the event; the others count nowhere.
- A user id is a person; a device joins its users only where they are fewer than policy's shared_device_users. What
  comes from a device without a user id is of the one who signs in first on the day, else of the last who did before,
  else of the first who does after; a colleague on a customer's device and a machine do not count as signing in.
- A bot's are the events of its software, all of a device that sends mostly such, and all of a user id that has mostly
  such and was never on another device. A colleague's are those of the user id, and all of the company's devices: where
  colleagues are there on more days, have no other and were first, each against everybody else.
- A project begins with its first upload, or where the policy says (usage_since): what is dated before has no day.
- Customer, products, segment and market go by the rows of the event's day.
Does not: any figure.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from sandbox.company import Company
from sandbox.company.usage.events import MICRO, PROJECTS, Device
from sandbox.timestamps import local_date
from sandbox.truth.maps import UNMAPPED, counts_to, described, is_valid, strongest
from sandbox.truth.recurring import RecurringPolicy

NOBODY = frozenset(("", "anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown", "-1"))
PHONES = frozenset(("android", "deface", "9774d56d682e549c"))
"""What phones send that have no id of their own; others send zeros."""
NATIVE = frozenset(("android", "ios"))
NAMED_BOT = re.compile(r"(?i)(?<![a-z])((cu|m[ _-]|power[ _-])bot|bot[ _-]?(tab|5[0-9]|senior|junior))(?![a-z])")
"""Phones whose makers call them so."""
EXPOSURE = "[Experiment] Exposure"
Slices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Use:
    """An active event of a human outsider that is no duplicate. `nodes` are its products and all above them, each with
    the weight that reaches it."""

    day: date
    person: str
    customer: str
    slices: Slices
    nodes: Mapping[str, Decimal]


class UsageFacts:
    """The events that an export can hold at an instant, and what the company's files say then."""

    def __init__(self, company: Company, now: int) -> None:
        self.usage, self.zone = company.usage, company.reporting_zone
        self.events = self.usage.exported(now)
        self.policy = company.policy
        self.least = RecurringPolicy.of(company).ratio_min_n
        self.products = company.rows("products", now)
        self.map: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in company.rows("product_map", now):
            if row["source"] == "amplitude":
                self.map[row["object_type"]].append(row)
        self.customers = company.rows("customers", now)
        self.accounts = [row for row in company.rows("customer_map", now) if row["source"] == "amplitude"]
        self.colleagues = {row["key"] for row in company.rows("worker_map", now) if row["source"] == "amplitude"}
        self.as_of = max((self.usage.uploaded[event] for event in self.events), default=now * MICRO)
        self.last_day = self._local(self.as_of)
        self.days = {event: self._local(self.usage.happened[event]) for event in self.events}
        self.duplicates = self._duplicates()
        self.began: dict[int, date] = {}
        for event in self.events:
            day = self._local(self.usage.uploaded[event])
            self.began[self.usage.project[event]] = min(day, self.began.get(self.usage.project[event], day))
        if since := self.policy.get("usage_since"):
            self.began = dict.fromkeys(self.began, date.fromisoformat(since))
        self.user_of = {event: named(self.usage.user_id(event)) for event in self.events}
        self.device_of = {event: named(self.usage.device_id(event)) for event in self.events}
        clients = {client: self._is_bot(client) for client in {self.usage.client(event) for event in self.events}}
        self.by_machine = {event for event in self.events if clients[self.usage.client(event)]}
        self.bots, self.internal = self._bots(), self._internal()
        self.people = self._people()
        self._nodes: dict[tuple[int, int, date], tuple[Mapping[str, Decimal], bool]] = {}
        self._owners: dict[tuple[int, date], tuple[str, Slices]] = {}
        self.uses = list(self._uses())

    def _local(self, at: int) -> date:
        return local_date(at // MICRO, self.zone)

    def _duplicates(self) -> set[int]:
        usage, first, found = self.usage, dict[tuple[int, str, str], int](), set[int]()
        for event in sorted(self.events, key=lambda event: (usage.uploaded[event], usage.uuid(event))):
            device = usage.device_id(event)
            if device is not None:
                once = (usage.project[event], device, usage.insert_id(event))
                if first.setdefault(once, event) != event:
                    found.add(event)
        return found

    # -- who

    def _bots(self) -> set[int]:
        """The events of machines."""
        of_device, of_user = self._by(self.device_of), self._by(self.user_of)
        machines = {device for device, events in of_device.items() if mostly(events, self.by_machine)}
        made_up = {
            user
            for user, events in of_user.items()
            if mostly(events, self.by_machine) and {self.device_of[event] for event in events} <= {*machines, None}
        }
        return {
            event
            for event in self.events
            if event in self.by_machine or self.device_of[event] in machines or self.user_of[event] in made_up
        }

    def _internal(self) -> set[int]:
        """The events of colleagues, and of the company's devices."""
        offices = {
            device
            for device, events in self._by(self.device_of).items()
            if any(self.user_of[event] in self.colleagues for event in events) and self._is_of_the_company(device)
        }
        return {
            event for event in self.events if self.user_of[event] in self.colleagues or self.device_of[event] in offices
        }

    def _is_of_the_company(self, device: str) -> bool:
        """Whose it is, on whom each of three signs points: for colleagues +1, for others -1, for both 0. Who has no
        device that is used more is the strongest sign."""
        days, first = self._sign_ins
        most, earliest, at_home = Counter[bool](), dict[bool, int](), set[bool]()
        for user in (user for user, other in days if other == device):
            is_colleague = user in self.colleagues
            most[is_colleague] = max(most[is_colleague], len(days[user, device]))
            seen = first[user, device]
            earliest[is_colleague] = min(seen, earliest.get(is_colleague, seen))
            own = [other for one, other in days if one == user]
            if device == min(own, key=lambda other: (-len(days[user, other]), first[user, other], other)):
                at_home.add(is_colleague)
        ours, theirs = earliest[True], earliest.get(False)
        signs = (
            sign(most[True], most[False]),
            2 * sign(True in at_home, False in at_home),
            1 if theirs is None else sign(theirs, ours),
        )
        return sum(signs) > 0

    @cached_property
    def _sign_ins(self) -> tuple[dict[tuple[str, str], set[date]], dict[tuple[str, str], int]]:
        """Of each user and device the days on which they came together, and the first upload of it."""
        days: dict[tuple[str, str], set[date]] = defaultdict(set)
        first: dict[tuple[str, str], int] = {}
        for event in self.events:
            user, device = self.user_of[event], self.device_of[event]
            if user is not None and device is not None:
                days[user, device].add(self.days[event])
                seen = self.usage.uploaded[event]
                first[user, device] = min(seen, first.get((user, device), seen))
        return days, first

    def _by(self, names: Mapping[int, str | None]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for event, name in names.items():
            if name is not None:
                found[name].append(event)
        return found

    def _people(self) -> dict[int, str]:
        """The person behind each event, named by the least user id, else the device id, else its own alias."""
        users_of: dict[str, set[str]] = defaultdict(set)
        for event, device in self.device_of.items():
            if device is not None and (user := self.user_of[event]) is not None:
                users_of[device].add(user)
        beside: dict[str, set[str]] = defaultdict(set)
        for users in users_of.values():
            if len(users) < int(self.policy["shared_device_users"]):
                for user in users:
                    beside[user] |= users
        found, names, of_device = {}, dict[str, str](), self._by(self.device_of)
        turns = {device: self._turns(device, of_device[device], users_of[device]) for device in users_of}
        for event in self.events:
            user, device = self.user_of[event], self.device_of[event]
            if user is None and device in turns:
                user = whose(turns[device], self.days[event])
            if user is None:
                number = f"amplitude:{PROJECTS[self.usage.project[event]]}/{self.usage.amplitude_id(event)}"
                found[event] = number if device is None else f"device:{device}"
                continue
            if user not in names:
                names |= dict.fromkeys(reached(user, beside), min(reached(user, beside)))
            found[event] = f"user:{names[user]}"
        return found

    def _turns(self, device: str, events: list[int], users: set[str]) -> dict[date, tuple[str, str]]:
        """By day the first and the last who signed in; where nobody's sign-in counts all is the first one's."""
        counted = (
            []
            if len(users) == 1
            else sorted(
                (self.usage.happened[event], user, self.days[event])
                for event in events
                if (user := self.user_of[event]) is not None
                and user not in self.colleagues
                and event not in self.by_machine
                and event not in self.duplicates
                and self.began[self.usage.project[event]] <= self.days[event]
            )
        )
        turns: dict[date, tuple[str, str]] = {}
        for _, user, day in counted:
            turns[day] = (turns[day][0] if day in turns else user, user)
        only = min(users, key=lambda user: (self._sign_ins[1][user, device], user))
        return turns or {date.max: (only, only)}

    def _is_bot(self, client: Device) -> bool:
        """Whether software says so: a word of it ends in a marker, or a marker that is more than letters is in it."""
        family = None if (client.platform or "").lower() in NATIVE else client.device_family
        text = " | ".join(one or "" for one in (family, client.os_name, client.library, client.platform))
        words = re.findall("[a-z]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", NAMED_BOT.sub(" ", text)).lower())
        for marker in (marker.strip().lower() for marker in self.policy["bot_markers"].split(",")):
            if marker[-1].isalpha() and any(word.endswith((marker, f"{marker}s")) for word in words):
                return True
            if not marker[-1].isalpha() and marker in text.lower():
                return True
        return False

    def counts(self, event: int) -> bool:
        """Neither a repetition nor a bot's nor a colleague's, of a day that has come and that the project had."""
        return (
            event not in self.duplicates
            and event not in self.bots
            and event not in self.internal
            and self.is_dated(event)
            and self.days[event] <= self.last_day
        )

    def is_dated(self, event: int) -> bool:
        return self.began[self.usage.project[event]] <= self.days[event]

    # -- for whom, with what

    def owner(self, event: int) -> tuple[str, Slices]:
        """The customer in whose name it was, and the slices it belongs to."""
        known = (self.usage.group[event], self.days[event])
        if known not in self._owners:
            given = self.usage.groups_of(event).get(self.policy["account_group"], [])
            self._owners[known] = self._owner([given] if isinstance(given, str) else given, self.days[event])
        return self._owners[known]

    def _owner(self, accounts: list[str], day: date) -> tuple[str, Slices]:
        customer = next(
            (
                row["customer_id"]
                for key in accounts
                for row in self.accounts
                if row["key"] == key and is_valid(row, day)
            ),
            UNMAPPED,
        )
        facts = next((row for row in self.customers if row["customer_id"] == customer and is_valid(row, day)), None)
        segment, market = (UNMAPPED, UNMAPPED) if facts is None else (facts["segment"], facts["market"])
        return customer, (("all", "ALL"), ("segment", segment), ("market", market))

    def nodes(self, event: int) -> tuple[Mapping[str, Decimal], bool]:
        """The products of an event with their weights, and whether it is active use of them."""
        known = (self.usage.project[event], self.usage.kind[event], self.days[event])
        if known not in self._nodes:
            self._nodes[known] = self._mapped(event)
        return self._nodes[known]

    def _mapped(self, event: int) -> tuple[Mapping[str, Decimal], bool]:
        day = self.days[event]
        for object_type, name in (
            ("event", self.usage.event_type(event)),
            ("project", str(PROJECTS[self.usage.project[event]])),
        ):
            rows = strongest(self.map[object_type], [name], day)
            if rows:
                return {row["product_id"]: Decimal(row["weight"]) for row in rows}, object_type == "event"
        return {UNMAPPED: Decimal(1)}, False

    def product(self, product_id: str, day: date) -> dict[str, str] | None:
        return described(self.products, product_id, day)

    def above(self, product_id: str, day: date) -> list[str]:
        """A product, what is above it on a day, nearest first, and the company."""
        return counts_to(self.products, product_id, day)

    def _uses(self) -> Iterator[Use]:
        rolled: dict[tuple[int, int, date], dict[str, Decimal]] = {}
        for event in self.events:
            nodes, active = self.nodes(event)
            if not active or not self.counts(event):
                continue
            day = self.days[event]
            kind = (self.usage.project[event], self.usage.kind[event], day)
            if kind not in rolled:
                rolled[kind] = defaultdict(Decimal)
                for product, weight in nodes.items():
                    for node in self.above(product, day):
                        rolled[kind][node] += weight
            yield Use(day, self.people[event], *self.owner(event), rolled[kind])

    def exposed(self) -> dict[str, dict[str, date]]:
        """By feature: everybody who was shown its flag, and the first day of it."""
        found: dict[str, dict[str, date]] = defaultdict(dict)
        for event in self.events:
            flag = self.usage.properties_of(event).get("flag_key")
            if self.usage.event_type(event) != EXPOSURE or flag is None or not self.counts(event):
                continue
            day, person = self.days[event], self.people[event]
            for row in strongest(self.map["exposure"], [flag], day):
                seen = found[row["product_id"]]
                seen[person] = min(day, seen.get(person, day))
        return found


def named(text: str | None) -> str | None:
    """An id without blanks around it; nothing where it names nobody."""
    trimmed = (text or "").strip()
    return None if trimmed.lower() in NOBODY | PHONES or not trimmed.strip("0-") else trimmed


def mostly(events: Sequence[int], those: set[int]) -> bool:
    return 2 * sum(event in those for event in events) > len(events)


def sign(one: int, other: int) -> int:
    return (one > other) - (one < other)


def whose(turns: Mapping[date, tuple[str, str]], day: date) -> str:
    """Of a day with a sign-in its first, else the last one's before, else the first one's after."""
    if day in turns:
        return turns[day][0]
    before = max((one for one in turns if one < day), default=None)
    return turns[min(turns)][0] if before is None else turns[before][1]


def reached(start: str, beside: Mapping[str, set[str]]) -> set[str]:
    """Everything that is connected with something, over any number of steps."""
    found, waiting = {start}, [start]
    while waiting:
        for other in beside.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
