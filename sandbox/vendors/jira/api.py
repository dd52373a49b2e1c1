"""Jira's endpoints: which records an answer holds, how pages end, who may see what, what is refused and in which words.

Belongs here: the behaviour behind each path of REST v3 and Agile 1.0 that a loader uses. Does not: the JSON of a record
(render.py), how a query is read (jql.py).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from sandbox.company import Company, World
from sandbox.company.work import site
from sandbox.company.work.events import IssueChanged
from sandbox.company.work.state import Issue
from sandbox.timestamps import DAY, MINUTE
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.jira import jql
from sandbox.vendors.jira.render import API, SHOWN_HISTORIES, SITE, JiraRenderer

EMAIL = "prodops@example.com"
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
TOKEN_LIFE = 7 * DAY
Handler = Callable[["Jira", Call], Reply]
ROUTES: list[tuple[str, re.Pattern[str], Handler, Any]] = []


def route(methods: str, path: str, anonymous: Any = None) -> Callable[[Handler], Handler]:
    """Binds a handler. `anonymous` is what somebody without valid credentials gets; None means 401."""
    pattern = re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$")

    def bind(handler: Handler) -> Handler:
        ROUTES.extend((method, pattern, handler, anonymous) for method in methods.split("|"))
        return handler

    return bind


class View:
    """A world with what was rendered of it and how queries sort it, kept until it changes."""

    def __init__(self, company: Company) -> None:
        self.world = World(company)
        self.render = JiraRenderer(self.world)
        self._issues: dict[int, tuple[tuple[int, int], bytes]] = {}
        self._sorted: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], int]]] = {}

    def issue(self, issue: Issue) -> bytes:
        version = (issue.version, self.world.site_version)
        known = self._issues.get(issue.id)
        if known is None or known[0] != version:
            known = self._issues[issue.id] = (version, msgspec.json.encode(self.render.issue_fields(issue)))
        return known[1]

    def sorted(self, text: str, zone: str, hidden: frozenset[str]) -> list[tuple[tuple[Any, ...], int]]:
        moves = self.world.now if jql.RELATIVE.search(text) else 0
        key = (text, self.world.version, moves, hidden)
        if key not in self._sorted:
            query = jql.parse(text, zone, self.world.now)
            found = [i for i in self.world.issues.values() if i.values["project"] not in hidden and query.accepts(i)]
            while len(self._sorted) >= 20:
                self._sorted.pop(next(iter(self._sorted)))
            self._sorted[key] = sorted((query.position(issue), issue.id) for issue in found)
        return self._sorted[key]


class Jira:
    """The site as the API user sees it."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company, self.token, self.page_cap = company, setup.token, setup.page_cap
        self._views: dict[int, View] = {}

    def view(self, call: Call) -> View:
        """The state at the call's now, or as a lagging index still has it."""
        view = self._views.get(call.lag)
        if view is None:
            view = self._views[call.lag] = View(self.company)
        view.world.advance(call.now - call.lag)
        return view

    def live(self, call: Call) -> View:
        lag, call.lag = call.lag, 0
        try:
            return self.view(call)
        finally:
            call.lag = lag

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {"BASE_URL": url, "EMAIL": EMAIL, "API_TOKEN": DEFAULT_SETUP.token}

    def reply(self, call: Call) -> Reply:
        try:
            for method, pattern, handler, anonymous in ROUTES:
                found = pattern.match(call.path)
                if found is None or method != call.method:
                    continue
                if not call.signed_in(EMAIL, self.token):
                    if anonymous is None:
                        raise Refusal(
                            401,
                            document={
                                "message": "Client must be authenticated to access this resource.",
                                "status-code": 401,
                            },
                        )
                    return answer(anonymous)
                call.query |= {f"/{name}": [value] for name, value in found.groupdict().items()}
                return handler(self, call)
            raise Refusal(404, document={"message": f"null for uri: {SITE}{call.path}", "status-code": 404})
        except (Refusal, jql.JqlError) as refusal:
            if isinstance(refusal, Refusal):
                return answer(refusal.document, refusal.status)
            return answer({"errorMessages": [str(refusal)], "errors": {}}, 400)

    # -- sizes, pages, tokens

    def size(self, asked: Any, default: int, most: int) -> int:
        """How many records a page holds: what was asked for, never more than the server is willing to give."""
        return max(1, min(whole(asked, "maxResults") or default, most, self.page_cap or most))

    def offset_page(
        self, call: Call, records: Sequence[Any], default: int, most: int, total: bool = True
    ) -> dict[str, Any]:
        """The older way of paging: startAt, maxResults, and a link to the next page."""
        size = self.size(call.one("maxResults"), default, most)
        start = whole(call.one("startAt"), "startAt")
        page: dict[str, Any] = {"maxResults": size, "startAt": start}
        page |= {"total": len(records)} if total else {}
        return page | {"isLast": start + size >= len(records), "values": list(records[start : start + size])}

    def linked_page(self, call: Call, records: Sequence[Any], default: int, most: int) -> dict[str, Any]:
        page = self.offset_page(call, records, default, most)
        here = f"{call.origin}{call.path}"
        page = {"self": f"{here}?startAt={page['startAt']}&maxResults={page['maxResults']}"} | page
        if not page["isLast"]:
            page["nextPage"] = f"{here}?startAt={page['startAt'] + page['maxResults']}&maxResults={page['maxResults']}"
        return page

    def token_page(
        self, call: Call, token: str | None, about: str, places: Sequence[tuple[Any, ...]], size: int
    ) -> tuple[range, str | None]:
        """The newer way: an opaque token that belongs to one query and grows old. Gives the places of this page and the
        next token. A page may be shorter than asked for, or empty, while more remain."""
        query = f"{crc32(about.encode()):08x}"
        after, round_ = self._read_token(call, token, query) if token else (None, 0)
        start = 0 if after is None else bisect_right(places, after)
        luck = crc32(f"{query}{after}".encode())
        if start < len(places) and (call.empty_page or (after is not None and round_ == 0 and luck % 9 == 0)):
            return range(0), self._write_token(call, query, after, round_ + 1)
        if size > 2 and luck % 4 == 0:
            size = size * 2 // 3
        stop = min(start + size, len(places))
        return range(start, stop), None if stop >= len(places) else self._write_token(call, query, places[stop - 1], 0)

    def _write_token(self, call: Call, query: str, after: tuple[Any, ...] | None, round_: int) -> str:
        return base64.urlsafe_b64encode(json.dumps([query, after, round_, call.now]).encode()).decode().rstrip("=")

    def _read_token(self, call: Call, token: str, query: str) -> tuple[tuple[Any, ...] | None, int]:
        try:
            owner, after, round_, since = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            after = None if after is None else tuple(after)
        except (binascii.Error, ValueError, TypeError):
            raise Refusal(400, "The provided next page token is invalid.") from None
        if owner != query:
            raise Refusal(400, "The provided next page token does not belong to this query.")
        if call.now - since > TOKEN_LIFE:
            raise Refusal(400, "The provided next page token has expired.")
        return after, round_

    def issue_shown(self, view: View, issue: Issue, fields: Iterable[str], expand: str = "") -> dict[str, Any]:
        """An issue with the fields asked for; only the id when nothing else is."""
        wanted = set(fields)
        if wanted <= {"id"}:
            return {"id": str(issue.id)}
        shown: dict[str, Any] = {"expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields"}
        shown |= {"id": str(issue.id), "self": f"{API}/issue/{issue.id}", "key": issue.key}
        if wanted <= {"id", "key"}:
            return shown
        encoded = view.issue(issue)
        if "*all" in wanted or "*navigable" in wanted:
            dropped = {name[1:] for name in wanted if name.startswith("-")}
            shown["fields"] = msgspec.Raw(encoded)
            if dropped:
                shown["fields"] = {
                    name: value for name, value in msgspec.json.decode(encoded).items() if name not in dropped
                }
        else:
            shown["fields"] = {name: value for name, value in msgspec.json.decode(encoded).items() if name in wanted}
        if "changelog" in expand:
            known = recorded(issue)
            newest = known[::-1][:SHOWN_HISTORIES]
            histories = [view.render.history(event) for event in newest]
            shown["changelog"] = {
                "startAt": 0,
                "maxResults": len(newest),
                "total": len(known),
                "histories": histories,
            }
        return shown

    def find(self, call: Call, view: View, id_or_key: str) -> Issue | None:
        """By id, or by any key it ever had; nothing where the API user may not look."""
        world = view.world
        number = int(id_or_key) if id_or_key.isdigit() else world.by_key.get(id_or_key.upper())
        issue = None if number is None else world.issues.get(number)
        return None if issue is None or issue.values["project"] in unseen(call) else issue


def unseen(call: Call) -> frozenset[str]:
    """Projects whose issues the API user is not shown: nobody lets it, or they are archived."""
    private = {project.key for project in site.PROJECTS.values() if project.private}
    archived = {key for key, since in site.ARCHIVED.items() if since <= call.now}
    return frozenset(call.hidden | private | archived)


def recorded(issue: Issue) -> list[IssueChanged]:
    """The histories that the site still has, in the order in which it shows them."""
    kept = [event for event in issue.histories if not event.is_lost]
    return sorted(kept, key=lambda event: (event.at, event.history_id))


def whole(value: Any, name: str) -> int:
    """A number that is not negative; 0 where nothing was said."""
    try:
        found = int(value or 0)
    except (TypeError, ValueError):
        found = -1
    if found < 0:
        raise Refusal(400, f"The value of '{name}' must be a number that is not negative.")
    return found


def listed(value: Any) -> list[str]:
    """`fields=a,b&fields=c` and `["a", "b"]` alike."""
    given = [value] if isinstance(value, str) else list(value or [])
    return [part.strip() for item in given for part in str(item).split(",") if part.strip()]


# -- who and what


@route("GET", "/rest/api/[23]/serverInfo", {"baseUrl": SITE, "deploymentType": "Cloud", "serverTitle": "Jira"})
def server_info(jira: Jira, call: Call) -> Reply:
    info: dict[str, Any] = {
        "baseUrl": SITE,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
    }
    info |= {
        "buildNumber": 100290,
        "buildDate": "2026-09-30T00:00:00.000+0000",
        "scmInfo": "0" * 40,
        "serverTitle": "Jira",
    }
    return answer(info | {"serverTime": jira.live(call).render.time(call.now)})


@route("GET", "/rest/api/[23]/myself")
def myself(jira: Jira, call: Call) -> Reply:
    user = jira.live(call).render.user(jira.company.people[0].account_id)
    user |= {
        "emailAddress": EMAIL,
        "displayName": "Product Operations",
        "timeZone": jira.company.user_zone,
        "locale": {"en": "en_GB", "de": "de_DE", "ja": "ja_JP"}[jira.company.language],
    }
    return answer(user | {"groups": {"size": 1, "items": []}, "applicationRoles": {"size": 1, "items": []}})


@route("GET", "/rest/api/[23]/mypermissions", {"permissions": {}})
def my_permissions(jira: Jira, call: Call) -> Reply:
    names = listed(call.query.get("permissions"))
    if not names:
        raise Refusal(400, "The 'permissions' query parameter is required.")
    project = call.one("projectKey")
    keys = {site.key_of(key, call.now) for key in site.PROJECTS} - unseen(call)
    allowed = project is None or project in keys
    shown = {
        name: {"id": str(number), "key": name, "name": name.replace("_", " ").title(), "type": "PROJECT"}
        | {"description": "", "havePermission": allowed and not name.startswith("ADMIN")}
        for number, name in enumerate(names, 10)
    }
    return answer({"permissions": shown})


# -- the site


@route("GET", "/rest/api/[23]/field", [])
def fields(jira: Jira, call: Call) -> Reply:
    return answer(jira.live(call).render.all_fields())


@route("GET", "/rest/api/[23]/status", [])
def statuses(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    return answer([view.render.status(status) for status in view.world.site["status"]])


@route(
    "GET",
    "/rest/api/[23]/project/search",
    {"self": f"{API}/project/search", "maxResults": 50, "startAt": 0, "total": 0, "isLast": True, "values": []},
)
def projects(jira: Jira, call: Call) -> Reply:
    shown = shown_projects(jira, call, listed(call.query.get("status")) or ["live"])
    return answer(jira.linked_page(call, shown, 50, 100))


@route("GET", "/rest/api/[23]/project", [])
def all_projects(jira: Jira, call: Call) -> Reply:
    """The list of before there were pages; published clients ask for it."""
    return answer(shown_projects(jira, call, ["live"]))


def shown_projects(jira: Jira, call: Call, kinds: list[str]) -> list[dict[str, Any]]:
    view = jira.live(call)
    wanted = [
        p
        for p in site.PROJECTS.values()
        if not p.private and p.key not in call.hidden and p.id in view.world.site["project"]
    ]
    state = view.world.site["project"]
    shown = [p for p in wanted if ("archived" if state[p.id]["archived"] else "live") in kinds]
    return [view.render.project(p.key, full=True) for p in shown]


@route("GET", "/rest/api/[23]/users/search", [])
def users(jira: Jira, call: Call) -> Reply:
    """A bare array. Accounts that are filtered out still count for startAt: pages are short in mid-list."""
    view, people = jira.live(call), jira.company.people
    size = jira.size(call.one("maxResults"), 50, 1000)
    start = whole(call.one("startAt"), "startAt")
    page = [person for person in people[start : start + size] if not person.hidden]
    if not page:
        page = [person for person in people[start:] if not person.hidden][:1]
    return answer([view.render.user(person.account_id) for person in page])


# -- issues


@route("GET|POST", "/rest/api/[23]/search")
def removed_search(jira: Jira, call: Call) -> Reply:
    raise Refusal(410, REMOVED)


@route("GET|POST", "/rest/api/[23]/search/jql", {"issues": [], "isLast": True})
def search(jira: Jira, call: Call) -> Reply:
    given: dict[str, Any] = (
        call.json() if call.method == "POST" else {name: values[-1] for name, values in call.query.items()}
    )
    if call.method == "GET" and "fields" in call.query:
        given["fields"] = call.query["fields"]
    text, wanted = str(given.get("jql") or ""), listed(given.get("fields")) or ["id"]
    size = jira.size(given.get("maxResults"), 50, 5000 if set(wanted) <= {"id", "key"} else 100)
    view = jira.view(call)
    found = view.sorted(text, jira.company.user_zone, unseen(call))
    page, token = jira.token_page(call, given.get("nextPageToken"), text, [place for place, _ in found], size)
    expand = ",".join(listed(given.get("expand")))
    issues = [jira.issue_shown(view, view.world.issues[found[at][1]], wanted, expand) for at in page]
    # isLast is wrong on an empty page in the middle (JRACLOUD-95477): only the token shows the end.
    document = {"issues": issues, "isLast": token is None or not issues}
    return answer(document | ({"nextPageToken": token} if token is not None else {}))


@route("POST", "/rest/api/[23]/search/approximate-count", {"count": 0})
def count(jira: Jira, call: Call) -> Reply:
    text = str(call.json().get("jql") or "")
    return answer({"count": len(jira.view(call).sorted(text, jira.company.user_zone, unseen(call)))})


@route("POST", "/rest/api/[23]/issue/bulkfetch")
def issue_bulk(jira: Jira, call: Call) -> Reply:
    given, view = call.json(), jira.live(call)
    asked = listed(given.get("issueIdsOrKeys"))
    if not 1 <= len(asked) <= 100:
        raise Refusal(400, "The number of issue IDs or keys must be between 1 and 100.")
    wanted, issues, errors = listed(given.get("fields")) or ["*navigable"], [], []
    for name in dict.fromkeys(asked):
        issue = jira.find(call, view, name)
        if issue is None:
            errors.append({"id": name, "errorMessage": "Issue does not exist or you do not have permission to see it."})
        else:
            issues.append(jira.issue_shown(view, issue, wanted, ",".join(listed(given.get("expand")))))
    return answer({"expand": "schema,names", "issues": issues, "issueErrors": errors})


def _existing(jira: Jira, call: Call, view: View) -> Issue:
    issue = jira.find(call, view, call.one("/issue") or "")
    if issue is None:
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
    return issue


@route("GET", "/rest/api/[23]/issue/{issue}")
def one_issue(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    wanted = listed(call.query.get("fields")) or ["*all"]
    return answer(jira.issue_shown(view, _existing(jira, call, view), wanted, call.one("expand") or ""))


@route("GET", "/rest/api/[23]/issue/{issue}/changelog")
def issue_changelog(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    histories = [view.render.history(event) for event in recorded(_existing(jira, call, view))]
    return answer(jira.linked_page(call, histories, 100, 100))


@route("POST", "/rest/api/[23]/changelog/bulkfetch")
def changelog_bulk(jira: Jira, call: Call) -> Reply:
    """Histories of many issues, oldest first. A page ends where it ends, in the middle of an issue too."""
    given, view = call.json(), jira.live(call)
    asked, only = listed(given.get("issueIdsOrKeys")), set(listed(given.get("fieldIds")))
    if not 1 <= len(asked) <= 1000:
        raise Refusal(400, "issueIdsOrKeys must have between 1 and 1000 items.")
    if len(only) > 10:
        raise Refusal(400, "fieldIds must have at most 10 items.")
    found = {issue.id: issue for name in asked if (issue := jira.find(call, view, name)) is not None}
    histories = {
        (issue.id, event.at, event.history_id): event
        for issue in sorted(found.values(), key=lambda issue: issue.id)
        for event in recorded(issue)
        if not only or any(item.get("fieldId", item["field"]) in only for item in view.render.history(event)["items"])
    }
    places = list(histories)
    about = f"changelog {sorted(asked)} {sorted(only)}"
    page, token = jira.token_page(
        call, given.get("nextPageToken"), about, places, jira.size(given.get("maxResults"), 1000, 10_000)
    )
    logs: dict[int, list[Any]] = {}
    for at in page:
        logs.setdefault(places[at][0], []).append(view.render.history(histories[places[at]], bulk=True))
    document: dict[str, Any] = {
        "issueChangeLogs": [{"issueId": str(n), "changeHistories": many} for n, many in logs.items()]
    }
    return answer(document | ({"nextPageToken": token} if token is not None else {}))


# -- worklogs


@route("GET", "/rest/api/[23]/issue/{issue}/worklog")
def issue_worklogs(jira: Jira, call: Call) -> Reply:
    """Up to 5,000 at once, more than any issue has: no smaller page of the sandbox's set-up cuts it."""
    view = jira.live(call)
    shown = [view.render.worklog(log) for log in _existing(jira, call, view).worklogs.values()]
    start, size = whole(call.one("startAt"), "startAt"), min(whole(call.one("maxResults"), "maxResults") or 5000, 5000)
    page = {"startAt": start, "maxResults": size, "total": len(shown)}
    return answer(page | {"worklogs": shown[start : start + size]})


def _changed_worklogs(jira: Jira, call: Call, changed: list[tuple[int, int]]) -> Reply:
    """Ids of worklogs and when they changed, oldest first. What changed in the last minute is not shown yet. A client
    that asks from `until` on is shown that instant again, and worklogs of one millisecond are never split."""
    since = whole(call.one("since"), "since")
    known = sorted(pair for pair in changed if since <= pair[0] <= call.now - MINUTE)
    size = jira.size(None, 1000, 1000)
    if size < len(known):
        last = max(known[size - 1][0], next((at for at, _ in known if at > since), since))
        page = [pair for pair in known if pair[0] <= last]
    else:
        page = known
    until = page[-1][0] if page else since
    here = f"{call.origin}{call.path}"
    values = [{"worklogId": number, "updatedTime": at, "properties": []} for at, number in page]
    document = {"values": values, "since": since, "until": until, "self": f"{here}?since={since}"}
    return answer(document | {"nextPage": f"{here}?since={until}", "lastPage": len(page) == len(known)})


NO_WORKLOGS = {
    "values": [],
    "since": 0,
    "until": 0,
    "self": f"{API}/worklog/updated",
    "nextPage": f"{API}/worklog/updated",
    "lastPage": True,
}


@route("GET", "/rest/api/[23]/worklog/updated", NO_WORKLOGS)
def worklogs_updated(jira: Jira, call: Call) -> Reply:
    world = jira.live(call).world
    return _changed_worklogs(
        jira, call, [(log.updated, log.id) for log in world.worklogs.values() if _seen(call, world, log.issue_id)]
    )


@route("GET", "/rest/api/[23]/worklog/deleted", NO_WORKLOGS)
def worklogs_deleted(jira: Jira, call: Call) -> Reply:
    return _changed_worklogs(
        jira, call, [(at, number) for number, at in jira.live(call).world.deleted_worklogs.items()]
    )


@route("POST", "/rest/api/[23]/worklog/list")
def worklogs_listed(jira: Jira, call: Call) -> Reply:
    asked, view = call.json().get("ids") or [], jira.live(call)
    if len(asked) > 1000:
        raise Refusal(400, "The number of worklog IDs must not exceed 1000.")
    found = [
        log
        for number in asked
        if (log := view.world.worklogs.get(whole(number, "ids"))) and _seen(call, view.world, log.issue_id)
    ]
    return answer([view.render.worklog(log) for log in found])


def _seen(call: Call, world: World, issue_id: int) -> bool:
    return world.issues[issue_id].values["project"] not in unseen(call)


# -- Agile


@route("GET", "/rest/agile/1.0/board", {"maxResults": 50, "startAt": 0, "total": 0, "isLast": True, "values": []})
def boards(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    wanted = [int(n) for n, state in view.world.site["board"].items() if state["project"] not in call.hidden]
    return answer(jira.offset_page(call, [view.render.board(number) for number in wanted], 50, 50))


@route("GET", "/rest/agile/1.0/board/{board}/sprint")
def board_sprints(jira: Jira, call: Call) -> Reply:
    """400 on a board without sprints. A board that overlooks another shows that one's sprints a second time."""
    view, number = jira.live(call), call.one("/board") or ""
    board = view.world.site["board"].get(number)
    if board is None or board["project"] in call.hidden:
        raise Refusal(
            404,
            "The requested board cannot be viewed because it either does not exist or you do not have permission "
            "to view it.",
        )
    if not board["sprints"]:
        raise Refusal(400, "The board does not support sprints")
    own = site.BOARDS[board["project"]]
    states = listed(call.query.get("state"))
    found = [
        int(n)
        for n, s in view.world.site["sprint"].items()
        if s["board_id"] == own and (not states or s["state"] in states)
    ]
    return answer(jira.offset_page(call, [view.render.sprint(n) for n in sorted(found)], 50, 50, total=False))
