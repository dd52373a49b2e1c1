"""Usage events as the analytics vendor received them, in columns: a million are 60 MB so, and a GB as objects.

Belongs here: how events are written and kept, in the order of their upload. Does not: who does what (everyday.py), the
labelled cases (cases.py), the JSON in which the vendor shows an event (sandbox/vendors/amplitude).
Instants of usage are whole microseconds: that is what the vendor's texts hold.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from sandbox.timestamps import ms

MICRO = 1_000  # microseconds of a millisecond
SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
START = ms("2025-10-01T00:00:00Z") * MICRO
END = ms("2026-11-30T00:00:00Z") * MICRO
PROJECTS = (100001, 100002, 100003)
SHOP, INSIGHTS, MOBILE = range(3)
NOTHING = -1

TYPES = (
    *("Page Viewed", "Heartbeat", "Push Received", "Banner Dismissed", "[Experiment] Exposure"),
    *("Product Added", "Search Performed", "Catalogue Searched", "Wishlist Saved", "Express Checkout Started"),
    *("Express Checkout Paid", "Payment Completed", "Wallet Topped Up", "Gift Card Redeemed", "Report: Opened"),
    *("Report: Shared", "Report: Exported", "Report: Alert Set", "Report: Alert Raised", "Dashboard Built"),
    *("Copilot Asked", "App Opened", "Barcode Scanned", "Shelf Scanned", "Offer Redeemed", "Order Tracked"),
    *("Single Sign-On Used", "Invoice Matched"),
)
TYPE = {name: number for number, name in enumerate(TYPES)}


@dataclass(frozen=True, slots=True)
class Device:
    """What a device, or a server, says of itself."""

    platform: str | None
    library: str
    os_name: str | None
    os_version: str | None
    device_family: str | None
    device_type: str | None


CLIENTS = (
    Device("Web", "amplitude-ts/2.11.0", "Chrome", "129", "Windows", "Windows"),
    Device("Web", "amplitude-ts/2.11.0", "Safari", "17", "Mac OS X", "Apple Mac"),
    Device("iOS", "amplitude-swift/1.9.2", "ios", "18.1", "Apple iPhone", "Apple iPhone 15"),
    Device("Android", "amplitude-kotlin/1.16.8", "android", "15", "Google Pixel", "Google Pixel 8"),
    Device("Web", "amplitude-ts/2.11.0", "Chrome Headless", "129", "Linux", "Linux"),
    Device("Web", "amplitude-js/8.21.9", "Other", None, "Spider", "Spider"),
    Device("Web", "k6/0.49.0", "Linux", None, "Linux", "Linux"),
    Device("Web", "amplitude-ts/2.11.0", "Chrome", "129", "Synthetic Monitor", "Synthetic Monitor"),
    Device("Web", "amplitude-js/8.21.9", "Googlebot", "2.1", "Other", "Other"),
    Device("Web", "amplitude-ts/2.11.0", "Chrome Mobile", "129", "CUBOT NOTE S", "CUBOT NOTE S"),
    Device("Android", "amplitude-kotlin/1.16.8", "android", "13", "Sunbot X2", "Sunbot X2"),
)
SERVER = Device(None, "http/2.0", None, None, None, None)
HEADLESS, CRAWLER, LOAD_TEST, MONITOR, GOOGLEBOT, CUBOT, SUNBOT = range(4, 11)
KEPT_APART = 7 * DAY  # the vendor drops an insert_id that it saw on the device within this time


class Interned:
    """Values that many events share, each kept once and known by its number."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Hashable, int] = {}

    def number(self, value: Any) -> int:
        if value is None:
            return NOTHING
        key = repr(value)
        if key not in self._known:
            self._known[key] = len(self.values)
            self.values.append(value)
        return self._known[key]

    def value(self, number: int) -> Any:
        return None if number == NOTHING else self.values[number]


COLUMNS = {
    "uploaded": "q",
    "happened": "q",
    "session": "q",  # its start in milliseconds; −1 for what a server sends
    "number": "i",  # the order of writing: uuid and own insert_id come from it
    "insert": "i",  # the number whose insert_id it carries
    "user": "i",
    "device": "i",
    "amplitude": "i",
    "groups": "i",
    "properties": "i",
    "kind": "b",
    "project": "b",
}


Columns: TypeAlias = "dict[str, array[int]]"


def columns() -> Columns:
    return {name: array(typecode) for name, typecode in COLUMNS.items()}


@dataclass
class EventWriter:
    """Events being written, in any order; `first` is the number of the first one."""

    seed: int
    first: int = 0
    users: Interned = field(default_factory=Interned)
    devices: Interned = field(default_factory=Interned)  # (device id, number of its client)
    groups: Interned = field(default_factory=Interned)
    properties: Interned = field(default_factory=Interned)
    columns: Columns = field(default_factory=columns)

    def beside(self, first: int) -> EventWriter:
        """Other events of the same users, devices, groups and properties."""
        return replace(self, first=first, columns=columns())

    def write(
        self,
        uploaded: int,
        happened: int,
        project: int,
        kind: int,
        user: int,
        device: int,
        amplitude: int,
        groups: int = NOTHING,
        properties: int = NOTHING,
        session: int = NOTHING,
    ) -> int:
        """One event; users, devices, groups and properties by their numbers. Gives the event's own."""
        number, known = self.first + len(self.columns["number"]), self.columns
        known["uploaded"].append(uploaded)
        known["happened"].append(happened)
        known["session"].append(session)
        known["number"].append(number)
        known["insert"].append(number)
        known["user"].append(user)
        known["device"].append(device)
        known["amplitude"].append(amplitude)
        known["groups"].append(groups)
        known["properties"].append(properties)
        known["kind"].append(kind)
        known["project"].append(project)
        return number

    def repeat(self, event: int, uploaded: int) -> int:
        """The client sends an event once more: all is equal but the upload."""
        return self.copy(self.columns, event, uploaded)

    def copy(self, known: Columns, place: int, uploaded: int) -> int:
        """The same event as one of these, uploaded at another time."""
        number = self.first + len(self.columns["number"])
        for name, column in self.columns.items():
            column.append(known[name][place])
        self.columns["uploaded"][-1], self.columns["number"][-1] = uploaded, number
        return number

    def key(self, event: int) -> str:
        return f"{PROJECTS[self.columns['project'][event]]}/{uuid_of(self.seed, event)}"


class Usage:
    """What the vendor kept, by upload: what was written in a ledger, and what was drawn day by day beside it. The draws
    of a day are uploaded on that day, and come in order."""

    def __init__(self, ledger: EventWriter, drawn: Iterable[tuple[int, EventWriter]] = ()) -> None:
        self.seed = ledger.seed
        self.users, self.devices = ledger.users, ledger.devices
        self.groups, self.properties = ledger.groups, ledger.properties
        sent = ledger.columns["uploaded"]
        kept = sorted(_kept(ledger), key=sent.__getitem__)  # stable: equal uploads stay in the order of writing
        found, taken = columns(), 0
        for end, day in (*drawn, (None, ledger.beside(0))):
            upto = len(kept) if end is None else bisect_left(kept, end, taken, key=sent.__getitem__)
            _add(found, ledger.columns, kept[taken:upto], day.columns)
            taken = upto
        self.uploaded, self.happened, self.session = found["uploaded"], found["happened"], found["session"]
        self.number, self.insert = found["number"], found["insert"]
        self.user, self.device, self.amplitude = found["user"], found["device"], found["amplitude"]
        self.group, self.property = found["groups"], found["properties"]
        self.kind, self.project = found["kind"], found["project"]

    def __len__(self) -> int:
        return len(self.uploaded)

    def between(self, since: int, until: int) -> range:
        """The events uploaded from `since` on and before `until`."""
        return range(bisect_left(self.uploaded, since), bisect_left(self.uploaded, until))

    def parts(self, since: int, until: int) -> Iterator[tuple[Usage, range]]:
        """The events uploaded from `since` on and before `until`, with the usage that holds them."""
        yield self, self.between(since, until)

    def received(self, project: int, until: int) -> set[int]:
        """The kinds of events that a project has had before an instant."""
        return {
            self.kind[event] for event in range(bisect_left(self.uploaded, until)) if self.project[event] == project
        }

    def exported(self, now: int) -> range:
        """What an export can hold at an instant (ms): an hour is whole two hours after it has ended."""
        return self.between(START, exportable(now))

    def event_type(self, event: int) -> str:
        return TYPES[self.kind[event]]

    def uuid(self, event: int) -> str:
        return uuid_of(self.seed, self.number[event])

    def insert_id(self, event: int) -> str:
        return uuid_of(self.seed, self.insert[event], 2)

    def user_id(self, event: int) -> str | None:
        found: str | None = self.users.value(self.user[event])
        return found

    def device_id(self, event: int) -> str | None:
        return None if self.device[event] == NOTHING else str(self.devices.values[self.device[event]][0])

    def client(self, event: int) -> Device:
        return SERVER if self.device[event] == NOTHING else CLIENTS[self.devices.values[self.device[event]][1]]

    def amplitude_id(self, event: int) -> int:
        return 540_000_000_000 + self.amplitude[event] * 97

    def groups_of(self, event: int) -> Mapping[str, Any]:
        return self.groups.value(self.group[event]) or {}

    def properties_of(self, event: int) -> Mapping[str, Any]:
        return self.properties.value(self.property[event]) or {}


def exportable(now: int) -> int:
    """The end (µs) of the last hour that can be exported at an instant (ms)."""
    hours = (now * MICRO - 3 * HOUR) // HOUR
    return (hours + 1) * HOUR


def _add(found: Columns, cases: Columns, places: Sequence[int], drawn: Columns) -> None:
    """Some rows of one and all of another, by their upload."""
    both = {name: array(t, map(cases[name].__getitem__, places)) + drawn[name] for name, t in COLUMNS.items()}
    order = sorted(range(len(both["uploaded"])), key=both["uploaded"].__getitem__)
    for name, column in both.items():
        found[name].extend(map(column.__getitem__, order))


def _kept(ledger: EventWriter) -> list[int]:
    """All events but those that the vendor saw before on the device within seven days. The same holds per project, but
    a client never sends one event to two."""
    uploaded, inserts = ledger.columns["uploaded"], ledger.columns["insert"]
    repeated = sorted((uploaded[number], number) for number, first in enumerate(inserts) if first != number)
    seen: dict[int, int] = {}
    dropped = set()
    for at, number in repeated:
        first = inserts[number]
        if at - seen.get(first, uploaded[first]) <= KEPT_APART:
            dropped.add(number)
        else:
            seen[first] = at
    return [number for number in range(len(inserts)) if number not in dropped]


def mixed(seed: int, number: int, salt: int) -> int:
    """64 bits that look random, the same in every process (splitmix64)."""
    value = (number * 0x9E3779B97F4A7C15 + (seed * 31 + salt) * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 31)


def uuid_of(seed: int, number: int, salt: int = 0) -> str:
    text = f"{mixed(seed, number, salt):016x}{mixed(seed, number, salt + 1):016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
