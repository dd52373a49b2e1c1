"""Usage events made ready to be counted: whose each one was, for which customer, of which products, on which day.

The definitions:
- The day of an event is the day of its event_time in the reporting zone; the data is as of the newest upload.
- Of events with one insert_id on one device in one project the first uploaded is the event; the others count nowhere.
- Users and devices that were seen together are one person, over any number of steps and in all projects; a device with
  several users (policy: shared_device_users) joins nobody.
- A person with any event of a bot is a bot; a person with any user id of a colleague is internal.
- Customer, products, segment and market go by the rows of the event's day.
Does not: any figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.company import Company
from sandbox.company.usage.events import MICRO, PROJECTS, Device
from sandbox.timestamps import local_date
from sandbox.truth.maps import UNMAPPED, counts_to, described, is_valid, strongest
from sandbox.truth.recurring import RecurringPolicy

NOBODY = frozenset(("", "anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown", "0", "-1"))
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
        self.people = self._people()
        clients = {event: self.usage.client(event) for event in self.events}
        crawlers = {client for client in set(clients.values()) if self._is_bot(client)}
        self.bots = {self.people[event] for event, client in clients.items() if client in crawlers}
        self.internal = {
            person for event, person in self.people.items() if named(self.usage.user_id(event)) in self.colleagues
        }
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

    def _people(self) -> dict[int, str]:
        """The person behind each event, named by the least user id, else the least device id, else its own alias."""
        usage = self.usage
        pairs = {event: (named(usage.user_id(event)), named(usage.device_id(event))) for event in self.events}
        users_of: dict[str, set[str]] = defaultdict(set)
        for user, device in pairs.values():
            if user is not None and device is not None:
                users_of[device].add(user)
        beside: dict[str, set[str]] = defaultdict(set)
        for device, users in users_of.items():
            if len(users) < int(self.policy["shared_device_users"]):
                for user in users:
                    beside[f"user:{user}"].add(f"device:{device}")
                    beside[f"device:{device}"].add(f"user:{user}")
        names: dict[str, str] = {}
        found = {}
        for event, (user, device) in pairs.items():
            if user is not None:
                alias = f"user:{user}"
            elif device is not None:
                alias = f"device:{device}"
            else:
                alias = f"amplitude:{PROJECTS[usage.project[event]]}/{usage.amplitude_id(event)}"
            if alias not in names:
                everybody = reached(alias, beside)
                name = min(everybody, key=lambda one: (not one.startswith("user:"), one))
                names |= dict.fromkeys(everybody, name)
            found[event] = names[alias]
        return found

    def _is_bot(self, client: Device) -> bool:
        markers = [marker.strip() for marker in self.policy["bot_markers"].split(",")]
        texts = (client.device_family, client.os_name, client.library)
        return any(marker in (text or "").lower() for text in texts for marker in markers)

    def counts(self, event: int) -> bool:
        """Neither a repetition nor a bot's nor a colleague's, and not of a day that has not come."""
        person = self.people[event]
        return (
            event not in self.duplicates
            and person not in self.bots
            and person not in self.internal
            and self.days[event] <= self.last_day
        )

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
    return None if trimmed.lower() in NOBODY else trimmed


def reached(start: str, beside: Mapping[str, set[str]]) -> set[str]:
    """Everything that is connected with something, over any number of steps."""
    found, waiting = {start}, [start]
    while waiting:
        for other in beside.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
