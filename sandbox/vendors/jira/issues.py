"""Issues and what hangs on them: search, changelogs, comments, worklogs, transitions.

Belongs here: which of them an answer holds. Does not: which fields of an issue are shown (shown.py).
"""

from __future__ import annotations

from typing import Any

from sandbox.company import World
from sandbox.company.work.state import Issue
from sandbox.timestamps import MINUTE
from sandbox.transport import Call, Refusal, Reply, answer
from sandbox.vendors.jira.api import Jira, View, listed, recorded, unseen, whole
from sandbox.vendors.jira.catalogues import EMPTY_PAGE
from sandbox.vendors.jira.render import API
from sandbox.vendors.jira.routes import platform
from sandbox.vendors.jira.shown import Shown, editmeta, html, transitions

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)

# -- search


@platform("GET|POST", "search")
def removed_search(jira: Jira, call: Call) -> Reply:
    raise Refusal(410, REMOVED)


@platform("GET|POST", "search/jql", {"issues": [], "isLast": True})
def search(jira: Jira, call: Call) -> Reply:
    given: dict[str, Any] = (
        call.json() if call.method == "POST" else {name: values[-1] for name, values in call.query.items()}
    )
    for name in ("fields", "expand"):
        if call.method == "GET" and name in call.query:
            given[name] = call.query[name]
    text, shown = str(given.get("jql") or ""), Shown.read(given, "id", "*navigable")
    size = jira.size(given.get("maxResults"), 50, 5000 if shown.is_brief else 100)
    view = jira.view(call)
    found = jira.found(call, view, text)
    page, token = jira.token_page(call, given.get("nextPageToken"), text, [place for place, _ in found], size)
    issues = [shown.issue(view, view.world.issues[found[at][1]]) for at in page]
    document = {"issues": issues, "isLast": token is None} | shown.described(view, issues)
    return answer(document | ({"nextPageToken": token} if token is not None else {}))


@platform("POST", "search/approximate-count", {"count": 0})
def count(jira: Jira, call: Call) -> Reply:
    text = str(call.json().get("jql") or "")
    return answer({"count": len(jira.found(call, jira.view(call), text))})


@platform("POST", "issue/bulkfetch")
def issue_bulk(jira: Jira, call: Call) -> Reply:
    given, view = call.json(), jira.live(call)
    asked = listed(given.get("issueIdsOrKeys"))
    if not 1 <= len(asked) <= 100:
        raise Refusal(400, "The number of issue IDs or keys must be between 1 and 100.")
    shown, issues, errors = Shown.read(given, "*navigable", "*navigable"), [], []
    for name in dict.fromkeys(asked):
        issue = jira.find(call, view, name)
        if issue is None:
            errors.append({"id": name, "errorMessage": "Issue does not exist or you do not have permission to see it."})
        else:
            issues.append(shown.issue(view, issue))
    document = {"expand": "schema,names", "issues": issues, "issueErrors": errors}
    return answer(document | shown.described(view, issues))


def _existing(jira: Jira, call: Call, view: View) -> Issue:
    issue = jira.find(call, view, call.one("/issue") or "")
    if issue is None:
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
    return issue


@platform("GET", "issue/{issue}")
def one_issue(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    shown = Shown.read(call.query, "*all", "*all")
    issue = shown.issue(view, _existing(jira, call, view))
    return answer(issue | shown.described(view, [issue]))


@platform("GET", "issue/{issue}/changelog")
def issue_changelog(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    histories = [view.render.history(event) for event in recorded(_existing(jira, call, view))]
    return answer(jira.linked_page(call, histories, 100, 100))


@platform("POST", "changelog/bulkfetch")
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


# -- what hangs on one issue


def _part(call: Call, name: str, records: list[dict[str, Any]], default: int, most: int) -> Reply:
    """A page of it. Its size is the vendor's alone: no issue has so many that a set-up with small pages cuts them."""
    start = whole(call.one("startAt"), "startAt")
    size = min(whole(call.one("maxResults"), "maxResults") or default, most)
    page = {"startAt": start, "maxResults": size, "total": len(records)}
    return answer(page | {name: records[start : start + size]})


def _one_of(records: list[dict[str, Any]], wanted: str | None, what: str) -> Reply:
    for one in records:
        if one["id"] == wanted:
            return answer(one)
    raise Refusal(404, f"Can not find a {what} for the id: {wanted}.")


def _comments(jira: Jira, call: Call) -> list[dict[str, Any]]:
    view = jira.live(call)
    shown: list[dict[str, Any]] = view.render.comments(_existing(jira, call, view))["comments"]
    if "renderedBody" in listed(call.query.get("expand")):
        shown = [one | {"renderedBody": html(one["body"])} for one in shown]
    return shown


@platform("GET", "issue/{issue}/comment")
def comments(jira: Jira, call: Call) -> Reply:
    """Oldest first, unless asked for otherwise."""
    shown = _comments(jira, call)
    return _part(call, "comments", shown[::-1] if call.one("orderBy") == "-created" else shown, 100, 5000)


@platform("GET", "issue/{issue}/comment/{comment}")
def one_comment(jira: Jira, call: Call) -> Reply:
    return _one_of(_comments(jira, call), call.one("/comment"), "comment")


@platform("POST", "comment/list", EMPTY_PAGE)
def listed_comments(jira: Jira, call: Call) -> Reply:
    asked, view = {str(number) for number in call.json().get("ids") or []}, jira.live(call)
    if not 1 <= len(asked) <= 1000:
        raise Refusal(400, "The number of comment IDs must be between 1 and 1000.")
    shown = [
        comment
        for issue in view.world.issues.values()
        if issue.comments and issue.values["project"] not in unseen(call)
        for comment in view.render.comments(issue)["comments"]
        if comment["id"] in asked
    ]
    return answer(jira.linked_page(call, shown, 1000, 1000))


@platform("GET", "issue/{issue}/worklog")
def issue_worklogs(jira: Jira, call: Call) -> Reply:
    return _part(call, "worklogs", _worklogs(jira, call), 5000, 5000)


@platform("GET", "issue/{issue}/worklog/{worklog}")
def one_worklog(jira: Jira, call: Call) -> Reply:
    return _one_of(_worklogs(jira, call), call.one("/worklog"), "worklog")


def _worklogs(jira: Jira, call: Call) -> list[dict[str, Any]]:
    """Those that were begun in the time that was asked for."""
    view = jira.live(call)
    since = whole(call.one("startedAfter"), "startedAfter")
    until = whole(call.one("startedBefore"), "startedBefore") or call.now
    logs = _existing(jira, call, view).worklogs.values()
    return [view.render.worklog(log) for log in logs if since <= log.started <= until]


@platform("GET", "issue/{issue}/transitions")
def issue_transitions(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    return answer({"expand": "transitions", "transitions": transitions(view.render, _existing(jira, call, view))})


@platform("GET", "issue/{issue}/editmeta")
def issue_editmeta(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    return answer(editmeta(view.render, _existing(jira, call, view)))


@platform("GET", "issue/{issue}/remotelink")
def remote_links(jira: Jira, call: Call) -> Reply:
    """None: those that histories speak of have been taken away again."""
    _existing(jira, call, jira.live(call))
    return answer([])


@platform("GET", "issue/{issue}/properties")
def properties(jira: Jira, call: Call) -> Reply:
    _existing(jira, call, jira.live(call))
    return answer({"keys": []})


@platform("GET", "issue/{issue}/votes")
def votes(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    shown: dict[str, Any] = view.render.issue_fields(_existing(jira, call, view))["votes"]
    return answer(shown | {"voters": []})


@platform("GET", "issue/{issue}/watchers")
def watchers(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    issue = _existing(jira, call, view)
    shown: dict[str, Any] = view.render.issue_fields(issue)["watches"]
    return answer(shown | {"watchers": [view.render.user(issue.author)]})


# -- worklogs


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


@platform("GET", "worklog/updated", NO_WORKLOGS)
def worklogs_updated(jira: Jira, call: Call) -> Reply:
    world = jira.live(call).world
    return _changed_worklogs(
        jira, call, [(log.updated, log.id) for log in world.worklogs.values() if _seen(call, world, log.issue_id)]
    )


@platform("GET", "worklog/deleted", NO_WORKLOGS)
def worklogs_deleted(jira: Jira, call: Call) -> Reply:
    return _changed_worklogs(
        jira, call, [(at, number) for number, at in jira.live(call).world.deleted_worklogs.items()]
    )


@platform("POST", "worklog/list")
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
