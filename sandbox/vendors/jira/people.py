"""Who is there: the API user, users and groups.

Belongs here: the answers about people. Does not: what the API user may see (api.py).
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.company.structure import Person
from sandbox.company.work import site
from sandbox.transport import Call, Refusal, Reply, answer
from sandbox.vendors.jira.api import EMAIL, Jira, listed, unseen, whole
from sandbox.vendors.jira.render import API
from sandbox.vendors.jira.routes import platform


@platform("GET", "myself")
def myself(jira: Jira, call: Call) -> Reply:
    user = jira.live(call).render.user(jira.company.people[0].account_id)
    user |= {
        "emailAddress": EMAIL,
        "displayName": "Product Operations",
        "timeZone": jira.company.user_zone,
        "locale": {"en": "en_GB", "de": "de_DE", "ja": "ja_JP"}[jira.company.language],
    }
    return answer(user | {"groups": {"size": 1, "items": []}, "applicationRoles": {"size": 1, "items": []}})


@platform("GET", "mypermissions", {"permissions": {}})
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


@platform("GET", "users", [])
@platform("GET", "users/search", [])
def users(jira: Jira, call: Call) -> Reply:
    """A bare array. Accounts that are filtered out still count for startAt: pages are short in mid-list."""
    view, people = jira.live(call), jira.company.people
    size = jira.size(call.one("maxResults"), 50, 1000)
    start = whole(call.one("startAt"), "startAt")
    page = [person for person in people[start : start + size] if not person.hidden]
    if not page:
        page = [person for person in people[start:] if not person.hidden][:1]
    return answer([view.render.user(person.account_id) for person in page])


@platform("GET", "user/search", [])
def found_users(jira: Jira, call: Call) -> Reply:
    """Those with a name that begins, in one of its words, with what is searched for."""
    query, account_id = (call.one("query") or "").strip().lower(), call.one("accountId")
    if not query and account_id is None:
        raise Refusal(400, "Either the 'query', the 'accountId' or the 'property' query parameter must be provided.")
    shown = [user for user in _shown(jira, call) if _matches(user, query, account_id)]
    start, size = whole(call.one("startAt"), "startAt"), jira.size(call.one("maxResults"), 50, 1000)
    return answer(shown[start : start + size])


def _matches(user: dict[str, Any], query: str, account_id: str | None) -> bool:
    if account_id is not None:
        return bool(user["accountId"] == account_id)
    name = user["displayName"].lower()
    return name.startswith(query) or any(word.startswith(query) for word in name.split())


def _shown(jira: Jira, call: Call) -> list[dict[str, Any]]:
    render = jira.live(call).render
    return [render.user(person.account_id) for person in jira.company.people if not person.hidden]


@platform("GET", "user/bulk")
def bulk_users(jira: Jira, call: Call) -> Reply:
    wanted = set(call.query.get("accountId", ()))
    if not wanted:
        raise Refusal(400, "The query parameter 'accountId' is required.")
    return answer(jira.linked_page(call, [user for user in _shown(jira, call) if user["accountId"] in wanted], 10, 200))


@platform("GET", "user")
def one_user(jira: Jira, call: Call) -> Reply:
    user = jira.live(call).render.user(_person(jira, call).account_id)
    groups = [_group(name) for name in _groups_of(jira, call)]
    expanded = set(listed(call.query.get("expand")))
    if "groups" in expanded:
        user["groups"] = {"size": len(groups), "items": groups}
    if "applicationRoles" in expanded:
        user["applicationRoles"] = {"size": 0, "items": []}
    return answer(user | {"expand": "groups,applicationRoles"})


@platform("GET", "user/groups")
def groups_of_user(jira: Jira, call: Call) -> Reply:
    return answer([_group(name) for name in _groups_of(jira, call)])


def _person(jira: Jira, call: Call) -> Person:
    account_id = call.one("accountId")
    found = [person for person in jira.company.people if person.account_id == account_id]
    if not found:
        raise Refusal(404, "Specified user does not exist or you do not have required permissions")
    return found[0]


def _groups_of(jira: Jira, call: Call) -> list[str]:
    person = _person(jira, call)
    return [name for name, members in site.groups(jira.company.people).items() if person in members]


def _group(name: str) -> dict[str, Any]:
    identity = str(uuid5(NAMESPACE_URL, name))
    return {"name": name, "groupId": identity, "self": f"{API}/group?groupId={identity}"}


@platform("GET", "group/bulk")
def groups(jira: Jira, call: Call) -> Reply:
    wanted, ids = call.query.get("groupName", []), call.query.get("groupId", [])
    known = [{"name": group["name"], "groupId": group["groupId"]} for group in map(_group, site.groups([]))]
    shown = [one for one in known if one["name"] in wanted or one["groupId"] in ids or not (wanted or ids)]
    return answer(jira.linked_page(call, shown, 50, 50))


@platform("GET", "groups/picker", {"header": "Showing 0 of 0 matching groups", "total": 0, "groups": []})
def picked_groups(jira: Jira, call: Call) -> Reply:
    query = (call.one("query") or "").lower()
    found = [
        {"name": group["name"], "html": group["name"], "labels": [], "groupId": group["groupId"]}
        for group in map(_group, site.groups([]))
        if query in group["name"].lower()
    ]
    header = f"Showing {len(found)} of {len(found)} matching groups"
    return answer({"header": header, "total": len(found), "groups": found})


@platform("GET", "group/member")
def members(jira: Jira, call: Call) -> Reply:
    """Those who are active, unless the others are asked for too."""
    name, identity = call.one("groupname") or call.one("groupName"), call.one("groupId")
    known = site.groups(jira.company.people)
    found = [one for one in known if one == name or _group(one)["groupId"] == identity]
    if not found:
        raise Refusal(404, f"The group named '{name or identity}' does not exist.")
    view, with_inactive = jira.live(call), call.one("includeInactiveUsers") in ("true", "True")
    shown = [view.render.user(person.account_id) for person in known[found[0]]]
    return answer(jira.linked_page(call, [user for user in shown if user["active"] or with_inactive], 50, 50))
