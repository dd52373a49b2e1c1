"""How BambooHR is asked: its list, its tables, its feed of changes, and what it means by its errors.

Belongs here: one method for each thing that can be asked. Does not: when to ask, what lands, guards (bamboohr.py).

Older endpoints answer in XML unless JSON is asked for. Errors of theirs have no body: the reason stands in a header,
spelt in two ways, which is shown and, as it is a sentence, never read. The rate limit was 503 until
September 2026 and is 429 since; both say in `Retry-After` when to come again. An empty map comes as `[]`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import msgspec
from dlt.common.typing import TSecretStrValue
from pydantic import AfterValidator, Field, model_validator
from requests.auth import HTTPBasicAuth

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.http import HINTS, Answer, Client, Walk
from ingestion.landing import Record
from ingestion.records import NotAPageError, Shape, Text, extract_path, parse_object, split_records
from ingestion.settings import SourceSettings
from ingestion.sources.parts import Unread

T = TypeVar("T")

MAX_PAGE = 100
MAX_RESTARTS = 5
PLACE = "/api/v1"

EMPLOYEE_FIELDS = (
    "workEmail",
    "hireDate",
    "departmentName",
    "divisionName",
    "locationName",
    "employmentStatusName",
    "reportsToId",
)
"""Asked for beside id, names, job title and status, which always come. Nothing of pay is asked for here. The day that
somebody left stands in the table of employment statuses, and there is no employee number in this list."""

REPORTED = {
    "employeeId": "id",
    "firstName": "firstName",
    "lastName": "lastName",
    "jobTitleName": "jobTitle",
    "status": "status",
    "workEmail": "workEmail",
    "hireDate": "hireDate",
    "departmentName": "department",
    "divisionName": "division",
    "locationName": "location",
    "employmentStatusName": "employmentHistoryStatus",
    "reportsToId": "supervisorEId",
}
"""What a custom report calls the fields of the list."""
REFUSED = (401, 403)


def _subdomain(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", value):
        raise ValueError("give the part before .bamboohr.com in the address of your BambooHR")
    return value


def _key(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value or ":" in value:
        raise ValueError("give the API key alone, as BambooHR shows it")
    return value


class BambooHRSettings(SourceSettings):
    subdomain: Annotated[str, AfterValidator(_subdomain)]
    api_key: Annotated[TSecretStrValue, AfterValidator(_key)] = Field(repr=False)

    @model_validator(mode="before")
    @classmethod
    def _at_home(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"base_url": f"https://{given.get('subdomain')}.bamboohr.com", **given}


@dataclass(frozen=True, slots=True)
class DeletedEmployees:
    """Employees in the feed, and the newest change in it; ``asked_at`` is the vendor's clock, ours if it shows none."""

    ids: frozenset[str]
    latest: datetime | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table by employee, each employee's all of them, and the newest change of any."""

    by_employee: Mapping[str, list[Record]]
    latest: datetime | None
    asked_at: datetime

    def records(self) -> list[Record]:
        return [row for rows in self.by_employee.values() for row in rows]


class BambooHRApi:
    """One company, asked with one key. All methods raise ``SourceError``."""

    def __init__(self, settings: BambooHRSettings) -> None:
        auth = HTTPBasicAuth(settings.api_key, "x")
        self._attempts = settings.attempts
        pay = frozenset({"compensation"})
        self.client = Client("bamboohr", settings.base_url, settings.limits, auth=auth, confidential=pay)
        self._limit = min(settings.page_size, MAX_PAGE)

    def employees(self) -> Iterator[list[Record]]:
        """All employees, leavers and future ones too: by their list, or by a custom report where the list is refused,
        because BambooHR documents it for OAuth apps alone and the report for API keys too."""
        try:
            yield from self._listed_employees()
            return
        except SourceError as error:
            if error.status not in REFUSED:
                raise
            refused = error
        yield self._reported_employees(refused)

    def first_employees(self) -> list[Record]:
        return next(self.employees(), [])

    def _listed_employees(self) -> Iterator[list[Record]]:
        """Page by page. The next page is named by the last employee of the one before; where that one changed meanwhile
        the list is read again."""
        for _ in range(MAX_RESTARTS):
            walk = Walk("bamboohr", "employees")
            after: str | None = None
            while (page := self._employee_page(after)) is not None:
                records, after = page
                yield records
                if after is None:
                    return
                walk.step(after, len(records))
        hint = f"the list changed each of the {MAX_RESTARTS} times that it was read; run again later"
        raise SourceError("bamboohr", "employees", hint)

    def _reported_employees(self, refused: SourceError) -> list[Record]:
        """The same employees, each as the list would show them: a report has other names for the same fields, and
        leaves out those that the key may not see."""

        def read(answer: Answer) -> list[Record]:
            page = split_records(answer.body, "employees", answer.charset)
            return [EMPLOYEE.record(_as_listed(text), now()) for text in page.records]

        asked = {"title": "prodops", "fields": [*REPORTED.values()][1:]}
        target = f"{PLACE}/reports/custom"
        try:
            return self.client.ask("POST", target, read, stream="employees", params={"format": "json"}, json=asked)
        except SourceError as error:
            if error.status == refused.status:  # it is the key that is wrong
                raise refused from None
            hint = f"the list of employees: {refused.hint}; a custom report instead: {error.hint}"
        raise SourceError("bamboohr", "employees", hint, status=refused.status, codes=refused.codes)

    def deleted(self, since: datetime) -> DeletedEmployees:
        """Employees that were deleted, not those that left."""

        def read(answer: Answer) -> DeletedEmployees:
            page = parse_object(answer.body, answer.charset)
            ids = _map(page.members.get("employees"))
            latest = page.member("latest")
            return DeletedEmployees(frozenset(ids), _instant(latest) if ids and latest else None, answer.date or now())

        params = {"since": _text(since), "type": "deleted"}
        return self._ask("/employees/changed", read, stream="employees", cursor=_text(since), params=params)

    def rows(self, stream: str, table: str) -> Rows:
        """A table whole."""

        def read(answer: Answer) -> Rows:
            by_employee: dict[str, list[Record]] = {}
            for text in split_records(answer.body, None, answer.charset).records:
                row = _row(text)
                by_employee.setdefault(row.parent_id or "", []).append(row)
            return Rows(by_employee, None, answer.date or now())

        return self._ask(f"/employees/all/tables/{table}", read, stream=stream)

    def changed_rows(self, stream: str, table: str, since: datetime, unread: Unread) -> Rows:
        """All rows of each employee of whom anything changed, in this table or elsewhere. A row here need not show its
        id; then the employee's table is read by itself, and left out where that is refused."""

        def read(answer: Answer) -> tuple[dict[str, Text], datetime]:
            return _map(parse_object(answer.body, answer.charset).members.get("employees")), answer.date or now()

        params = {"since": _text(since)}
        target = f"/employees/changed/tables/{table}"
        employees, asked_at = self._ask(target, read, stream=stream, cursor=_text(since), params=params)
        by_employee: dict[str, list[Record]] = {}
        changed = []
        for employee, text in employees.items():
            entry = parse_object(bytes(text))
            if reported := entry.member("lastChanged"):
                changed.append(_instant(reported))
            texts = split_records(bytes(text), "rows").records
            if all(parse_object(bytes(row)).member("id") is not None for row in texts):
                by_employee[employee] = [_row(row, employee) for row in texts]
                continue
            with unread.asked(employee):
                if (found := self.employee_rows(stream, table, employee)) is not None:
                    by_employee[employee] = found
        return Rows(by_employee, max(changed, default=None), asked_at)

    def employee_rows(self, stream: str, table: str, employee: str) -> list[Record] | None:
        """An employee's rows; None where there is no such employee any more."""

        def read(answer: Answer) -> list[Record]:
            return [_row(text, employee) for text in split_records(answer.body, None, answer.charset).records]

        target = f"/employees/{quote(employee, safe='')}/tables/{table}"
        try:
            return self._ask(target, read, stream=stream, cursor=employee)
        except SourceError as error:
            if error.status == 404:
                return None
            raise

    def time_off(self, first: date, last: date, key: str | None = None) -> list[Record]:
        """Requests that overlap these days, in any status; only the one named, where one is. Notes stay out: they say
        why somebody is ill."""
        params = {"start": first.isoformat(), "end": last.isoformat(), "excludeNote": "1"}
        if key is not None:
            params["id"] = key
        return self._list("time_off_requests", "/time_off/requests", Shape("id", parent="employeeId"), params)

    def holidays(self, first: date, last: date) -> list[Record] | None:
        """Holidays of the company; None where BambooHR does not show who is out. One that comes every year has the same
        id in each, so that its day is part of its key."""
        params = {"start": first.isoformat(), "end": last.isoformat(), "filter": "off"}
        try:
            shown = self._list("holidays", "/time_off/whos_out", Shape("id", cursor="type"), params)
        except SourceError as error:
            if error.status == 403:
                return None
            raise
        holidays = [record for record in shown if record.cursor == "holiday"]
        return [replace(one, record_id=f"{one.record_id}/{_start(one)}") for one in holidays]

    def fields(self) -> list[Record]:
        return self._list("fields", "/meta/fields", Shape("id"))

    def lists(self) -> list[Record]:
        return self._list("lists", "/meta/lists", Shape("fieldId"))

    def locations(self) -> list[Record] | None:
        """Places of work that are in use; those that are not any more are options of a list, archived. None where the
        key may not read them: BambooHR documents them for OAuth apps alone."""

        def read(answer: Answer) -> tuple[list[Record], bool]:
            page = split_records(answer.body, "data", answer.charset)
            meta = page.member("meta")
            if not isinstance(meta, dict) or not isinstance(meta.get("totalPages"), int):
                raise NotAPageError("the answer does not say how many pages there are")
            return LOCATION.records(page, now()), number + 1 < meta["totalPages"]

        walk = Walk("bamboohr", "locations")
        found: list[Record] = []
        for number in count():
            params = {"page": number, "pageSize": self._limit}
            try:
                records, has_more = self._ask("/hris/org/locations", read, stream="locations", params=params)
            except SourceError as error:
                if error.status in REFUSED:
                    return None
                raise
            found += records
            if not has_more:
                break
            walk.step(str(number), len(records))
        return found

    def _list(self, stream: str, path: str, shape: Shape, params: Mapping[str, str] | None = None) -> list[Record]:
        def read(answer: Answer) -> list[Record]:
            return shape.records(split_records(answer.body, None, answer.charset), now())

        return self._ask(path, read, stream=stream, cursor=(params or {}).get("start"), params=params)

    def _employee_page(self, after: str | None) -> tuple[list[Record], str | None] | None:
        """A page and what leads to the next one; None where the employee to go on after is not where it was."""

        def read(answer: Answer) -> tuple[list[Record], str | None]:
            page = split_records(answer.body, "data", answer.charset)
            meta = page.member("meta")
            place = meta.get("page") if isinstance(meta, dict) else None
            if not isinstance(place, dict) or "nextCursor" not in place:
                raise NotAPageError("the answer does not say whether more employees follow")
            following = place["nextCursor"]
            return EMPLOYEE.records(page, now()), None if following is None else str(following)

        params = {"fields": ",".join(EMPLOYEE_FIELDS), "page[limit]": self._limit}
        if after is not None:
            params["page[after]"] = after
        try:
            return self._ask("/employees", read, stream="employees", cursor=after, params=params)
        except SourceError as error:
            if error.status == 400 and after is not None:
                return None
            raise

    def _ask(
        self,
        path: str,
        read: Callable[[Answer], T],
        *,
        stream: str,
        cursor: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> T:
        try:
            return self.client.ask("GET", PLACE + path, read, stream=stream, cursor=cursor, params=params)
        except SourceError as error:
            if error.status != 503:
                raise
            status = error.status
        hint = f"{HINTS[429]} (BambooHR's older status for it); gave up after {self._attempts} attempts"
        raise SourceError("bamboohr", stream, hint, cursor=cursor, status=status, may_pass=True)


EMPLOYEE = Shape("employeeId")
LOCATION = Shape("id")
ROW = Shape("id", parent="employeeId")


def _as_listed(text: Text) -> bytes:
    """A row of a report with the names of the list, each value as it came."""
    members = parse_object(bytes(text)).members
    kept = [(name, members[reported]) for name, reported in REPORTED.items() if reported in members]
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + bytes(value) for name, value in kept) + b"}"


def _start(holiday: Record) -> str:
    payload = holiday.payload if isinstance(holiday.payload, bytes) else (holiday.payload or "").encode()
    return extract_path(payload, "start") or ""


def _row(text: Text, employee: str | None = None) -> Record:
    """A row's own id is only unique in its table, and tables are replaced by employee: both are its key."""
    row = ROW.record(text, now(), parent_id=employee)
    return row if row.parent_id is None else replace(row, record_id=f"{row.parent_id}/{row.record_id}")


def _map(text: Text | None) -> dict[str, Text]:
    """A map; PHP writes an empty one as an empty list."""
    if text is None:
        raise NotAPageError("the answer has no 'employees'")
    content = bytes(text)
    return {} if re.fullmatch(rb"\[\s*\]", content.strip()) else parse_object(content).members


def _text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _instant(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise NotAPageError("a time of change can't be read") from None
    if found.tzinfo is None:
        raise NotAPageError("a time of change has no offset")
    return found
