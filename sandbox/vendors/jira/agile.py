"""Boards, sprints and epics: Agile 1.0.

Belongs here: what a board shows of the issues that the platform knows. Does not: issues by themselves (issues.py).
"""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.transport import Call, Refusal, Reply, answer
from sandbox.vendors.jira.api import Jira, View, listed, unseen
from sandbox.vendors.jira.catalogues import EMPTY_PAGE
from sandbox.vendors.jira.render import AGILE
from sandbox.vendors.jira.routes import agile
from sandbox.vendors.jira.shown import Shown


@agile("GET", "board", EMPTY_PAGE)
def boards(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    kinds, name, project = listed(call.query.get("type")), (call.one("name") or "").lower(), call.one("projectKeyOrId")
    shown = [
        view.render.board(int(number))
        for number, state in view.world.site["board"].items()
        if state["project"] not in call.hidden
        and (not kinds or state["type"] in kinds)
        and name in state["name"].lower()
        and project in (None, state["project"], site.PROJECTS[state["project"]].id)
    ]
    return answer(jira.offset_page(call, shown, 50, 50))


def _board(jira: Jira, call: Call) -> tuple[int, dict[str, Any]]:
    number = call.one("/board") or ""
    board = jira.live(call).world.site["board"].get(number)
    if board is None or board["project"] in call.hidden:
        raise Refusal(
            404,
            "The requested board cannot be viewed because it either does not exist or you do not have permission "
            "to view it.",
        )
    return int(number), board


@agile("GET", "board/{board}")
def one_board(jira: Jira, call: Call) -> Reply:
    return answer(jira.live(call).render.board(_board(jira, call)[0]))


@agile("GET", "board/{board}/configuration")
def board_configuration(jira: Jira, call: Call) -> Reply:
    number, board = _board(jira, call)
    render = jira.live(call).render
    columns = [
        {"name": status["name"], "statuses": [{"id": status["id"], "self": status["self"]}]}
        for status in map(render.status, render.workflow(site.PROJECTS[board["project"]]))
    ]
    shown = {"id": number, "name": board["name"], "type": board["type"]}
    shown |= {"self": f"{AGILE}/board/{number}/configuration"}
    shown |= {"columnConfig": {"columns": columns, "constraintType": "none"}}
    estimate = render.fields.estimate if site.PROJECTS[board["project"]].team_managed else render.fields.points
    shown["estimation"] = {"type": "field", "field": {"fieldId": estimate, "displayName": "Story Points"}}
    return answer(shown | {"ranking": {"rankCustomFieldId": int(render.fields.rank.rpartition("_")[2])}})


@agile("GET", "board/{board}/project")
def board_projects(jira: Jira, call: Call) -> Reply:
    _, board = _board(jira, call)
    return answer(jira.offset_page(call, [jira.live(call).render.project(board["project"], full=True)], 50, 50))


@agile("GET", "board/{board}/sprint")
def board_sprints(jira: Jira, call: Call) -> Reply:
    """400 on a board without sprints. A board that overlooks another shows that one's sprints a second time."""
    view, (_, board) = jira.live(call), _board(jira, call)
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


def _sprint(jira: Jira, call: Call) -> int:
    view, number = jira.live(call), call.one("/sprint") or ""
    state = view.world.site["sprint"].get(number)
    if state is None or view.world.site["board"][str(state["board_id"])]["project"] in call.hidden:
        raise Refusal(404, f"Sprint with id {number} does not exist or you do not have permission to view it.")
    return int(number)


@agile("GET", "sprint/{sprint}")
def one_sprint(jira: Jira, call: Call) -> Reply:
    return answer(jira.live(call).render.sprint(_sprint(jira, call)))


# -- issues as a board shows them


def _issues(jira: Jira, call: Call, shown: list[Issue]) -> Reply:
    """Those of them that `jql` finds too, in its order; without one by their rank."""
    view, hidden = jira.live(call), unseen(call)
    if text := call.one("jql"):
        places = {number: at for at, (_, number) in enumerate(jira.found(call, view, text))}
        shown = sorted((one for one in shown if one.id in places), key=lambda one: places[one.id])
    shown = [one for one in shown if one.values["project"] not in hidden]
    asked = Shown.read(call.query, "*navigable", "*navigable")
    page = jira.offset_page(call, shown, 50, 100)
    issues = [_issue(view, asked, issue) for issue in page.pop("values")]
    page.pop("isLast")
    return answer({"expand": "schema,names"} | page | {"issues": issues} | asked.described(view, issues))


def _issue(view: View, asked: Shown, issue: Issue) -> dict[str, Any]:
    """With the fields that only this API has."""
    found = asked.issue(view, issue) | {"self": f"{AGILE}/issue/{issue.id}"}
    sprints = [view.render.sprint(n) for n in issue.values["sprints"] if str(n) in view.world.site["sprint"]]
    epic = view.world.issues.get(issue.values["epic"])
    own = {
        "sprint": next((one for one in sprints if one["state"] != "closed"), None),
        "closedSprints": [one for one in sprints if one["state"] == "closed"],
        "epic": None if epic is None else _epic(epic),
        "flagged": False,
    }
    if isinstance(known := found.get("fields", {}), msgspec.Raw):
        known = msgspec.json.decode(known)
    return found | {"fields": known | {name: value for name, value in own.items() if asked.shows(name)}}


def _epic(epic: Issue) -> dict[str, Any]:
    name = epic.values["summary"]
    shown = {"id": epic.id, "key": epic.key, "self": f"{AGILE}/epic/{epic.id}", "name": name, "summary": name}
    return shown | {"color": {"key": "color_1"}, "done": epic.values["resolution"] is not None}


def _of_project(jira: Jira, call: Call, project: str) -> list[Issue]:
    return [one for one in jira.live(call).world.issues.values() if one.values["project"] == project]


def _is_epic(issue: Issue) -> bool:
    return site.TYPES[issue.values["type"]].level == 1


@agile("GET", "board/{board}/issue")
def board_issues(jira: Jira, call: Call) -> Reply:
    return _issues(jira, call, _of_project(jira, call, _board(jira, call)[1]["project"]))


@agile("GET", "board/{board}/backlog")
def backlog(jira: Jira, call: Call) -> Reply:
    """What is not done, in no sprint that runs or is planned, and no epic."""
    sprints = jira.live(call).world.site["sprint"]
    shown = [
        one
        for one in _of_project(jira, call, _board(jira, call)[1]["project"])
        if one.values["resolution"] is None
        and not _is_epic(one)
        and all(sprints.get(str(n), {}).get("state") == "closed" for n in one.values["sprints"])
    ]
    return _issues(jira, call, shown)


@agile("GET", "board/{board}/epic")
def board_epics(jira: Jira, call: Call) -> Reply:
    shown = [one for one in _of_project(jira, call, _board(jira, call)[1]["project"]) if _is_epic(one)]
    if (done := call.one("done")) is not None:
        shown = [one for one in shown if (one.values["resolution"] is not None) == (done == "true")]
    return answer(jira.offset_page(call, [_epic(one) for one in shown], 50, 50, total=False))


@agile("GET", "board/{board}/version")
def board_versions(jira: Jira, call: Call) -> Reply:
    _, board = _board(jira, call)
    render, today = jira.live(call).render, jira.today(call)
    shown = [render.version(one, today) for one in site.VERSIONS if one.project == board["project"]]
    return answer(jira.offset_page(call, [one | {"id": int(one["id"])} for one in shown], 50, 50, total=False))


@agile("GET", "board/{board}/sprint/{sprint}/issue")
def sprint_issues_of_board(jira: Jira, call: Call) -> Reply:
    _, board = _board(jira, call)
    number = _sprint(jira, call)
    return _issues(
        jira, call, [one for one in _of_project(jira, call, board["project"]) if number in one.values["sprints"]]
    )


@agile("GET", "sprint/{sprint}/issue")
def sprint_issues(jira: Jira, call: Call) -> Reply:
    number = _sprint(jira, call)
    return _issues(
        jira, call, [one for one in jira.live(call).world.issues.values() if number in one.values["sprints"]]
    )


def _known_epic(jira: Jira, call: Call) -> Issue:
    issue = jira.find(call, jira.live(call), call.one("/epic") or "")
    if issue is None or not _is_epic(issue):
        raise Refusal(404, "The requested epic does not exist or you do not have permission to view it.")
    return issue


@agile("GET", "epic/{epic}")
def one_epic(jira: Jira, call: Call) -> Reply:
    return answer(_epic(_known_epic(jira, call)))


@agile("GET", "epic/{epic}/issue")
def epic_issues(jira: Jira, call: Call) -> Reply:
    epic, issues = _known_epic(jira, call), jira.live(call).world.issues
    return _issues(jira, call, [issues[number] for number in epic.children])


@agile("GET", "issue/{issue}")
def one_issue(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    issue = jira.find(call, view, call.one("/issue") or "")
    if issue is None:
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
    return answer(_issue(view, Shown.read(call.query, "*all", "*all"), issue))
