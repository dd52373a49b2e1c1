"""How QuickBooks Online is asked: queries and how they page, changes, reports, and when an answer is a failure.

Belongs here: one method for each thing that can be asked. Does not: when to ask, what lands, cursors (quickbooks.py).

A good status is no good answer: a `Fault` may come with 200. A name that has no records is absent from an answer, which
is no failure. A 401 ends an access token, not the load: it is renewed once and the same page asked for again; its text,
which repeats the token, is never shown. A fault of Intuit's own system comes with a 400 and passes. A 429
does not say when to come again; the limit is one of requests a minute, so that the waits add up to more than one.
QuickBooks answers in XML where JSON is not asked for (http.py does), and as if no minor version below 75 had been asked
for.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

import msgspec
import requests
from dlt.common.typing import TSecretStrValue
from pydantic import AfterValidator, Field
from requests.auth import AuthBase

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.http import PASSES, AgainError, Answer, Client, Walk
from ingestion.landing import Record
from ingestion.reasons import reason_of
from ingestion.records import NotAPageError, Page, Shape, Text, parse_object, split_records
from ingestion.settings import BaseUrl, SourceSettings
from ingestion.sources.parts import batches
from ingestion.sources.quickbooks.ledger import CutOffError, lacking
from ingestion.tokens import Connection, Tokens

T = TypeVar("T")

MINOR_VERSION = 75
MAX_CHANGES = 1000
"""As many changed objects as one answer holds; the rest is cut off without a word."""
MAX_RESTARTS = 5
IDS_AT_ONCE = 200
PASSING = frozenset({"SystemFault", "ServiceFault", "SERVICE", "10000", "3001", "003001"})
"""Types and codes of faults that are not about the request: Intuit's system failed (10000) or was asked too often."""
TOO_LARGE = b'"Unable to display more data'
"""What stands in a row of a report in place of the rest."""
HEADER = ("ReportName", "StartPeriod", "EndPeriod", "ReportBasis")


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of object. ``lands``: what of it, in words. ``members`` are the ones that land, where not all may."""

    stream: str
    name: str
    lands: str
    is_list: bool = False
    """Whether its records are names that can be made inactive, and are hidden then unless asked for."""
    answered: str = ""
    """What its list is called in answers, where that is not its name."""
    members: frozenset[str] = frozenset()
    suffers: str = ""
    """Of one that not every plan of QuickBooks has: what is not known without it."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report by period. ``since_year`` is whether it starts with the fiscal year that its last day is in."""

    stream: str
    name: str
    lands: str
    params: Mapping[str, str] = field(default_factory=dict)
    since_year: bool = False


COMPANY_INFO = Entity("company_info", "CompanyInfo", "The company, with its fiscal year and country")
PREFERENCES = Entity("preferences", "Preferences", "How the company keeps its books, with currency and closing date")

SHAPE = Shape("Id", cursor="MetaData.LastUpdatedTime")


def _realm(value: str) -> str:
    if not re.fullmatch("[0-9]+", value):
        raise ValueError("give the company's id, digits alone, as connecting the app to the company showed it")
    return value


class QuickBooksSettings(SourceSettings):
    base_url: BaseUrl = "https://quickbooks.api.intuit.com"
    token_url: BaseUrl = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: TSecretStrValue = Field(repr=False)
    realm_id: Annotated[str, AfterValidator(_realm)]
    refresh_token: TSecretStrValue = Field(repr=False)
    # each page begins with the last record of the one before it
    page_size: int = Field(default=1000, ge=2, le=1000)
    # 4, 8, 16, 32 and 64 s: a limit of requests a minute has cleared by then
    retry_wait: float = Field(default=4.0, ge=0)
    # QuickBooks itself gives a report up after 120 s
    read_timeout: float = Field(default=130.0, gt=0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an instant; ``is_whole`` is False where more may have than an answer holds."""

    records: list[Record]
    deleted: list[str]
    is_whole: bool


class QuickBooksApi:
    """One company, asked through one app. All methods raise ``SourceError``."""

    def __init__(self, settings: QuickBooksSettings) -> None:
        app = (settings.client_id, settings.client_secret)
        self.tokens = Tokens(
            "quickbooks", Connection(settings.token_url, *app, settings.refresh_token), settings.limits
        )
        self._auth = _TokenAuth()
        self._client = Client("quickbooks", settings.base_url, settings.limits, auth=self._auth, passing=PASSING)
        self._company = f"/v3/company/{settings.realm_id}"
        self._size = settings.page_size
        self._untried = ""

    def company_info(self) -> tuple[Record, datetime]:
        """The company, and the vendor's clock (ours if it shows none)."""

        def read(answer: Answer, page: Page) -> tuple[Record, datetime]:
            return _one(COMPANY_INFO, page), answer.date or now()

        return self._query(COMPANY_INFO, f"SELECT * FROM {COMPANY_INFO.name}", read)

    def preferences(self) -> Record:
        query = f"SELECT * FROM {PREFERENCES.name}"
        return self._query(PREFERENCES, query, lambda _, page: _one(PREFERENCES, page))

    def records(self, entity: Entity, since: datetime | None = None) -> Iterator[list[Record]]:
        """All records of an entity, or those that changed since an instant and are still there, page by page."""
        where = [] if since is None else [f"MetaData.LastUpdatedTime >= '{_timestamp(since)}'"]
        return self._pages(entity, "*", where)

    def ids(self, entity: Entity) -> set[str]:
        """The ids of all records that there are."""
        return {record.record_id for page in self._pages(entity, "Id", []) for record in page}

    def known(self, entity: Entity, ids: Collection[str]) -> list[Record]:
        """Those of the records named that there are."""
        found: list[Record] = []
        for batch in batches(sorted(ids), min(IDS_AT_ONCE, self._size)):
            found += self._page(entity, "*", [f"Id IN ({', '.join(map(_quoted, batch))})"], 1)
        return found

    def newest(self, entity: Entity) -> Record | None:
        """The record that changed last."""
        query = f"SELECT * FROM {entity.name} ORDERBY MetaData.LastUpdatedTime DESC STARTPOSITION 1 MAXRESULTS 1"
        records = self._query(entity, query, lambda _, page: _records(entity, _answered(page)))
        return records[0] if records else None

    def changes(self, entity: Entity, since: datetime) -> Changes:
        """What changed since an instant of the last 30 days, deleted records included."""

        def read(_: Answer, page: Page) -> Changes:
            records: list[Record] = []
            deleted: list[str] = []
            for response in _list(page, "CDCResponse"):
                for answered in _list(parse_object(bytes(response)), "QueryResponse"):
                    found = parse_object(bytes(answered))
                    self._refuse_fault(found, entity.stream)
                    texts = _texts(found, entity)
                    for record, text in zip(_records(entity, found), texts, strict=True):
                        # a stub has neither lines nor amounts: it says that the record is gone, and nothing else
                        if _status(text) == "Deleted":
                            deleted.append(record.record_id)
                        else:
                            records.append(record)
            return Changes(records, deleted, len(records) + len(deleted) < MAX_CHANGES)

        params = {"entities": entity.name, "changedSince": _timestamp(since)}
        return self._ask(entity.stream, "/cdc", params, read, params["changedSince"])

    def report(self, report: Report, first_day: date, last_day: date, columns: tuple[str, ...] = ()) -> bytes:
        """A report of these days, as it came. Raises ``CutOffError`` where an answer can't hold it."""
        asked = {"start_date": first_day.isoformat(), "end_date": last_day.isoformat()}
        cursor = "/".join(asked.values())

        def read(_: Answer, page: Page) -> bytes:
            text = bytes(page.records[0])
            if TOO_LARGE in text:
                hint = "the report of these days is cut off, as it has more than 400,000 cells"
                raise CutOffError("quickbooks", report.stream, hint, cursor=cursor, status=200)
            header = page.member("Header")
            reported = {"ReportBasis": "Accrual"} | (header if isinstance(header, dict) else {})
            expected = [report.name, *asked.values(), "Accrual"]
            # what QuickBooks does not like of a request it ignores
            if [reported.get(name) for name in HEADER] != expected or "Rows" not in page.members:
                hint = "the answer is not the report that was asked for, by its name, days, basis or parts"
                raise SourceError("quickbooks", report.stream, hint, cursor=cursor, status=200)
            if missing := lacking(text, columns):
                hint = f"the answer lacks the columns {', '.join(missing)}; see CurrencyPrefs in the preferences"
                raise SourceError("quickbooks", report.stream, hint, cursor=cursor, status=200)
            return text

        params = {**asked, "accounting_method": "Accrual", **report.params}
        if columns:
            params["columns"] = ",".join(columns)
        return self._ask(report.stream, f"/reports/{report.name}", params, read, cursor)

    # -- pages

    def _pages(self, entity: Entity, fields: str, where: list[str]) -> Iterator[list[Record]]:
        """A list from its first page to its last, in the order of ids, which no edit changes. A page is asked for by
        its position: a record that is deleted meanwhile moves all after it, past the edge of a page. So a page begins
        with the last record of the one before it; where it doesn't, the list is read again."""
        for _ in range(MAX_RESTARTS):
            walk = Walk("quickbooks", entity.stream)
            position, last = 1, ""
            while True:
                page = self._page(entity, fields, where, position)
                if last and [record.record_id for record in page[:1]] != [last]:
                    break
                fresh = page[1:] if last else page
                if not fresh:
                    return
                yield fresh
                position, last = position + len(page) - 1, page[-1].record_id
                walk.step(str(position), len(fresh))
        hint = (
            f"the list moved each of the {MAX_RESTARTS} times that it was read, as when records are deleted; run again"
        )
        raise SourceError("quickbooks", entity.stream, hint, cursor=f"position {position}")

    def _page(self, entity: Entity, fields: str, where: list[str], position: int) -> list[Record]:
        conditions = [*where, *(["Active IN (true, false)"] if entity.is_list else [])]
        query = f"SELECT {fields} FROM {entity.name}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
        query += f" ORDERBY Id STARTPOSITION {position} MAXRESULTS {self._size}"
        return self._query(entity, query, lambda _, page: _records(entity, _answered(page)), f"position {position}")

    # -- requests

    def _query(self, entity: Entity, query: str, read: Callable[[Answer, Page], T], cursor: str | None = None) -> T:
        return self._ask(entity.stream, "/query", {"query": query}, read, cursor)

    def _ask(
        self,
        stream: str,
        path: str,
        params: Mapping[str, str],
        read: Callable[[Answer, Page], T],
        cursor: str | None = None,
    ) -> T:
        def accept(answer: Answer) -> tuple[T] | None:
            if answer.status == 401:
                return None
            page = parse_object(answer.body, answer.charset)
            self._refuse_fault(page, stream, cursor)
            return (read(answer, page),)

        def ask(token: str) -> tuple[T] | None:
            self._auth.token = token
            return self._client.ask(
                "GET",
                self._company + path,
                accept,
                stream=stream,
                cursor=cursor,
                params={**params, "minorversion": str(MINOR_VERSION)},
                statuses=frozenset({401}),
            )

        token = self.tokens.access()
        answered = ask(token)
        # one that was refused before anything worked with it would be renewed for nothing, stream by stream
        if answered is None and token != self._untried:
            self._untried = self.tokens.renewed(token)
            answered = ask(self._untried)
        if answered is None:
            hint = "refused even with a new access token; check REALM_ID, and that the app is connected to this company"
            raise SourceError("quickbooks", stream, hint, cursor=cursor, status=401)
        self._untried = ""
        return answered[0]

    def _refuse_fault(self, page: Page, stream: str, cursor: str | None = None) -> None:
        """A good status may come with a `Fault`, or in some cases a `fault`."""
        if (page.member("Fault") or page.member("fault")) is None:
            return
        reason = reason_of(bytes(page.records[0]), {}).without({self._auth.token})
        if PASSING.intersection(reason.codes):
            raise AgainError(PASSES, 200, reason=reason)
        hint = "QuickBooks reports a fault inside a good answer"
        hint += f"; the vendor says: {reason}" if str(reason) else ""
        raise SourceError("quickbooks", stream, hint, cursor=cursor, status=200, codes=reason.codes)


class _TokenAuth(AuthBase):
    """The current access token."""

    def __init__(self) -> None:
        self.token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _answered(page: Page) -> Page:
    if "QueryResponse" not in page.members:
        raise NotAPageError("the answer has no QueryResponse")
    return parse_object(bytes(page.members["QueryResponse"]))


def _one(entity: Entity, page: Page) -> Record:
    records = _records(entity, _answered(page))
    if len(records) != 1:
        raise NotAPageError(f"the answer has {len(records)} records where there is one")
    return records[0]


def _records(entity: Entity, page: Page) -> list[Record]:
    texts = _texts(page, entity)
    kept = [_only(text, entity.members) for text in texts] if entity.members else texts
    return [SHAPE.record(text, now()) for text in kept]


def _texts(page: Page, entity: Entity) -> list[Text]:
    """The objects of an answer; the name is absent where there are none."""
    for name in (entity.name, entity.answered):
        if name in page.members:
            return split_records(page.members[name], None).records
    if unknown := page.members.keys() - {"startPosition", "maxResults", "totalCount"}:
        raise NotAPageError(f"asked for {entity.name}, the answer has {', '.join(sorted(unknown))[:80]}")
    return []


def _list(page: Page, member: str) -> list[Text]:
    if member not in page.members:
        raise NotAPageError(f"the answer has no {member}")
    return split_records(page.members[member], None).records


def _only(text: Text, members: frozenset[str]) -> bytes:
    """The same object with these members alone, each as it came."""
    found = parse_object(bytes(text)).members
    if found.keys() <= members:
        return bytes(text)
    kept = [msgspec.json.encode(name) + b":" + bytes(part) for name, part in found.items() if name in members]
    return b"{" + b",".join(kept) + b"}"


class _Stub(msgspec.Struct):
    status: str | None = None


def _status(text: Text) -> str | None:
    try:
        return msgspec.json.decode(text, type=_Stub).status
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
