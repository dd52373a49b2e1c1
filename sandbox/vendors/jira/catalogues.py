"""What the site calls by name: fields, statuses, issue types, priorities, resolutions, projects and their parts.

Belongs here: the lists that are read whole, and one entry of each. Does not: issues (issues.py), boards (agile.py).
"""

from __future__ import annotations

from typing import Any

from sandbox.company.work import site
from sandbox.transport import Call, Refusal, Reply, answer
from sandbox.vendors.jira.api import Jira, listed, unseen
from sandbox.vendors.jira.render import API, CATEGORIES, PRIORITIES, SITE
from sandbox.vendors.jira.routes import platform

EMPTY_PAGE = {"maxResults": 50, "startAt": 0, "total": 0, "isLast": True, "values": []}


@platform("GET", "serverInfo", {"baseUrl": SITE, "deploymentType": "Cloud", "serverTitle": "Jira"})
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


@platform("GET", "configuration")
def configuration(jira: Jira, call: Call) -> Reply:
    on = ("voting", "watching", "subTasks", "issueLinking", "timeTracking", "attachments")
    shown: dict[str, Any] = {f"{name}Enabled": True for name in on} | {"unassignedIssuesAllowed": True}
    shown["timeTrackingConfiguration"] = {
        "workingHoursPerDay": 8.0,
        "workingDaysPerWeek": 5.0,
        "timeFormat": "pretty",
        "defaultUnit": "minute",
    }
    return answer(shown)


def _entry(known: list[dict[str, Any]], wanted: str, what: str, *names: str) -> Reply:
    """The entry that is called so in one of its members."""
    for one in known:
        if any(str(one.get(name)).lower() == wanted.lower() for name in ("id", *names)):
            return answer(one)
    raise Refusal(404, f"The {what} with id '{wanted}' does not exist")


# -- fields


@platform("GET", "field", [])
def fields(jira: Jira, call: Call) -> Reply:
    return answer(jira.live(call).render.all_fields())


@platform("GET", "field/search")
def field_pages(jira: Jira, call: Call) -> Reply:
    kinds, ids, query = listed(call.query.get("type")), listed(call.query.get("id")), (call.one("query") or "").lower()
    shown = [
        {"id": field["id"], "name": field["name"], "schema": field["schema"], "key": field["key"]}
        for field in jira.live(call).render.all_fields()
        if (not kinds or ("custom" if field["custom"] else "system") in kinds)
        and (not ids or field["id"] in ids)
        and query in field["name"].lower()
    ]
    return answer(jira.linked_page(call, shown, 50, 50))


@platform("GET", "label")
def labels(jira: Jira, call: Call) -> Reply:
    used = {
        label
        for issue in jira.live(call).world.issues.values()
        if issue.values["project"] not in unseen(call)
        for label in issue.values["labels"]
    }
    return answer(jira.linked_page(call, sorted(used), 1000, 1000))


# -- statuses


@platform("GET", "status", [])
def statuses(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    return answer([view.render.status(status) for status in view.world.site["status"]])


@platform("GET", "status/{status}")
def one_status(jira: Jira, call: Call) -> Reply:
    view = jira.live(call)
    known = [view.render.status(status) for status in view.world.site["status"]]
    return _entry(known, call.one("/status") or "", "status", "name")


@platform("GET", "statuses/search")
def status_pages(jira: Jira, call: Call) -> Reply:
    project, category = call.one("projectId"), call.one("statusCategory")
    text = (call.one("searchString") or "").lower()
    shown = [
        one
        for one in _status_details(jira, call)
        if text in one["name"].lower()
        and category in (None, one["statusCategory"])
        and (project is None or one["scope"].get("project") == {"id": project})
    ]
    return answer(jira.linked_page(call, shown, 200, 200))


@platform("GET", "statuses")
def statuses_by_id(jira: Jira, call: Call) -> Reply:
    wanted = set(listed(call.query.get("id")))
    if not wanted:
        raise Refusal(400, "The list of status IDs must not be empty.")
    return answer([one for one in _status_details(jira, call) if one["id"] in wanted])


def _status_details(jira: Jira, call: Call) -> list[dict[str, Any]]:
    """In the words of the newer API, which has three categories: a status without one counts as to do."""
    words = {"indeterminate": "IN_PROGRESS", "done": "DONE"}
    return [
        {
            "id": number,
            "name": state["name"],
            "description": "",
            "statusCategory": words.get(state["category"], "TODO"),
            "scope": {"type": "GLOBAL"}
            if state["project"] is None
            else {"type": "PROJECT", "project": {"id": site.PROJECTS[state["project"]].id}},
        }
        for number, state in jira.live(call).world.site["status"].items()
    ]


@platform("GET", "statuscategory")
def status_categories(jira: Jira, call: Call) -> Reply:
    render = jira.live(call).render
    return answer([render.category(key) for key in CATEGORIES])


@platform("GET", "statuscategory/{category}")
def one_status_category(jira: Jira, call: Call) -> Reply:
    render = jira.live(call).render
    known = [render.category(key) for key in CATEGORIES]
    return _entry(known, call.one("/category") or "", "status category", "key", "name")


# -- issue types, priorities, resolutions, links


def _types(jira: Jira, call: Call, project: site.Project | None = None) -> list[dict[str, Any]]:
    render = jira.live(call).render
    return [
        render.issue_type(kind.id)
        for kind in site.TYPES.values()
        if project is None or kind.team_managed == project.team_managed
    ]


@platform("GET", "issuetype", [])
def issue_types(jira: Jira, call: Call) -> Reply:
    return answer(_types(jira, call))


@platform("GET", "issuetype/project")
def issue_types_of_project(jira: Jira, call: Call) -> Reply:
    return answer(_types(jira, call, _project(jira, call, call.one("projectId") or "")))


@platform("GET", "issuetype/{type}")
def one_issue_type(jira: Jira, call: Call) -> Reply:
    return _entry(_types(jira, call), call.one("/type") or "", "issue type")


def _priorities(jira: Jira, call: Call) -> list[dict[str, Any]]:
    render = jira.live(call).render
    return [
        render.priority(key) | {"statusColor": "#ff9900", "description": "", "isDefault": name == "Medium"}
        for key, name in PRIORITIES.items()
    ]


@platform("GET", "priority", [])
def priorities(jira: Jira, call: Call) -> Reply:
    return answer(_priorities(jira, call))


@platform("GET", "priority/search")
def priority_pages(jira: Jira, call: Call) -> Reply:
    return answer(jira.linked_page(call, _priorities(jira, call), 50, 50))


@platform("GET", "priority/{priority}")
def one_priority(jira: Jira, call: Call) -> Reply:
    return _entry(_priorities(jira, call), call.one("/priority") or "", "priority")


def _resolutions(jira: Jira, call: Call) -> list[dict[str, Any]]:
    render = jira.live(call).render
    return [render.resolution(key) for key in site.RESOLUTIONS]


@platform("GET", "resolution", [])
def resolutions(jira: Jira, call: Call) -> Reply:
    return answer(_resolutions(jira, call))


@platform("GET", "resolution/search")
def resolution_pages(jira: Jira, call: Call) -> Reply:
    shown = [one | {"default": False} for one in _resolutions(jira, call)]
    return answer(jira.linked_page(call, shown, 50, 50))


@platform("GET", "resolution/{resolution}")
def one_resolution(jira: Jira, call: Call) -> Reply:
    return _entry(_resolutions(jira, call), call.one("/resolution") or "", "resolution")


@platform("GET", "issueLinkType")
def link_types(jira: Jira, call: Call) -> Reply:
    known = (("10000", "Blocks", "is blocked by", "blocks"), ("10003", "Relates", "relates to", "relates to"))
    shown = [
        {"id": key, "name": name, "inward": inward, "outward": outward, "self": f"{API}/issueLinkType/{key}"}
        for key, name, inward, outward in known
    ]
    return answer({"issueLinkTypes": shown})


# -- projects


@platform("GET", "project/search", {"self": f"{API}/project/search"} | EMPTY_PAGE)
def projects(jira: Jira, call: Call) -> Reply:
    shown = _shown_projects(jira, call, listed(call.query.get("status")) or ["live"])
    ids, keys = call.query.get("id", []), call.query.get("keys", [])
    query = (call.one("query") or "").lower()
    shown = [
        one
        for one in shown
        if (not ids or one["id"] in ids)
        and (not keys or one["key"] in keys)
        and (query in one["key"].lower() or query in one["name"].lower())
    ]
    return answer(jira.linked_page(call, shown, 50, 100))


@platform("GET", "project", [])
def all_projects(jira: Jira, call: Call) -> Reply:
    """The list of before there were pages; published clients ask for it."""
    return answer(_shown_projects(jira, call, ["live"]))


def _shown_projects(jira: Jira, call: Call, kinds: list[str]) -> list[dict[str, Any]]:
    view = jira.live(call)
    wanted = [
        p
        for p in site.PROJECTS.values()
        if not p.private and p.key not in call.hidden and p.id in view.world.site["project"]
    ]
    state = view.world.site["project"]
    shown = [p for p in wanted if ("archived" if state[p.id]["archived"] else "live") in kinds]
    expanded = set(listed(call.query.get("expand")))
    return [view.render.project(p.key, full=True) | _more_of(jira, call, p, expanded) for p in shown]


def _more_of(jira: Jira, call: Call, project: site.Project, expanded: set[str]) -> dict[str, Any]:
    render, shown = jira.live(call).render, {}
    if "description" in expanded:
        shown["description"] = f"What the team of {project.name} does."
    if "lead" in expanded:
        shown["lead"] = render.user(site.lead(project.key, jira.company.people).account_id)
    if "projectKeys" in expanded:
        shown["projectKeys"] = list(dict.fromkeys([site.key_of(project.key, call.now), project.key]))
    if "issueTypes" in expanded:
        shown["issueTypes"] = _types(jira, call, project)
    return shown


def _project(jira: Jira, call: Call, id_or_key: str) -> site.Project:
    state = jira.live(call).world.site["project"]
    for project in site.PROJECTS.values():
        is_shown = not project.private and project.key not in call.hidden and project.id in state
        if is_shown and id_or_key in (project.id, project.key, state[project.id]["key"]):
            return project
    raise Refusal(404, f"No project could be found with key '{id_or_key}'.")


@platform("GET", "project/type")
def project_types(jira: Jira, call: Call) -> Reply:
    kinds = (("software", "Software"), ("service_desk", "Service Desk"), ("business", "Business"))
    shown = [
        {"key": key, "formattedKey": name, "descriptionI18nKey": f"jira.project.type.{key}.description"}
        | {"icon": "", "color": "#A4A4A4"}
        for key, name in kinds
    ]
    return answer(shown)


@platform("GET", "projectCategory")
def project_categories(jira: Jira, call: Call) -> Reply:
    """The company never used them."""
    return answer([])


@platform("GET", "role")
def roles(jira: Jira, call: Call) -> Reply:
    names = (("10002", "Administrators"), ("10003", "Developers"))
    shown = [
        {"self": f"{API}/role/{key}", "name": name, "id": int(key), "description": "", "actors": []}
        for key, name in names
    ]
    return answer(shown)


@platform("GET", "project/{project}")
def one_project(jira: Jira, call: Call) -> Reply:
    project = _project(jira, call, call.one("/project") or "")
    render = jira.live(call).render
    more = _more_of(jira, call, project, {"description", "lead", "issueTypes", *listed(call.query.get("expand"))})
    shown = {"components": _components(jira, call, project), "versions": _versions(jira, call, project)}
    return answer(render.project(project.key, full=True) | more | shown | {"assigneeType": "UNASSIGNED", "roles": {}})


@platform("GET", "project/{project}/statuses")
def statuses_of_project(jira: Jira, call: Call) -> Reply:
    """Each of its issue types with the statuses of its workflow."""
    project = _project(jira, call, call.one("/project") or "")
    render = jira.live(call).render
    shown = [render.status(number) for number in render.workflow(project)]
    return answer(
        [
            {name: kind[name] for name in ("self", "id", "name", "subtask")} | {"statuses": shown}
            for kind in _types(jira, call, project)
        ]
    )


def _versions(jira: Jira, call: Call, project: site.Project) -> list[dict[str, Any]]:
    render, today = jira.live(call).render, jira.today(call)
    return [render.version(one, today) for one in site.VERSIONS if one.project == project.key]


@platform("GET", "project/{project}/versions")
def versions(jira: Jira, call: Call) -> Reply:
    return answer(_versions(jira, call, _project(jira, call, call.one("/project") or "")))


@platform("GET", "project/{project}/version")
def version_pages(jira: Jira, call: Call) -> Reply:
    known = _versions(jira, call, _project(jira, call, call.one("/project") or ""))
    return answer(jira.linked_page(call, known, 50, 50))


@platform("GET", "version/{version}")
def one_version(jira: Jira, call: Call) -> Reply:
    known = [one for project in site.PROJECTS.values() for one in _versions(jira, call, project)]
    return _entry(known, call.one("/version") or "", "version")


def _components(jira: Jira, call: Call, project: site.Project) -> list[dict[str, Any]]:
    render = jira.live(call).render
    return [render.component(one) for one in site.COMPONENTS if one.project == project.key]


@platform("GET", "project/{project}/components")
def components(jira: Jira, call: Call) -> Reply:
    return answer(_components(jira, call, _project(jira, call, call.one("/project") or "")))


@platform("GET", "project/{project}/component")
def component_pages(jira: Jira, call: Call) -> Reply:
    known = _components(jira, call, _project(jira, call, call.one("/project") or ""))
    return answer(jira.linked_page(call, [one | {"issueCount": 0} for one in known], 50, 50))


@platform("GET", "component/{component}")
def one_component(jira: Jira, call: Call) -> Reply:
    known = [one for project in site.PROJECTS.values() for one in _components(jira, call, project)]
    return _entry(known, call.one("/component") or "", "component")
