"""Jira Cloud: platform REST API v3 and agile 1.0, basic auth with an API token.

Upstream -> table (landing/jira/<table>; all payloads verbatim):
  GET  /rest/api/3/field                     -> fields      snapshot
  GET  /rest/api/3/status                    -> statuses    snapshot
  GET  /rest/api/3/project/search            -> projects    snapshot, and the roster of what this user may see
  GET  /rest/api/3/users/search              -> users       snapshot
  GET  /rest/agile/1.0/board                 -> boards      snapshot
  GET  /rest/agile/1.0/board/{id}/sprint     -> sprints     snapshot; Kanban boards answer 400 and have none
  POST /rest/api/3/search/jql                -> issues      by `updated`
  POST /rest/api/3/changelog/bulkfetch       -> changelogs  one record a history, of each issue that landed
  GET  /rest/api/3/worklog/updated|deleted, POST /rest/api/3/worklog/list -> worklogs  by the feeds' own clock

Cursor: `updated` is the only one Jira can search by. JQL reads it by the minute in the time zone of the API user, and a
change is invisible for seconds to minutes, so each run starts 15 minutes early; what is unchanged does not land again.
Not every change moves `updated` (a renamed sprint or user does not): hence snapshots, and a full resync by schedule.
Changelogs never come from the search (`expand=changelog` is cut at 40): each landed issue's whole history is fetched.

Deletes: no query shows them. The census reads the ids of each visible project; what landed and is not there is asked
for by id, and gets a tombstone, with its histories and worklogs, when Jira does not know it either. Projects out of
sight are left alone: a lost permission looks just like a deletion. Ids that the census shows and landing lacks are
fetched, which heals whatever the cursor missed.

Alone: python -m ingestion.sources.jira
Settings: SOURCES__JIRA__BASE_URL (https://api.atlassian.com/ex/jira/<cloud id> for scoped tokens), EMAIL, API_TOKEN.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dlt.common.typing import TSecretStrValue
from pydantic import Field
from requests.auth import HTTPBasicAuth

from ingestion.clock import iso, now
from ingestion.errors import SettingsError, SourceError
from ingestion.http import HINTS, Answer, Client, Walk
from ingestion.landing import Landed, Landing, Record
from ingestion.records import Chunk, NotAPageError, Page, Shape, cut, members
from ingestion.settings import SourceSettings, is_set, resolve
from ingestion.sources.parts import Finding, LoadOptions, Source, Step, Stream, batches, run_steps

OVERLAP = timedelta(minutes=15)
MAX_CHANGELOG_ISSUES, MAX_CHANGELOG_PAGE = 1000, 10_000
MAX_WORKLOGS = 1000
MAX_BULK_ISSUES = 100
MAX_ID_PAGE = 5000
MAX_LIST_PAGE = 100

KANBAN = b"does not support sprints"

ISSUE = Shape("id", cursor="fields.updated")
ISSUE_PROJECT = Shape("fields.project.id")
SPRINT_BOARD = Shape("originBoardId")
HISTORY = Shape("id", cursor="created")
WORKLOG = Shape("id", cursor="updated", parent="issueId")
WORKLOG_MENTION = Shape("worklogId")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A list that is small enough to be read whole each time."""

    stream: str
    path: str
    records: str | None
    paged: bool
    shape: Shape = field(default_factory=Shape)
    none_when: bytes | None = None
    """What a 400 says when there simply are none."""


FIELDS = Endpoint("fields", "/rest/api/3/field", None, paged=False)
STATUSES = Endpoint("statuses", "/rest/api/3/status", None, paged=False)
PROJECTS = Endpoint("projects", "/rest/api/3/project/search", "values", paged=True)
USERS = Endpoint("users", "/rest/api/3/users/search", None, paged=True, shape=Shape("accountId"))
BOARDS = Endpoint("boards", "/rest/agile/1.0/board", "values", paged=True)
WORKLOGS = Endpoint("worklogs", "/rest/api/3/worklog/updated", "values", paged=True)


class JiraSettings(SourceSettings):
    email: str
    api_token: TSecretStrValue = Field(repr=False)


class Jira:
    """One load of one site."""

    def __init__(self, settings: JiraSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.client = _client(settings)
        # with bad credentials some endpoints answer 200 with an empty list: ask first who we are
        self.zone = _zone(self.client)
        self.floor = datetime.combine(settings.start, time(), self.zone).astimezone(UTC)
        self.roster: dict[str, Record] = {}
        self.returned: set[str] = set()
        self.boards: set[str] = set()

    def load(self) -> Iterator[Landed]:
        steps = [Step(one.stream, one.stream, partial(self._list, one)) for one in (FIELDS, STATUSES, USERS)]
        steps += [
            Step("boards", "boards", self._boards),
            Step("sprints", "sprints", self._sprints, needs=("boards",)),
            Step("projects", "projects", self._projects),
            # without the roster nobody knows what is hidden, and the cursor would pass it
            Step("issues", "issues", self._issues, needs=("projects",)),
        ]
        if self.options.census:
            steps.append(Step("census", "issues", self._census, needs=("issues",)))
        steps += [
            Step("changelogs", "changelogs", self._changelogs, needs=("issues",)),
            Step("worklogs", "worklogs", self._worklogs, needs=("projects",)),
            Step("returned projects", "projects", self._land_returned, needs=("issues", "worklogs")),
        ]
        yield from run_steps(SOURCE.name, steps)

    # -- lists that are read whole

    def _list(self, endpoint: Endpoint) -> Iterator[Landed]:
        yield self._land_whole(endpoint.stream, self._whole(endpoint.stream, lambda: self._read(endpoint)))

    def _boards(self) -> Iterator[Landed]:
        records = self._whole("boards", lambda: self._read(BOARDS))
        self.boards = set(records)
        yield self._land_whole("boards", records)

    def _projects(self) -> Iterator[Landed]:
        """The roster. What changed in a project while it was hidden is behind the cursors when it comes back, so that
        all of it is read again; until then it does not land as visible."""
        self.roster = self._whole("projects", lambda: self._read(PROJECTS))
        if not self.roster:
            raise SourceError("jira", "projects", "this user sees no project; give it the Browse Projects permission")
        known = self.landing.alive("projects")
        self.returned = self.roster.keys() - known if known else set()
        if not self.returned:
            yield self._land_whole("projects", self.roster)

    def _land_returned(self) -> Iterator[Landed]:
        if self.returned:
            yield self._land_whole("projects", self.roster)

    def _sprints(self) -> Iterator[Landed]:
        def read() -> dict[str, Record]:
            records: dict[str, Record] = {}
            for board in sorted(self.boards):
                # a sprint shows on every board whose filter meets it
                path = f"{BOARDS.path}/{board}/sprint"
                records |= self._read(Endpoint("sprints", path, "values", paged=True, none_when=KANBAN))
            return records | self._sprints_out_of_sight(records)

        yield self._land_whole("sprints", self._whole("sprints", read))

    def _sprints_out_of_sight(self, seen: Collection[str]) -> dict[str, Record]:
        """Landed sprints of boards that this user no longer sees: not gone, as far as anybody knows."""
        vanished = self.landing.payloads("sprints", self.landing.alive("sprints").difference(seen))
        known = {key: Record(key, text, now()) for key, text in vanished.items()}
        return {
            key: record
            for key, record in known.items()
            if SPRINT_BOARD.record(vanished[key].encode(), now()).record_id not in self.boards
        }

    def _whole(self, stream: str, read: Callable[[], dict[str, Record]]) -> dict[str, Record]:
        """What ``read`` gives, once it is plausible that it is all there is."""
        records = read()
        alive = self.landing.alive(stream)
        if alive and not records and self.settings.max_deleted_share < 1:
            hint = f"came back empty though {len(alive)} are landed; check the permissions of the API user"
            raise SourceError("jira", stream, hint)
        if alive - records.keys():
            # a record deleted while paging moves the others across the page edge: what vanished is looked for again
            records |= read()
        self.landing.refuse_loss(stream, len(alive - records.keys()), len(alive), self.settings.max_deleted_share)
        return records

    def _land_whole(self, stream: str, records: dict[str, Record]) -> Landed:
        share = self.settings.max_deleted_share
        return self.landing.land_snapshot(stream, list(records.values()), max_deleted_share=share)

    def _read(self, endpoint: Endpoint) -> dict[str, Record]:
        records: dict[str, Record] = {}
        walk = Walk("jira", endpoint.stream)
        start = 0
        while True:
            asked = {"startAt": start, "maxResults": min(self.settings.page_size, MAX_LIST_PAGE)}
            page = self.client.ask(
                "GET",
                endpoint.path,
                lambda answer: _list_page(endpoint, answer),
                stream=endpoint.stream,
                cursor=f"startAt {start}",
                params=asked if endpoint.paged else None,
                statuses=frozenset({400} if endpoint.none_when else ()),
            )
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

    # -- issues

    def _issues(self) -> Iterator[Landed]:
        landed_to = self.landing.through("issues")
        start = self.floor
        if landed_to and not self.options.resync:
            start = max(self.floor, datetime.fromisoformat(landed_to) - OVERLAP)
        chunk = Chunk()
        for project in sorted(self.returned):
            for page in self._changed_since(self.floor, f"project = {project} AND "):
                chunk.add(ISSUE.records(page, now()))
                if chunk.is_full:
                    yield self.landing.land("issues", chunk.take())
        if chunk.records:
            yield self.landing.land("issues", chunk.take())
        progress = Progress(start, landed_to)
        for page in self._changed_since(start):
            chunk.add(ISSUE.records(page, now()))
            if chunk.is_full:
                records = chunk.take()
                yield self.landing.land("issues", records, through=progress.during(records))
        records = chunk.take()
        yield self.landing.land("issues", records, through=progress.at_end(records))

    def _changed_since(self, start: datetime, only: str = "") -> Iterator[Page]:
        jql = f'{only}updated >= "{jql_time(start, self.zone)}" ORDER BY updated ASC, id ASC'
        return self._search("issues", jql, ["*all"], self.settings.page_size)

    def _search(self, stream: str, jql: str, fields: list[str], page_size: int) -> Iterator[Page]:
        body = {"jql": jql, "fields": fields, "maxResults": page_size}
        return self._tokens(stream, "/rest/api/3/search/jql", "issues", body)

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

    # -- deletions, and what the cursor missed

    def _census(self) -> Iterator[Landed]:
        shown: set[str] = set()
        page_size = min(MAX_ID_PAGE, self.settings.page_size * 50)
        for project in sorted(self.roster):
            jql = f'project = {project} AND updated >= "{jql_time(self.floor, self.zone)}" ORDER BY id ASC'
            for page in self._search("issues", jql, ["id"], page_size):
                shown |= {record.record_id for record in ISSUE.records(page, now())}
        alive = self.landing.alive("issues")
        chunk = Chunk()
        for batch in batches(sorted(shown - alive), MAX_BULK_ISSUES):
            chunk.add(ISSUE.records(self._bulk(batch, ["*all"]), now()))
            if chunk.is_full:
                yield self.landing.land("issues", chunk.take())
        gone = list(self._gone(alive - shown))
        self.landing.refuse_loss("issues", len(gone), len(alive), self.settings.max_deleted_share)
        if gone:
            # what belongs to it first: a run that is killed between the two finds the issue missing again
            for stream in ("changelogs", "worklogs"):
                yield self.landing.land(stream, _tombstones(sorted(self.landing.children(stream, gone))))
            chunk.add(_tombstones(gone))
        if chunk.records:
            yield self.landing.land("issues", chunk.take())

    def _gone(self, missing: set[str]) -> Iterator[str]:
        """Of the landed issues that the census did not show, those that Jira does not know by id either."""
        suspects: list[str] = []
        for batch in batches(sorted(filter(str.isdigit, missing)), 1000):
            for key, text in self.landing.payloads("issues", batch).items():
                if ISSUE_PROJECT.record(text.encode(), now()).record_id in self.roster:
                    suspects.append(key)
        for batch in batches(suspects, MAX_BULK_ISSUES):
            page = self._bulk(batch, ["id"])
            known = {record.record_id for record in ISSUE.records(page, now())}
            # what could not be told at once stands here, and whether that includes what is not there varies
            unsure = {str(error.get("id")) for error in page.member("issueErrors") or ()}
            yield from (key for key in batch if key not in known and (key not in unsure or self._is_unknown(key)))

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

    # -- changelogs

    def _changelogs(self) -> Iterator[Landed]:
        """The whole history of each issue that landed since. The cursor is the last load of issues that is done."""
        since = None if self.options.resync else self.landing.through("changelogs")
        pending = self.landing.ids_since("issues", since)
        loads = {issue: load for load, issue in reversed(pending)}
        queue = sorted((load, issue) for issue, load in loads.items())
        done = self.landing.through("changelogs")
        chunk = Chunk()
        for number, batch in enumerate(batches(queue, MAX_CHANGELOG_ISSUES), start=1):
            for histories in self._histories([issue for _, issue in batch]):
                chunk.add(histories)
                if chunk.is_full:
                    yield self.landing.land("changelogs", chunk.take(), through=done)
            following = queue[number * MAX_CHANGELOG_ISSUES :][:1]
            whole = [load for load, _ in batch if not following or load < following[0][0]]
            done = whole[-1] if whole else done
        if pending:
            done = pending[-1][0]
        yield self.landing.land("changelogs", chunk.take(), through=done)

    def _histories(self, issues: list[str]) -> Iterator[list[Record]]:
        body = {"issueIdsOrKeys": issues, "maxResults": min(MAX_CHANGELOG_PAGE, self.settings.page_size * 10)}
        for page in self._tokens("changelogs", "/rest/api/3/changelog/bulkfetch", "issueChangeLogs", body):
            moment = now()
            for text in page.records:
                # the histories of one issue may be spread over pages; each is a record of its own, so nothing to join
                histories = cut(text, "changeHistories")
                issue = histories.member("issueId")
                yield HISTORY.records(histories, moment, parent_id=None if issue is None else str(issue))

    # -- worklogs

    def _worklogs(self) -> Iterator[Landed]:
        """Two feeds with clocks of their own, so the cursor is `<updated>/<deleted>`, both in milliseconds."""
        through = None if self.options.resync or self.returned else self.landing.through("worklogs")
        floor = _milliseconds(self.floor)
        updated, deleted = map(int, through.split("/")) if through else (floor, floor)
        tombstones: list[Record] = []
        told = deleted
        for page, until in self._feed("deleted", max(floor, deleted - _milliseconds(OVERLAP))):
            told = max(told, until)
            tombstones += _tombstones(_mentioned(page))
        chunk = Chunk()
        for page, until in self._feed("updated", max(floor, updated - _milliseconds(OVERLAP))):
            updated = max(updated, until)
            for batch in batches(_mentioned(page), MAX_WORKLOGS):
                body = {"ids": [int(key) for key in batch]}
                found = self.client.page("POST", "/rest/api/3/worklog/list", None, stream="worklogs", json=body)
                chunk.add(WORKLOG.records(found, now()))
            if chunk.is_full:
                yield self.landing.land("worklogs", chunk.take(), through=f"{updated}/{deleted}")
        chunk.add(tombstones)
        yield self.landing.land("worklogs", chunk.take(), through=f"{updated}/{told}")

    def _feed(self, name: str, since: int) -> Iterator[tuple[Page, int]]:
        """Pages of a worklog feed, each with the clock up to which it tells. The next page is asked for by that clock:
        its link names the site even where the base URL is Atlassian's gateway."""
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
            if page.records and isinstance(until, int):
                since = max(since, until)
            yield page, since
            if page.member("lastPage") is True or not page.records:
                return
            walk.step(str(since), len(page.records))


class Progress:
    """How far the issue cursor may move.

    Within a load it follows the oldest issue of the chunk just landed, because one that changed while pages were read
    carries a later `updated` than its neighbours. Where pages do not ascend it stays at the start: a load that is
    killed would miss the rest. At the end it is the newest `updated` seen, but never ahead of our clock.
    """

    def __init__(self, start: datetime, landed_to: str | None) -> None:
        self._start = self._oldest = start
        self._newest = datetime.fromisoformat(landed_to) if landed_to else None
        self._ascends = True

    def during(self, records: list[Record]) -> str:
        moments = [moment for record in records if (moment := _instant(record.cursor))]
        if moments:
            oldest = min(moments)
            self._ascends = self._ascends and moments[0] <= moments[-1] and oldest >= self._oldest
            self._oldest = oldest
            self._newest = max(moments) if self._newest is None else max(self._newest, *moments)
        return iso(self._oldest if self._ascends else self._start)

    def at_end(self, records: list[Record]) -> str | None:
        self.during(records)
        return None if self._newest is None else iso(min(self._newest, now()))


def jql_time(instant: datetime, zone: ZoneInfo) -> str:
    """The instant as JQL reads it: local, by the minute. An hour that the clock shows twice is left for the hour before
    it, because JQL can't say which of the two is meant."""
    local = instant.astimezone(zone)
    later = local.replace(fold=1).astimezone(UTC)
    if later > instant:
        local = (instant - (later - instant)).astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M")


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _milliseconds(span: datetime | timedelta) -> int:
    since = span - datetime.fromtimestamp(0, UTC) if isinstance(span, datetime) else span
    return since // timedelta(milliseconds=1)


def _tombstones(keys: Iterable[str]) -> list[Record]:
    moment = now()
    return [Record(key, None, moment, is_deleted=True) for key in keys]


def _mentioned(page: Page) -> list[str]:
    keys = [record.record_id for record in WORKLOG_MENTION.records(page, now())]
    if not all(map(str.isdigit, keys)):
        raise NotAPageError("the worklog feed names no worklogId")
    return keys


def _list_page(endpoint: Endpoint, answer: Answer) -> Page:
    if answer.status == 400:
        if endpoint.none_when and endpoint.none_when in answer.body:
            return Page([], {})
        raise SourceError("jira", endpoint.stream, HINTS[400], status=400)
    return cut(answer.body, endpoint.records, answer.charset)


def _client(settings: JiraSettings) -> Client:
    # as bytes: requests would encode text as Latin-1, and fail with the secret in the exception
    auth = HTTPBasicAuth(settings.email.encode(), settings.api_token.encode())
    return Client("jira", settings.base_url, settings.limits, auth=auth)


def _zone(client: Client) -> ZoneInfo:
    """The API user's time zone, in which JQL reads dates; proves that the credentials are good."""
    me = client.ask("GET", "/rest/api/3/myself", lambda answer: Page([], members(answer.body)), stream="myself")
    name = me.member("timeZone")
    if not me.member("accountId"):
        raise SourceError("jira", "myself", "Jira does not say who the API user is; check the credentials", status=200)
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        raise SourceError("jira", "myself", f"the API user's time zone {name!r} is unknown; set it in Jira") from None


def _load(landing: Landing, options: LoadOptions) -> Iterator[Landed]:
    yield from Jira(resolve("jira", JiraSettings), landing, options).load()


def _is_configured() -> bool:
    return is_set("jira", JiraSettings, "email", "api_token")


def _check() -> list[Finding]:
    try:
        settings = resolve("jira", JiraSettings)
    except SettingsError as error:
        return [Finding(False, error.what, error.hint)]
    client = _client(settings.model_copy(update={"attempts": 1}))
    findings = [Finding(True, "settings are complete")]
    try:
        zone = _zone(client)
    except SourceError as error:
        return [*findings, Finding(False, "reach Jira and sign in", error.hint)]
    findings.append(Finding(True, f"signed in; the API user's time zone is {zone}"))
    for endpoint in (FIELDS, STATUSES, PROJECTS, USERS, BOARDS, WORKLOGS):
        try:
            page = client.page("GET", endpoint.path, endpoint.records, stream=endpoint.stream, params={"maxResults": 1})
        except SourceError as error:
            findings.append(Finding(False, f"read {endpoint.stream}", error.hint))
            continue
        some = bool(page.records) or endpoint in (BOARDS, WORKLOGS)
        findings.append(Finding(some, f"read {endpoint.stream}", "" if some else "none visible; check the permissions"))
    return [*findings, _newest(client)]


def _newest(client: Client) -> Finding:
    body = {"jql": 'updated >= "2000-01-01" ORDER BY updated DESC', "fields": ["updated"], "maxResults": 1}
    try:
        page = client.page("POST", "/rest/api/3/search/jql", "issues", stream="issues", json=body)
    except SourceError as error:
        return Finding(False, "read issues", error.hint)
    if not page.records:
        return Finding(False, "read issues", "none visible; check the Browse Projects permission")
    return Finding(True, f"the newest issue changed at {ISSUE.records(page, now())[0].cursor}")


SOURCE = Source(
    name="jira",
    title="Jira Cloud",
    streams=(
        Stream("fields", "Fields of the site, custom ones with their type", "id"),
        Stream("projects", "Projects that the API user can see", "id"),
        Stream("statuses", "Workflow statuses with their category", "id"),
        Stream("issues", "Issues with all fields, as last changed", "id"),
        Stream("changelogs", "Histories of issues: who changed which fields when", "id"),
        Stream("worklogs", "Time logged on issues", "id"),
        Stream("boards", "Scrum and Kanban boards", "id"),
        Stream("sprints", "Sprints of the boards", "id"),
        Stream("users", "Accounts of the site", "accountId"),
    ),
    load=_load,
    is_configured=_is_configured,
    check=_check,
)

if __name__ == "__main__":
    from ingestion.sources import print_load

    sys.exit(print_load("jira"))
