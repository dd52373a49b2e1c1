"""BambooHR: people, with the API key of a user who may see them all, and their pay.

Upstream -> table (landing/bamboohr/<table>, compensation in restricted/landing/bamboohr; all payloads as they came):
  GET /employees                                       -> employees
      or POST /reports/custom, where an API key is refused there (with the names of the list)
  GET /employees/changed?type=deleted                  -> tombstones of employees and of their rows
  GET /employees/{all,changed}/tables/jobInfo          -> job_info             (whole per employee)
  GET /employees/{all,changed}/tables/employmentStatus -> employment_statuses  (whole per employee)
  GET /employees/{all,changed}/tables/compensation     -> compensation         (whole per employee; RESTRICTED)
  GET /time_off/requests                               -> time_off_requests
  GET /time_off/whos_out                               -> holidays
  GET /hris/org/locations, /meta/lists, /meta/fields   -> locations, lists, fields

Cursor: employees are listed whole, leavers too (the directory hides them). Tables are read whole at first and by the
census; in between the feed of changes gives all rows of each employee who changed, so rows are replaced by employee.
Each cursor is the newest change that a feed has shown (at first the vendor's clock), and is asked for again with ten
minutes of overlap. Rows are dated, future ones included, in no order; an empty date is `0000-00-00` and lands so. Time
off has no feed: each load reads what overlaps the days from 90 days before the last load to a year ahead, the census
all since START; its cursor is the day of the last load.

Deletes: BambooHR reports which employees were deleted; one who is merely missing was hidden. Rows that an employee lost
get tombstones. A request that was read before and is missing is asked for by its id before it is believed gone.

BambooHR documents the lists of employees and of locations for OAuth apps alone (its OpenAPI document). They answer API
keys too, as far as anybody knows; where they do not, employees come by a custom report, which is documented for keys,
and locations stay as they landed: the names of places stand in `lists` too.

A lost permission does not look like an error: fields are null or left out, people and rows are missing. So a stream
stops, with nothing of it landed, when a field that is needed is kept back, when pay is gone from a row that had it, and
when more than a few people, or more than a few people's rows, are missing. MAX_DELETED_SHARE=1 lets one run believe it.
Fields that are null for everybody from the first load on may never have been filled in: each census names them.

Alone: python -m ingestion.sources bamboohr
Settings: SOURCES__BAMBOOHR__SUBDOMAIN and API_KEY; START, before which time off is left alone; LEAVE_OUT, what
the plan does not have: time_off_requests, compensation.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from ingestion.clock import iso, now
from ingestion.errors import SourceError
from ingestion.landing import SMALL_LOSS, Landed, Landing, Record, tombstones
from ingestion.settings import variable
from ingestion.sources.bamboohr.api import EMPLOYEE_FIELDS, BambooHRApi, BambooHRSettings
from ingestion.sources.parts import Finding, LoadOptions, Probe, Step, Stream, Unread, Watched, api_source, vanished

OVERLAP = timedelta(minutes=10)
OPEN_DAYS = timedelta(days=90)
"""For so long after it a request may still be filed, approved or taken back."""
AHEAD = timedelta(days=366)
WINDOW = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DatedTable:
    """A table of dated rows. Each row must show the fields ``needed``; ``own`` are columns that a company may have
    added, ``lasting`` those whose value never goes from a row that has one."""

    stream: str
    name: str
    needed: tuple[str, ...]
    own: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()


TABLES = (
    DatedTable(
        "job_info",
        "jobInfo",
        needed=("date", "location", "department", "division", "jobTitle", "reportsTo"),
        own=("customFTE",),
    ),
    DatedTable(
        "employment_statuses", "employmentStatus", needed=("date", "employmentStatus"), lasting=("employmentStatus",)
    ),
    DatedTable("compensation", "compensation", needed=("startDate", "rate", "type", "paidPer"), lasting=("rate",)),
)
LISTED = DatedTable("employees", "", needed=("firstName", "lastName", "jobTitleName", "status", *EMPLOYEE_FIELDS))
"""The list of employees, watched like a table."""

ACCESS = "if BambooHR has values there, give the API key's user access to them: Settings > Access Levels"
WATCHED = tuple(Watched(one.stream, one.needed, ACCESS, own=one.own) for one in (LISTED, *TABLES))
OPTIONAL = {"time_off_requests": "absences are not known", "compensation": "no cost of people is known"}

Payloads = Mapping[str, Mapping[str, Any]]


class BambooHRLoad:
    """One load of one company."""

    def __init__(self, settings: BambooHRSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.api = BambooHRApi(settings)
        self.unseen: set[str] = set()

    def steps(self) -> Iterator[Step]:
        snapshots: dict[str, Callable[[], list[Record] | None]] = {
            "locations": self.api.locations,
            "lists": self.api.lists,
            "fields": self.api.fields,
        }
        for stream, read in snapshots.items():
            yield Step(stream, stream, partial(self._snapshot, stream, read))
        yield Step("employees", "employees", self._employees)
        for table in TABLES:
            yield Step(table.stream, table.stream, partial(self._table, table), ("employees",))
        yield Step("time_off_requests", "time_off_requests", self._time_off, ("employees",))
        yield Step("holidays", "holidays", self._holidays)

    def _vanished(self, stream: str, listed: Set[str], **more: Any) -> set[str]:
        return vanished(self.landing, stream, listed, self.settings.max_deleted_share, **more)

    def _snapshot(self, stream: str, read: Callable[[], list[Record] | None]) -> Iterator[Landed]:
        records = read()
        if records is None:
            note = f"{stream}: BambooHR gives them to OAuth apps alone or not to this key; they stay as they landed"
            yield replace(self.landing.land(stream, []), note=note)
            return
        gone = self._vanished(stream, {record.record_id for record in records})
        yield self.landing.land(stream, [*records, *tombstones(gone)])

    # -- people

    def _employees(self) -> Iterator[Landed]:
        stream, note = "employees", ""
        through = self.landing.through(stream)
        # the list first: who is deleted after it is in the feed again next time, because of the overlap
        listed = {record.record_id: record for page in self.api.employees() for record in page}
        reported = self.api.deleted((datetime.fromisoformat(through) if through else now()) - OVERLAP)

        def deleted(missing: set[str]) -> set[str]:
            nonlocal note
            gone = missing & reported.ids if self.settings.max_deleted_share < 1 else missing
            self.unseen = missing - gone
            note = self._plausible(stream, self.unseen, "missing, though BambooHR does not say that they were deleted")
            return gone

        gone = self._vanished(stream, listed.keys(), confirmed=deleted)
        self._refuse_hidden(LISTED, list(listed.values()), is_whole=True)
        if gone:
            # their rows first: a load that is killed between the two finds them in the feed again
            for table in TABLES:
                yield self.landing.land(table.stream, tombstones(self.landing.children(table.stream, gone)))
        cursor = max(filter(None, (reported.latest, datetime.fromisoformat(through) if through else reported.asked_at)))
        yield replace(self.landing.land(stream, [*listed.values(), *tombstones(gone)], through=iso(cursor)), note=note)

    # -- tables

    def _table(self, table: DatedTable) -> Iterator[Landed]:
        stream = table.stream
        through = self.landing.through(stream)
        is_whole = through is None or self.options.census or self.options.resync
        unread = Unread(SOURCE.name, stream, "employee")
        if through is None or is_whole:
            rows = self.api.rows(stream, table.name)
        else:
            rows = self.api.changed_rows(stream, table.name, datetime.fromisoformat(through) - OVERLAP, unread)
        records, note = rows.records(), ""

        def shown(missing: set[str]) -> set[str]:
            """Rows of people whom BambooHR shows, and, of changes, of those who changed."""
            if not is_whole:
                missing &= self.landing.children(stream, list(rows.by_employee))
            return {key for key in missing if _owner(key) not in self.unseen}

        def plausible(lost: set[str]) -> set[str]:
            nonlocal note
            emptied = {_owner(key) for key in lost if not rows.by_employee.get(_owner(key))}
            note = self._plausible(stream, emptied, "without a row, though they had some; their rows count as deleted")
            return lost

        lost = self._vanished(
            stream,
            {record.record_id for record in records},
            expected=shown,
            confirmed=plausible,
            may_be_empty=not is_whole,
        )
        self._refuse_hidden(table, records, is_whole)
        unreadable = unread.note
        reported = [datetime.fromisoformat(through)] if through else [rows.asked_at]
        cursor = max([*reported, rows.latest] if rows.latest else reported)
        landed = self.landing.land(stream, [*records, *tombstones(lost)], through=iso(cursor))
        if is_whole and not records and self.landing.alive("employees"):
            note = f"{stream}: nobody has a row; check that the API key's user may see the table"
        yield replace(landed, note="; ".join(filter(None, (note, unreadable))))

    # -- absence

    def _time_off(self) -> Iterator[Landed]:
        stream = "time_off_requests"
        through, today = self.landing.through(stream), now().date()
        first, last = self.settings.start, today + AHEAD
        is_whole = through is None or self.options.census or self.options.resync
        if through is not None and not is_whole:
            first = max(first, date.fromisoformat(through) - OPEN_DAYS)
        found = {one.record_id: one for window in _windows(first, last) for one in self.api.time_off(*window)}

        def within(missing: set[str]) -> list[str]:
            """Requests of these days, of people whom BambooHR shows."""
            return [
                key
                for key, values in _members(self.landing.payloads(stream, missing)).items()
                if str(values.get("end")) >= first.isoformat()
                and str(values.get("start")) <= last.isoformat()
                and str(values.get("employeeId")) not in self.unseen
            ]

        missing = self._vanished(stream, found.keys(), expected=within, may_be_empty=not is_whole)
        unread = Unread(SOURCE.name, stream, "request")
        for key in sorted(missing):
            # it may have been moved to days that were not read
            with unread.asked(key):
                ever = self.api.time_off(date(1970, 1, 1), date(2100, 1, 1), key)
                found |= {one.record_id: one for one in ever if one.record_id == key}
        records = [*found.values(), *tombstones(missing - found.keys() - unread.errors.keys())]
        note = unread.note
        yield replace(self.landing.land(stream, records, through=today.isoformat()), note=note)

    def _holidays(self) -> Iterator[Landed]:
        stream, share = "holidays", self.settings.max_deleted_share
        alive = self.landing.alive(stream)
        today = now().date()
        found: dict[str, Record] = {}
        first = self.settings.start if self.options.census or self.options.resync or not alive else today
        for window in _windows(first, today + AHEAD):
            holidays = self.api.holidays(*window)
            if holidays is None:
                self.landing.refuse_empty(stream, len(alive), share)
                off = "holidays: BambooHR does not show who is out, to nobody or not to this key; there are none"
                yield replace(self.landing.land(stream, []), note=off)
                return
            found |= {one.record_id: one for one in holidays}

        def to_come(missing: set[str]) -> set[str]:
            """A past one stays as it landed: nobody says for how long they are shown."""
            payloads = _members(self.landing.payloads(stream, missing))
            return {key for key, values in payloads.items() if str(values.get("start")) >= today.isoformat()}

        gone = self._vanished(stream, found.keys(), alive=alive, expected=to_come, may_be_empty=True)
        # those that landed by their id alone, before ids were known to come again each year
        gone |= alive.intersection(key.partition("/")[0] for key in found)
        yield self.landing.land(stream, [*found.values(), *tombstones(gone)])

    # -- what a lost permission looks like

    def _plausible(self, stream: str, people: set[str], what: str) -> str:
        """What a person should know of so few. Raises ``SourceError`` where they are too many to be a coincidence."""
        if len(people) > SMALL_LOSS and self.settings.max_deleted_share < 1:
            hint = f"{len(people)} employees are {what}; check which of them the API key's user may see. {_believe()}"
            raise SourceError(SOURCE.name, stream, hint)
        return f"{stream}: {len(people)} employees are {what}" if people else ""

    def _refuse_hidden(self, table: DatedTable, records: Sequence[Record], is_whole: bool) -> None:
        """Raises ``SourceError`` naming the fields that the key may not see, or not any more."""
        rows = _members({record.record_id: record.payload for record in records})
        before = _members(self.landing.payloads(table.stream, rows.keys()))
        watched = (*table.needed, *table.own)
        hidden = {field for values in rows.values() for field in values.get("_restrictedFields") or ()}
        hidden |= {field for field in table.needed for values in rows.values() if field not in values}
        if self.settings.max_deleted_share < 1:
            hidden |= {field for field in watched if self._is_lost(table, field, rows, before)}
        if is_whole and rows:
            hidden |= {field for field in table.lasting if not any(_has(values, field) for values in rows.values())}
        if fields := [field for field in watched if field in hidden]:
            hint = (
                f"the API key may not see {', '.join(fields)} of everybody; nothing of the stream landed. Give its "
                f"user access to {'them' if len(fields) > 1 else 'it'} in BambooHR. {_believe()}"
            )
            raise SourceError(SOURCE.name, table.stream, hint)

    def _is_lost(self, table: DatedTable, field: str, rows: Payloads, before: Payloads) -> bool:
        """Whether the field is gone from rows that had it, and not because somebody emptied a few of them."""
        had = [key for key, values in before.items() if _has(values, field) and key in rows]
        lost = [key for key in had if not _has(rows[key], field)]
        if field in table.lasting or any(field not in rows[key] for key in lost):
            return bool(lost)
        return len(lost) > SMALL_LOSS and len(lost) > self.settings.max_deleted_share * len(had)


def _believe() -> str:
    return f"If it is true, set {variable(SOURCE.name, 'max_deleted_share')}=1 for one run"


def _owner(key: str) -> str:
    """The employee of a row."""
    return key.rpartition("/")[0]


def _windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days from first to last, both inclusive, in parts that an answer can hold."""
    while first <= last:
        yield first, min(first + WINDOW, last)
        first += WINDOW + timedelta(days=1)


def _members(payloads: Mapping[str, str | bytes | None]) -> dict[str, Mapping[str, Any]]:
    """What each record says, less those that are no JSON object: staging quarantines them."""
    found: dict[str, Mapping[str, Any]] = {}
    for key, payload in payloads.items():
        try:
            found[key] = msgspec.json.decode(payload or "", type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return found


def _has(values: Mapping[str, Any], field: str) -> bool:
    value = values.get(field)
    if isinstance(value, dict):
        value = value.get("value")
    return value not in (None, "")


def _steps(settings: BambooHRSettings, landing: Landing, options: LoadOptions) -> Generator[Step, None, None]:
    yield from BambooHRLoad(settings, landing, options).steps()


def _probes(settings: BambooHRSettings) -> Iterator[Probe]:
    api = BambooHRApi(settings)
    today = now().date()
    month = (today, today + timedelta(days=30))

    def changes() -> str:
        api.deleted(now() - timedelta(days=1))
        return ""

    def fields(table: DatedTable, read: Callable[[], list[Record]]) -> Iterable[Finding]:
        return _fields_seen(table, _members({record.record_id: record.payload for record in read()}))

    def rows(table: DatedTable) -> list[Record]:
        return api.rows(table.stream, table.name).records()

    def any_seen(read: Callable[[], list[Record] | None]) -> str:
        return "" if read() else "; there are none to see"

    yield Probe("read changes", changes, needed=True)
    yield Probe(f"read {LISTED.stream}", partial(fields, LISTED, api.first_employees))
    for table in TABLES:
        yield Probe(f"read {table.stream}", partial(fields, table, partial(rows, table)))
    others: dict[str, Callable[[], list[Record] | None]] = {
        "time_off_requests": lambda: api.time_off(*month),
        "holidays": lambda: api.holidays(*month),
        "locations": api.locations,
        "lists": api.lists,
        "fields": api.fields,
    }
    for stream, read_some in others.items():
        yield Probe(f"read {stream}", partial(any_seen, read_some))


def _fields_seen(table: DatedTable, rows: Payloads) -> Iterator[Finding]:
    """Of each field that is needed, whether the key may read it."""
    if not rows:
        hint = "if people have rows there, give the API key's user access to the table in BambooHR"
        yield Finding(False, f"read {table.stream}: nobody has a row to see", hint)
        return
    for field in (*table.needed, *table.own):
        shown = [values for values in rows.values() if field in values]
        kept_back = any(field in (values.get("_restrictedFields") or ()) for values in rows.values())
        is_seen = not kept_back and any(_has(values, field) for values in shown)
        if field in table.own and not shown:
            yield Finding(
                True, f"read {table.stream}.{field}: the company has no such column, or the key may not see it"
            )
            continue
        hint = f"give the API key's user access to {field} ({table.stream}) in BambooHR: Settings > Access Levels"
        yield Finding(is_seen and (field in table.own or len(shown) == len(rows)), f"read {table.stream}.{field}", hint)


SOURCE = api_source(
    "bamboohr",
    "BambooHR",
    (
        Stream("employees", "Employees, leavers and future ones too", "employeeId"),
        Stream("job_info", "Dated rows of jobs, whole per employee", "employeeId/id"),
        Stream("employment_statuses", "Dated rows of employment statuses, whole per employee", "employeeId/id"),
        Stream("compensation", "Dated rows of pay, whole per employee", "employeeId/id", is_restricted=True),
        Stream("time_off_requests", "Requests of time off in any status, without notes", "id"),
        Stream("holidays", "Holidays of the company", "id/start"),
        Stream("locations", "Places of work that are in use", "id"),
        Stream("lists", "Lists of options, archived ones too", "fieldId"),
        Stream("fields", "Fields that the API key may see", "id"),
    ),
    settings=BambooHRSettings,
    credentials=("subdomain", "api_key"),
    steps=_steps,
    probes=_probes,
    watched=WATCHED,
    optional=OPTIONAL,
)
