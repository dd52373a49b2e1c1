"""Jira Cloud: platform REST API v3 and agile 1.0, basic auth with an API token.

Upstream -> table (landing/jira/<table>; all payloads verbatim):
  GET  /rest/api/3/field                     -> fields      snapshot
  GET  /rest/api/3/status                    -> statuses    snapshot
  GET  /rest/api/3/project/search            -> projects    snapshot, and the roster of what this user may see
  GET  /rest/api/3/users/search              -> users       snapshot
  GET  /rest/agile/1.0/board                 -> boards      snapshot
  GET  /rest/agile/1.0/board/{id}/sprint     -> sprints     snapshot; boards that are not `scrum` may have none
  POST /rest/api/3/search/jql                -> issues      by `updated`
  POST /rest/api/3/changelog/bulkfetch       -> changelogs  one record a history, of each issue that landed
  GET  /rest/api/3/worklog/updated|deleted, POST /rest/api/3/worklog/list -> worklogs  by the feeds' own clock
  GET  /rest/api/3/issue/{id}/worklog        -> worklogs    where more changed at one instant than the feed shows

Cursor: `updated` is the only one Jira can search by. JQL reads it by the minute in the time zone of the API user, and a
change is invisible for seconds to minutes, so each run starts 15 minutes early; what is unchanged does not land again.
Not every change moves `updated` (a renamed sprint or user does not): hence snapshots, and a full resync by schedule.
Changelogs never come from the search (`expand=changelog` is cut at 40): each landed issue's whole history is fetched.

Deletes: no query shows them. The census reads the ids of each visible project; what landed and is not there is asked
for by id, and gets a tombstone, with its histories and worklogs, when Jira does not know it either. Projects out of
sight are left alone: a lost permission looks just like a deletion. Ids that the census shows and landing lacks are
fetched, which heals whatever the cursor missed.

Alone: python -m ingestion.sources jira
Settings: SOURCES__JIRA__BASE_URL (https://api.atlassian.com/ex/jira/<cloud id> for scoped tokens), EMAIL, API_TOKEN;
LEAVE_OUT, what the plan does not have: boards (and sprints with them), worklogs.
"""

from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from ingestion.clock import iso, now
from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.records import Shape, extract_path
from ingestion.sources.jira.api import (
    MAX_BULK_ISSUES,
    MAX_CHANGELOG_ISSUES,
    MAX_WORKLOGS,
    JiraApi,
    JiraSettings,
    ListEndpoint,
    jql_time,
)
from ingestion.sources.parts import (
    Finding,
    LoadOptions,
    Probe,
    Step,
    Stream,
    Unread,
    Watched,
    api_source,
    batches,
    chunked,
    resumed,
    vanished,
)

# Jira leaves out fields that a project's field configuration hides, and shows of people what their profiles allow to
# those who may browse users. The e-mail address, which most profiles hide, is in no figure.
WATCHED = (
    Watched(
        "issues",
        ("fields.resolution", "fields.resolutiondate"),
        "dropped work can't be kept apart from what was done; show Resolution in the projects' field configuration, "
        "and let the workflows set it",
        given=("issues", "fields.status.statusCategory.key", "done"),
    ),
    Watched("users", ("displayName",), "give the API user the global permission to browse users and groups"),
)
OPTIONAL = {
    "boards": "sprints are not known, issues alone name them",
    "worklogs": "the time that people log is not known; no figure of delivery needs it",
}
OVERLAP = timedelta(minutes=15)
FIELDS = ListEndpoint(
    "fields", "Fields of the site, custom ones with their type", "/rest/api/3/field", None, paged=False
)
STATUSES = ListEndpoint("statuses", "Workflow statuses with their category", "/rest/api/3/status", None, paged=False)
PROJECTS = ListEndpoint(
    "projects", "Projects that the API user can see", "/rest/api/3/project/search", "values", paged=True
)
USERS = ListEndpoint(
    "users", "Accounts of the site", "/rest/api/3/users/search", None, paged=True, shape=Shape("accountId")
)
BOARDS = ListEndpoint("boards", "Scrum and Kanban boards", "/rest/agile/1.0/board", "values", paged=True)
SPRINTS = ListEndpoint(
    "sprints",
    "Sprints of the boards",
    "/rest/agile/1.0/board/{}/sprint",
    "values",
    paged=True,
)
ISSUE_PROJECT = Shape("fields.project.id")
SPRINT_BOARD = Shape("originBoardId")


class JiraLoad:
    """One load of one site."""

    def __init__(self, settings: JiraSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.api = JiraApi(settings)
        self.zone = self.api.time_zone()
        self.floor = datetime.combine(settings.start, time(), self.zone).astimezone(UTC)
        self.roster: dict[str, Record] = {}
        self.returned: set[str] = set()
        self.boards: dict[str, str | None] = {}
        """Their types."""

    def steps(self) -> Iterator[Step]:
        """Made while they run: which projects came back is known once they are listed."""
        for one in (FIELDS, STATUSES, USERS):
            yield Step(one.stream, one.stream, partial(self._list, one))
        yield Step("boards", "boards", self._boards)
        yield Step("sprints", "sprints", self._sprints, needs=("boards",))
        yield Step("projects", "projects", self._projects)
        # without the roster nobody knows what is hidden, and the cursor would pass it
        yield Step("issues", "issues", self._issues, needs=("projects",))
        if self.options.census:
            yield Step("census", "issues", self._census, needs=("issues",))
        yield Step("changelogs", "changelogs", self._changelogs, needs=("issues",))
        yield Step("worklogs", "worklogs", self._worklogs, needs=("projects",))
        if self.returned:
            yield Step("returned projects", "projects", self._land_returned, needs=("issues", "worklogs"))

    # -- lists that are read whole

    def _list(self, endpoint: ListEndpoint) -> Iterator[Landed]:
        yield self._land_whole(endpoint.stream, self._whole(endpoint.stream, lambda: self.api.all_of(endpoint)))

    def _boards(self) -> Iterator[Landed]:
        records = self._whole("boards", lambda: self.api.all_of(BOARDS))
        self.boards = {key: extract_path(_text(record), "type") for key, record in records.items()}
        yield self._land_whole("boards", records)

    def _projects(self) -> Iterator[Landed]:
        """The roster. What changed in a project while it was hidden is behind the cursors when it comes back, so that
        all of it is read again; until then it does not land as visible."""
        self.roster = self._whole("projects", lambda: self.api.all_of(PROJECTS))
        if not self.roster:
            raise SourceError("jira", "projects", "this user sees no project; give it the Browse Projects permission")
        known = self.landing.alive("projects")
        self.returned = self.roster.keys() - known if known else set()
        if not self.returned:
            yield self._land_whole("projects", self.roster)

    def _land_returned(self) -> Iterator[Landed]:
        yield self._land_whole("projects", self.roster)

    def _sprints(self) -> Iterator[Landed]:
        unread = Unread("jira", "sprints", "board")

        def read() -> dict[str, Record]:
            nonlocal unread
            unread = Unread("jira", "sprints", "board")
            records: dict[str, Record] = {}
            for board in sorted(self.boards):
                with unread.asked(board):
                    # a sprint shows on every board whose filter meets it
                    records |= self._sprints_of(board)
            return records | self._sprints_out_of_sight(records, self.boards.keys() - unread.errors.keys())

        records, note = self._whole("sprints", read), unread.note
        yield replace(self._land_whole("sprints", records), note=note)

    def _sprints_of(self, board: str) -> dict[str, Record]:
        try:
            return self.api.all_of(replace(SPRINTS, path=SPRINTS.path.format(board)))
        except SourceError as error:
            # "Board does not support sprints" in the language of the API user: Kanban, and teams that work without them
            if error.status != 400 or self.boards[board] == "scrum":
                raise
            return {}

    def _sprints_out_of_sight(self, seen: Collection[str], boards: Collection[str]) -> dict[str, Record]:
        """Landed sprints of other boards than those that were read: not gone, as far as anybody knows."""
        unseen = self.landing.payloads("sprints", self.landing.alive("sprints").difference(seen))
        known = {key: Record(key, text, now()) for key, text in unseen.items()}
        return {
            key: record
            for key, record in known.items()
            if SPRINT_BOARD.record(unseen[key].encode(), now()).record_id not in boards
        }

    def _whole(self, stream: str, read: Callable[[], dict[str, Record]]) -> dict[str, Record]:
        """What ``read`` gives, once it is plausible that it is all there is."""
        records = read()

        def looked_for_again(missing: set[str]) -> set[str]:
            # a record deleted while paging moves the others across the page edge
            if missing:
                records.update(read())
            return missing - records.keys()

        vanished(self.landing, stream, records.keys(), self.settings.max_deleted_share, confirmed=looked_for_again)
        return records

    def _land_whole(self, stream: str, records: dict[str, Record]) -> Landed:
        share = self.settings.max_deleted_share
        return self.landing.land_snapshot(stream, list(records.values()), max_deleted_share=share)

    # -- issues

    def _issues(self) -> Iterator[Landed]:
        unread = Unread("jira", "issues", "project")

        def returned() -> Iterator[list[Record]]:
            for project in sorted(self.returned):
                with unread.asked(project):
                    yield from self.api.issues(f"project = {project} AND {self._since(self.floor)} ORDER BY id ASC")

        for records, _ in chunked(returned()):
            yield self.landing.land("issues", records)
        note = unread.note
        for project in unread.errors:  # until it is read whole it does not land as visible
            del self.roster[project]
        landed_to = self.landing.through("issues")
        start = resumed(landed_to, self.floor, OVERLAP, self.options)
        cursor = IssueCursor(start, landed_to)
        for records, is_last in chunked(self.api.issues(f"{self._since(start)} ORDER BY updated ASC, id ASC")):
            through = cursor.at_end(records) if is_last else cursor.during(records)
            yield replace(self.landing.land("issues", records, through=through), note=note if is_last else "")

    def _since(self, start: datetime) -> str:
        return f'updated >= "{jql_time(start, self.zone)}"'

    # -- deletions, and what the cursor missed

    def _census(self) -> Iterator[Landed]:
        shown: set[str] = set()
        unread = Unread("jira", "issues", "project")
        for project in sorted(self.roster):
            with unread.asked(project):
                shown.update(self.api.issue_ids(f"project = {project} AND {self._since(self.floor)} ORDER BY id ASC"))
        note, read = unread.note, self.roster.keys() - unread.errors.keys()
        alive = self.landing.alive("issues")
        unlanded = batches(sorted(shown - alive), MAX_BULK_ISSUES)
        for records, _ in chunked(map(self.api.issues_by_id, unlanded)):
            yield self.landing.land("issues", records)
        share = self.settings.max_deleted_share
        # a site may have lost its last issues: each of them is asked for by id
        confirmed = partial(self._gone, read)
        gone = vanished(self.landing, "issues", shown, share, alive=alive, confirmed=confirmed, may_be_empty=True)
        if gone or note:
            # what belongs to it first: a run that is killed between the two finds the issue missing again
            for stream in ("changelogs", "worklogs"):
                yield self.landing.land(stream, tombstones(self.landing.children(stream, gone)))
            yield replace(self.landing.land("issues", tombstones(gone)), note=note)

    def _gone(self, projects: Collection[str], missing: set[str]) -> list[str]:
        """Of the landed issues of these projects that the census did not show, those that Jira does not know by id
        either."""
        suspects: list[str] = []
        for batch in batches(sorted(filter(str.isdigit, missing)), 1000):
            for key, text in self.landing.payloads("issues", batch).items():
                if ISSUE_PROJECT.record(text.encode(), now()).record_id in projects:
                    suspects.append(key)
        return [key for batch in batches(suspects, MAX_BULK_ISSUES) for key in self.api.unknown_issues(batch)]

    # -- changelogs

    def _changelogs(self) -> Iterator[Landed]:
        """The whole history of each issue that landed since. The cursor is the last load of issues that is done."""
        since = None if self.options.resync else self.landing.through("changelogs")
        pending = self.landing.ids_since("issues", since)
        loads = {issue: load for load, issue in reversed(pending)}
        queue = sorted((load, issue) for issue, load in loads.items())
        done = self.landing.through("changelogs")
        unread = Unread("jira", "changelogs", "issue")

        def histories() -> Iterator[list[Record]]:
            nonlocal done
            for number, batch in enumerate(batches(queue, MAX_CHANGELOG_ISSUES), start=1):
                yield from self.api.histories([issue for _, issue in batch], unread)
                following = queue[number * MAX_CHANGELOG_ISSUES :][:1]
                whole = [load for load, _ in batch if not following or load < following[0][0]]
                done = whole[-1] if whole else done
            if pending:
                done = pending[-1][0]

        for records, is_last in chunked(histories()):
            note = unread.note if is_last else ""
            yield replace(self.landing.land("changelogs", records, through=done), note=note)

    # -- worklogs

    def _worklogs(self) -> Iterator[Landed]:
        """Two feeds with clocks of their own, so the cursor is `<updated>/<deleted>`, both in milliseconds."""
        through = None if self.options.resync or self.returned else self.landing.through("worklogs")
        floor = _milliseconds(self.floor)
        start, deleted = map(int, through.split("/")) if through else (floor, floor)
        updated = start
        unlogged: set[str] = set()
        unread = Unread("jira", "worklogs", "issue")
        reported, is_cut = deleted, False
        for ids, until, was_cut in self.api.worklog_feed("deleted", max(floor, deleted - _milliseconds(OVERLAP))):
            reported, is_cut = max(reported, until), is_cut or was_cut
            unlogged.update(ids)
        if is_cut:
            unlogged |= self._unlogged()

        def logged() -> Iterator[list[Record]]:
            nonlocal updated
            for ids, until, was_cut in self.api.worklog_feed("updated", max(floor, updated - _milliseconds(OVERLAP))):
                updated = max(updated, until)
                yield [record for batch in batches(ids, MAX_WORKLOGS) for record in self.api.worklogs(batch)]
                if was_cut:
                    yield from self._logged_since(until, unread)

        for records, is_last in chunked(logged()):
            # what an issue lacks is asked for again by the feed, not by the issue
            through = f"{start if unread.errors else updated}/{reported if is_last else deleted}"
            gone = tombstones(unlogged) if is_last else []
            note = unread.note if is_last else ""
            yield replace(self.landing.land("worklogs", [*records, *gone], through=through), note=note)

    def _logged_since(self, until: int, unread: Unread) -> Iterator[list[Record]]:
        """Worklogs of the issues that changed since: where the feed shows only the first 1,000 of one instant."""
        since = datetime.fromtimestamp(until / 1000, UTC) - OVERLAP
        for issue in self.api.issue_ids(f"{self._since(since)} ORDER BY id ASC"):
            with unread.asked(issue):
                yield self.api.worklogs_of(issue)

    def _unlogged(self) -> set[str]:
        """Landed worklogs that Jira does not know any more: where the feed of deleted ones shows only the first 1,000
        of one instant."""
        alive = self.landing.alive("worklogs")
        asked = batches(sorted(filter(str.isdigit, alive)), MAX_WORKLOGS)
        known = {record.record_id for batch in asked for record in self.api.worklogs(batch)}
        return vanished(self.landing, "worklogs", known, self.settings.max_deleted_share, alive=alive)


class IssueCursor:
    """How far the issue cursor may move.

    Within a load it follows the oldest issue of the chunk just landed, because one that changed while pages were read
    carries a later `updated` than its neighbours. Where pages do not ascend it stays at the start: a load that is
    killed would miss the rest. At the end it is the newest `updated` seen, but never ahead of our clock.
    """

    def __init__(self, start: datetime, landed_to: str | None) -> None:
        self._start = start
        self._oldest = datetime.min.replace(tzinfo=UTC)
        self._newest = datetime.fromisoformat(landed_to) if landed_to else None
        self._ascends = True

    def during(self, records: list[Record]) -> str:
        timestamps = [timestamp for record in records if (timestamp := _instant(record.cursor))]
        if timestamps:
            oldest = min(timestamps)
            self._ascends = self._ascends and timestamps[0] <= timestamps[-1] and oldest >= self._oldest
            self._oldest = oldest
            self._newest = max(timestamps) if self._newest is None else max(self._newest, *timestamps)
        return iso(self._oldest if self._ascends else self._start)

    def at_end(self, records: list[Record]) -> str | None:
        self.during(records)
        return None if self._newest is None else iso(min(self._newest, now()))


def _text(record: Record) -> bytes:
    return record.payload if isinstance(record.payload, bytes) else (record.payload or "").encode()


def _instant(text: str | None) -> datetime | None:
    try:
        timestamp = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return timestamp if timestamp.tzinfo else None


def _milliseconds(span: datetime | timedelta) -> int:
    since = span - datetime.fromtimestamp(0, UTC) if isinstance(span, datetime) else span
    return since // timedelta(milliseconds=1)


def _steps(settings: JiraSettings, landing: Landing, options: LoadOptions) -> Generator[Step, None, None]:
    yield from JiraLoad(settings, landing, options).steps()


def _probes(settings: JiraSettings) -> Iterator[Probe]:
    api = JiraApi(settings.model_copy(update={"page_size": 1}))

    def seen(stream: str, read: Callable[[], object]) -> str | list[Finding]:
        found = read()
        if not found and stream != "boards":
            return [Finding(False, f"read {stream}", "none are visible; check the permissions of the API user")]
        return f"; the newest changed at {found.cursor}" if isinstance(found, Record) else ""

    yield Probe("sign in", lambda: [Finding(True, f"signed in; the API user's time zone is {api.time_zone()}")], True)
    reads: dict[str, Callable[[], object]] = {
        endpoint.stream: partial(api.first_page, endpoint) for endpoint in (FIELDS, STATUSES, PROJECTS, USERS, BOARDS)
    }
    reads |= {"worklogs": lambda: next(api.worklog_feed("updated", 0)), "issues": api.newest_issue}
    for stream, read in reads.items():
        yield Probe(f"read {stream}", partial(seen, stream, read))


SOURCE = api_source(
    "jira",
    "Jira Cloud",
    (
        *(Stream(one.stream, one.lands, "id") for one in (FIELDS, PROJECTS, STATUSES)),
        Stream("issues", "Issues with all fields, as last changed", "id"),
        Stream("changelogs", "Histories of issues: who changed which fields when", "id"),
        Stream("worklogs", "Time logged on issues", "id"),
        *(Stream(one.stream, one.lands, "id") for one in (BOARDS, SPRINTS)),
        Stream(USERS.stream, USERS.lands, "accountId"),
    ),
    settings=JiraSettings,
    credentials=("email", "api_token"),
    steps=_steps,
    probes=_probes,
    watched=WATCHED,
    optional=OPTIONAL,
)
