"""How Jira is asked: its paths, the ways it pages, the limits of a request.

Belongs here: one method for each thing that can be asked. Does not: when to ask, what lands, cursors (jira.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dlt.common.typing import TSecretStrValue
from pydantic import AfterValidator, Field
from requests.auth import HTTPBasicAuth

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.http import Client, Walk
from ingestion.landing import Record
from ingestion.records import NotAPageError, Page, Shape, extract_path, parse_object, split_records
from ingestion.settings import BaseUrl, SourceSettings
from ingestion.sources.parts import Unread, prefetch

MAX_LIST_PAGE = 100
MAX_ID_PAGE = 5000
MAX_BULK_ISSUES = 100
MAX_CHANGELOG_ISSUES, MAX_CHANGELOG_PAGE = 1000, 10_000
MAX_WORKLOGS = 1000

ISSUE = Shape("id", cursor="fields.updated")
HISTORY = Shape("id", cursor="created")
WORKLOG = Shape("id", cursor="updated", parent="issueId")
WORKLOG_MENTION = Shape("worklogId")


@dataclass(frozen=True, slots=True)
class ListEndpoint:
    """A list that is small enough to be read whole each time. ``lands``: what of it, in words."""

    stream: str
    lands: str
    path: str
    records: str | None
    paged: bool
    shape: Shape = field(default_factory=Shape)


def _site(value: str) -> str:
    url = urlsplit(value)
    if url.path and str(url.hostname).endswith(".atlassian.net"):
        raise ValueError(f"is the address of a page; give the site's alone, https://{url.hostname}")
    return value


class JiraSettings(SourceSettings):
    base_url: Annotated[BaseUrl, AfterValidator(_site)]
    email: str
    api_token: TSecretStrValue = Field(repr=False)


class JiraApi:
    """One site, asked with one user's credentials. All methods raise ``SourceError``."""

    def __init__(self, settings: JiraSettings) -> None:
        # as bytes: requests would encode text as Latin-1, and fail with the secret in the exception
        auth = HTTPBasicAuth(settings.email.encode(), settings.api_token.encode())
        self.client = Client("jira", settings.base_url, settings.limits, auth=auth)
        self._page_size = settings.page_size

    def time_zone(self) -> ZoneInfo:
        """The API user's, in which JQL reads dates. To be asked first: with bad credentials other endpoints answer 200
        with an empty list, this one does not."""
        me = self.client.ask(
            "GET", "/rest/api/3/myself", lambda answer: parse_object(answer.body, answer.charset), stream="myself"
        )
        name = str(me.member("timeZone"))
        if not me.member("accountId"):
            raise SourceError("jira", "myself", "Jira does not say who the API user is; check the credentials")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise SourceError("jira", "myself", f"the time zone {name!r} of the API user is unknown here") from None

    def all_of(self, endpoint: ListEndpoint) -> dict[str, Record]:
        """A list from its first page to its last."""
        records: dict[str, Record] = {}
        walk = Walk("jira", endpoint.stream)
        start = 0
        while True:
            page = self._list_page(endpoint, start)
            fresh = {record.record_id: record for record in endpoint.shape.records(page, now())}
            unseen = len(fresh.keys() - records.keys())
            records |= fresh
            # by what came, not by what was asked for: pages may be shorter, and reading a record twice is harmless
            start += len(page.records)
            total = page.member("total")
            if not endpoint.paged or (start >= total if isinstance(total, int) else page.member("isLast") is True):
                return records
            if not page.records:
                if isinstance(total, int) and len(records) < total:
                    hint = f"the list ended after {len(records)} of {total}; run again"
                    raise SourceError("jira", endpoint.stream, hint, cursor=f"startAt {start}")
                return records
            walk.step(str(start), unseen)

    def first_page(self, endpoint: ListEndpoint) -> list[Record]:
        return endpoint.shape.records(self._list_page(endpoint, 0), now())

    def issues(self, jql: str) -> Iterator[list[Record]]:
        """Whole issues, page by page."""
        return prefetch(self._search(jql, ["*all"], self._page_size))

    def issue_ids(self, jql: str) -> Iterator[str]:
        for page in self._search(jql, ["id"], min(MAX_ID_PAGE, self._page_size * 50)):
            yield from (record.record_id for record in page)

    def newest_issue(self) -> Record | None:
        pages = self._search('updated >= "2000-01-01" ORDER BY updated DESC', ["updated"], 1)
        return next((page[0] for page in pages if page), None)

    def issues_by_id(self, ids: Sequence[str]) -> list[Record]:
        return ISSUE.records(self._bulk(ids, ["*all"]), now())

    def unknown_issues(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that Jira has no issue for, or none that this user may see."""
        page = self._bulk(ids, ["id"])
        known = {record.record_id for record in ISSUE.records(page, now())}
        # what could not be answered at once stands here, and whether that includes what is not there varies
        unsure = {str(error.get("id")) for error in page.member("issueErrors") or ()}
        return [key for key in ids if key not in known and (key not in unsure or self._is_unknown(key))]

    def histories(self, issues: Sequence[str], unread: Unread) -> Iterator[list[Record]]:
        """Histories of the issues, page by page; an issue that is shown without any is asked for by itself."""
        return prefetch(self._histories(issues, unread))

    def _histories(self, issues: Sequence[str], unread: Unread) -> Iterator[list[Record]]:
        body = {"issueIdsOrKeys": list(issues), "maxResults": min(MAX_CHANGELOG_PAGE, self._page_size * 10)}
        for page in self._tokens("changelogs", "/rest/api/3/changelog/bulkfetch", "issueChangeLogs", body):
            timestamp = now()
            records: list[Record] = []
            for text in page.records:
                # the histories of one issue may be spread over pages; each is a record of its own, so nothing to join
                issue = extract_path(bytes(text), "issueId")
                try:
                    histories = split_records(text, "changeHistories")
                except NotAPageError:
                    if issue is None:
                        raise
                    with unread.asked(issue):
                        records += self._histories_of(issue)
                    continue
                records += HISTORY.records(histories, timestamp, parent_id=issue)
            yield records

    def _histories_of(self, issue: str) -> list[Record]:
        """The histories of one issue, by its own list."""
        path = f"/rest/api/3/issue/{issue}/changelog"
        listed = self.all_of(ListEndpoint("changelogs", "", path, "values", paged=True, shape=HISTORY))
        return [replace(record, parent_id=issue) for record in listed.values()]

    def worklogs(self, ids: Sequence[str]) -> list[Record]:
        body = {"ids": [int(key) for key in ids]}
        page = self.client.page("POST", "/rest/api/3/worklog/list", None, stream="worklogs", json=body)
        return WORKLOG.records(page, now())

    def worklogs_of(self, issue: str) -> list[Record]:
        """All worklogs of an issue."""
        path = f"/rest/api/3/issue/{issue}/worklog"
        return list(self.all_of(ListEndpoint("worklogs", "", path, "worklogs", paged=True, shape=WORKLOG)).values())

    def worklog_feed(self, name: str, since: int) -> Iterator[tuple[list[str], int, bool]]:
        """Ids of worklogs that were `updated` or `deleted`, page by page with the clock up to which the feed has
        reported, and whether more happened at that one instant than a page holds: the feed gives the first 1,000 of
        them however often it is asked, and goes on after that instant. The next page is asked for by that clock: its
        link names the site even where the base URL is the gateway."""
        walk = Walk("jira", "worklogs")
        while True:
            page = self.client.page(
                "GET",
                f"/rest/api/3/worklog/{name}",
                "values",
                stream="worklogs",
                cursor=f"{name} {since}",
                params={"since": since},
            )
            until = page.member("until")
            is_last = page.member("lastPage") is True or not page.records
            is_cut = not is_last and isinstance(until, int) and until <= since
            if page.records and isinstance(until, int):
                since = max(since, until) + is_cut
            yield _mentioned(page), since, is_cut
            if is_last:
                return
            walk.step(str(since), len(page.records))

    def _list_page(self, endpoint: ListEndpoint, start: int) -> Page:
        return self.client.page(
            "GET",
            endpoint.path,
            endpoint.records,
            stream=endpoint.stream,
            cursor=f"startAt {start}",
            params={"startAt": start, "maxResults": min(self._page_size, MAX_LIST_PAGE)} if endpoint.paged else None,
        )

    def _search(self, jql: str, fields: list[str], page_size: int) -> Iterator[list[Record]]:
        body = {"jql": jql, "fields": fields, "maxResults": page_size}
        for page in self._tokens("issues", "/rest/api/3/search/jql", "issues", body):
            yield ISSUE.records(page, now())

    def _tokens(self, stream: str, path: str, key: str, body: dict[str, Any]) -> Iterator[Page]:
        """Pages linked by tokens. A page may be short or empty and still lead on, and `isLast` has been wrong
        (JRACLOUD-95477): only a missing token ends the walk."""
        walk = Walk("jira", stream)
        token = None
        number = 1
        while True:
            asked = body | {"nextPageToken": token} if token else body
            page = self.client.page("POST", path, key, stream=stream, cursor=f"page {number}", json=asked)
            yield page
            token = page.member("nextPageToken")
            if not token:
                return
            walk.step(str(token), len(page.records))
            number += 1

    def _bulk(self, ids: Sequence[str], fields: list[str]) -> Page:
        body = {"issueIdsOrKeys": list(ids), "fields": fields}
        return self.client.page("POST", "/rest/api/3/issue/bulkfetch", "issues", stream="issues", json=body)

    def _is_unknown(self, issue: str) -> bool:
        return self.client.ask(
            "GET",
            f"/rest/api/3/issue/{issue}",
            lambda answer: answer.status == 404,
            stream="issues",
            cursor=f"issue {issue}",
            params={"fields": "id"},
            statuses=frozenset({404}),
        )


def jql_time(instant: datetime, zone: ZoneInfo) -> str:
    """The instant as JQL reads it: local, by the minute. An hour that the clock shows twice is left for the hour before
    it, because JQL can't say which of the two is meant."""
    local = instant.astimezone(zone)
    later = local.replace(fold=1).astimezone(UTC)
    if later > instant:
        local = (instant - (later - instant)).astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M")


def _mentioned(page: Page) -> list[str]:
    keys = [record.record_id for record in WORKLOG_MENTION.records(page, now())]
    if not all(map(str.isdigit, keys)):
        raise NotAPageError("the worklog feed names no worklogId")
    return keys
