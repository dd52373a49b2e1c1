"""BambooHR: people, with the API key of a user who may see them all, and their pay.

Upstream -> table (landing/bamboohr/<table>, compensation in restricted/landing/bamboohr; all payloads as they came):
  GET /employees                                       -> employees
  GET /employees/changed?type=deleted                  -> tombstones of employees and of their rows
  GET /employees/{all,changed}/tables/jobInfo          -> job_info             (whole per employee)
  GET /employees/{all,changed}/tables/employmentStatus -> employment_statuses  (whole per employee)
  GET /employees/{all,changed}/tables/compensation     -> compensation         (whole per employee; RESTRICTED)
  GET /time_off/requests                               -> time_off_requests
  GET /time_off/whos_out                               -> holidays
  GET /hris/org/locations, /meta/lists, /meta/fields   -> locations, lists, fields

Cursor: employees are listed whole, leavers too (the directory hides them). Tables are read whole at first and by the
census; in between the feed of changes gives all rows of whoever changed, so rows are replaced by employee. Each cursor
is the newest change that a feed has told (at first the vendor's clock), and is asked for again with ten minutes of
overlap. Rows are dated, future ones included, in no order; an empty date is `0000-00-00` and lands so. Time off has no
feed: each load reads what overlaps the days from 90 days before the last load to a year ahead, the census all since
START; its cursor is the day of the last load.

Deletes: BambooHR tells which employees were deleted; whoever is merely missing was hidden. Rows that an employee lost
get tombstones. A request that was read before and is missing is asked for by its id before it is believed gone.

A lost permission does not look like an error: fields are null or left out, people and rows are missing. So a stream
stops, with nothing of it landed, when a field that is needed is kept back, when pay is gone from a row that had it, and
when more than a few people, or more than a few people's rows, are missing. MAX_DELETED_SHARE=1 lets one run believe it.

Alone: python -m ingestion.sources.bamboohr.load
Settings: SOURCES__BAMBOOHR__SUBDOMAIN and API_KEY; START, before which time off is left alone.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from ingestion.clock import iso, now
from ingestion.errors import SettingsError, SourceError
from ingestion.landing import SMALL_LOSS, Landed, Landing, Record, tombstones
from ingestion.settings import is_set, resolve, variable
from ingestion.sources.bamboohr.api import EMPLOYEE_FIELDS, BambooHRApi, BambooHRSettings
from ingestion.sources.parts import Finding, LoadOptions, Source, Step, Stream, run_steps

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

Payloads = Mapping[str, Mapping[str, Any]]


class BambooHRLoad:
    """One load of one company."""

    def __init__(self, settings: BambooHRSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.api = BambooHRApi(settings)
        self.unseen: set[str] = set()

    def load(self) -> Iterator[Landed]:
        snapshots: dict[str, Callable[[], list[Record]]] = {
            "locations": self.api.locations,
            "lists": self.api.lists,
            "fields": self.api.fields,
        }
        yield from run_steps(
            SOURCE.name,
            [
                *(Step(stream, stream, partial(self._snapshot, stream, read)) for stream, read in snapshots.items()),
                Step("employees", "employees", self._employees),
                *(Step(table.stream, table.stream, partial(self._table, table), ("employees",)) for table in TABLES),
                Step("time_off_requests", "time_off_requests", self._time_off, ("employees",)),
                Step("holidays", "holidays", self._holidays),
            ],
        )

    def _snapshot(self, stream: str, read: Callable[[], list[Record]]) -> Iterator[Landed]:
        records, share = read(), self.settings.max_deleted_share
        if not records:
            self.landing.refuse_empty(stream, len(self.landing.alive(stream)), share)
        yield self.landing.land_snapshot(stream, records, max_deleted_share=share)

    # -- people

    def _employees(self) -> Iterator[Landed]:
        stream, share = "employees", self.settings.max_deleted_share
        through = self.landing.through(stream)
        # the list first: who is deleted after it is in the feed again next time, because of the overlap
        listed = {record.record_id: record for page in self.api.employees() for record in page}
        reported = self.api.deleted((datetime.fromisoformat(through) if through else now()) - OVERLAP)
        alive = self.landing.alive(stream)
        if not listed:
            self.landing.refuse_empty(stream, len(alive), share)
        gone = alive - listed.keys()
        if share < 1:
            gone &= reported.ids
        self.unseen = alive - listed.keys() - gone
        note = self._plausible(stream, self.unseen, "missing, though BambooHR does not say that they were deleted")
        self.landing.refuse_loss(stream, len(gone), len(alive), share)
        self._refuse_hidden(LISTED, list(listed.values()), is_whole=True)
        if gone:
            # their rows first: a load that is killed between the two is told of them again
            for table in TABLES:
                yield self.landing.land(table.stream, tombstones(self.landing.children(table.stream, gone)))
        cursor = max(filter(None, (reported.latest, datetime.fromisoformat(through) if through else reported.asked_at)))
        landed = self.landing.land(stream, [*listed.values(), *tombstones(gone)], through=iso(cursor))
        yield replace(landed, note=note)

    # -- tables

    def _table(self, table: DatedTable) -> Iterator[Landed]:
        stream = table.stream
        through = self.landing.through(stream)
        is_whole = through is None or self.options.census or self.options.resync
        if through is None or is_whole:
            rows = self.api.rows(stream, table.name)
            lost = self.landing.alive(stream)
        else:
            rows = self.api.changed_rows(stream, table.name, datetime.fromisoformat(through) - OVERLAP)
            lost = self.landing.children(stream, list(rows.by_employee))
        records = rows.records()
        lost -= {record.record_id for record in records}
        lost = {key for key in lost if _owner(key) not in self.unseen}
        if is_whole and not records:
            self.landing.refuse_empty(stream, len(lost), self.settings.max_deleted_share)
        emptied = {_owner(key) for key in lost if not rows.by_employee.get(_owner(key))}
        note = self._plausible(stream, emptied, "without a row, though they had some; their rows count as deleted")
        self.landing.refuse_loss(stream, len(lost), len(self.landing.alive(stream)), self.settings.max_deleted_share)
        self._refuse_hidden(table, records, is_whole)
        reported = [datetime.fromisoformat(through)] if through else [rows.asked_at]
        cursor = max([*reported, rows.latest] if rows.latest else reported)
        landed = self.landing.land(stream, [*records, *tombstones(lost)], through=iso(cursor))
        if is_whole and not records and self.landing.alive("employees"):
            note = f"{stream}: nobody has a row; check that the API key's user may see the table"
        yield replace(landed, note=note)

    # -- absence

    def _time_off(self) -> Iterator[Landed]:
        stream = "time_off_requests"
        alive = self.landing.alive(stream)
        through, today = self.landing.through(stream), now().date()
        first, last = self.settings.start, today + AHEAD
        is_whole = through is None or self.options.census or self.options.resync
        if through is not None and not is_whole:
            first = max(first, date.fromisoformat(through) - OPEN_DAYS)
        found = {one.record_id: one for window in _windows(first, last) for one in self.api.time_off(*window)}
        missing = [
            key
            for key, values in _members(self.landing.payloads(stream, alive - found.keys())).items()
            if str(values.get("end")) >= first.isoformat()
            and str(values.get("start")) <= last.isoformat()
            and str(values.get("employeeId")) not in self.unseen
        ]
        if is_whole and not found:
            self.landing.refuse_empty(stream, len(missing), self.settings.max_deleted_share)
        self.landing.refuse_loss(stream, len(missing), len(alive), self.settings.max_deleted_share)
        for key in missing:
            # it may have been moved to days that were not read
            ever = self.api.time_off(date(1970, 1, 1), date(2100, 1, 1), key)
            found |= {one.record_id: one for one in ever if one.record_id == key}
        records = [*found.values(), *tombstones(set(missing) - found.keys())]
        yield self.landing.land(stream, records, through=today.isoformat())

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
        # one that is past stays as it landed: nobody says for how long they are shown
        to_come = {
            key
            for key, values in _members(self.landing.payloads(stream, alive - found.keys())).items()
            if str(values.get("start")) >= today.isoformat()
        }
        self.landing.refuse_loss(stream, len(to_come), len(alive), share)
        yield self.landing.land(stream, [*found.values(), *tombstones(to_come)])

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


def _load(landing: Landing, options: LoadOptions) -> Iterator[Landed]:
    yield from BambooHRLoad(resolve("bamboohr", BambooHRSettings), landing, options).load()


def _is_configured() -> bool:
    return is_set("bamboohr", BambooHRSettings, "subdomain", "api_key")


def _check() -> list[Finding]:
    try:
        settings = resolve("bamboohr", BambooHRSettings)
    except SettingsError as error:
        return [Finding(False, error.what, error.hint)]
    api = BambooHRApi(settings.model_copy(update={"attempts": 1}))
    today = now().date()
    month = (today, today + timedelta(days=30))
    watched: list[tuple[DatedTable, Callable[[], list[Record]]]] = [
        (LISTED, api.first_employees),
        *((table, lambda table=table: api.rows(table.stream, table.name).records()) for table in TABLES),
    ]
    others: dict[str, Callable[[], list[Record] | None]] = {
        "time_off_requests": lambda: api.time_off(*month),
        "holidays": lambda: api.holidays(*month),
        "locations": api.locations,
        "lists": api.lists,
        "fields": api.fields,
    }
    findings = [Finding(True, "settings are complete")]
    try:
        api.deleted(now() - timedelta(days=1))
    except SourceError as error:
        return [*findings, Finding(False, "read changes", error.hint)]
    findings.append(Finding(True, "read changes"))
    for table, read in watched:
        try:
            findings += _fields_seen(table, _members({record.record_id: record.payload for record in read()}))
        except SourceError as error:
            findings.append(Finding(False, f"read {table.stream}", error.hint))
    for stream, read_some in others.items():
        try:
            found = read_some()
        except SourceError as error:
            findings.append(Finding(False, f"read {stream}", error.hint))
        else:
            findings.append(Finding(True, f"read {stream}{'' if found else '; there are none to see'}"))
    return findings


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


SOURCE = Source(
    name="bamboohr",
    title="BambooHR",
    streams=(
        Stream("employees", "Employees, leavers and future ones too", "employeeId"),
        Stream("job_info", "Dated rows of jobs, whole per employee", "employeeId/id"),
        Stream("employment_statuses", "Dated rows of employment statuses, whole per employee", "employeeId/id"),
        Stream("compensation", "Dated rows of pay, whole per employee", "employeeId/id", is_restricted=True),
        Stream("time_off_requests", "Requests of time off in any status, without notes", "id"),
        Stream("holidays", "Holidays of the company", "id"),
        Stream("locations", "Places of work that are in use", "id"),
        Stream("lists", "Lists of options, archived ones too", "fieldId"),
        Stream("fields", "Fields that the API key may see", "id"),
    ),
    load=_load,
    is_configured=_is_configured,
    check=_check,
)

if __name__ == "__main__":
    from ingestion.sources import print_load

    sys.exit(print_load("bamboohr"))
