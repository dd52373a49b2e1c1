"""Which fields of an issue an answer shows, and what `expand` adds to them.

Belongs here: `fields` and `expand` as Atlassian documents them for search, bulk fetch and one issue; unknown values of
`expand` are ignored, as the vendor does. Does not: the fields themselves (render.py), which issues (issues.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import msgspec

from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.vendors.jira.api import View, listed, recorded
from sandbox.vendors.jira.render import (
    API,
    NOT_NAVIGABLE,
    PRIORITIES,
    SHOWN_HISTORIES,
    JiraRenderer,
    plain,
)

EXPANDS = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
DATES = ("created", "updated", "resolutiondate", "statuscategorychangedate")


@dataclass(frozen=True, slots=True)
class Shown:
    """``names``: fields that are shown, `*all` and `*navigable` among them; ``dropped``: those that are not."""

    names: frozenset[str]
    dropped: frozenset[str]
    expand: frozenset[str]

    @classmethod
    def read(cls, given: Mapping[str, Any], default: str, less: str) -> Shown:
        """``default``: what is shown where nothing is asked for; ``less``: what `-field` alone is taken from."""
        asked = listed(given.get("fields"))
        dropped = frozenset(name[1:] for name in asked if name.startswith("-"))
        names = frozenset(name for name in asked if not name.startswith("-"))
        names = names or frozenset([less if dropped else default])
        return cls(names, dropped, frozenset(listed(given.get("expand"))))

    @property
    def is_brief(self) -> bool:
        """Whether no field is asked for, but what an issue is called."""
        return self.names <= {"id", "key"} and not self.expand

    def issue(self, view: View, issue: Issue) -> dict[str, Any]:
        if self.is_brief and self.names == {"id"}:
            return {"id": str(issue.id)}
        shown: dict[str, Any] = {"expand": EXPANDS, "id": str(issue.id)}
        shown |= {"self": f"{API}/issue/{issue.id}", "key": issue.key}
        if "versionedRepresentations" in self.expand:
            shown["versionedRepresentations"] = {
                name: {"1": value} for name, value in self._fields(view, issue).items()
            }
        elif "*all" in self.names and not self.dropped:
            shown["fields"] = msgspec.Raw(view.issue(issue))
        elif not self.names <= {"id", "key"}:
            shown["fields"] = self._fields(view, issue)
        return shown | self._expanded(view, issue)

    def _fields(self, view: View, issue: Issue) -> dict[str, Any]:
        known: dict[str, Any] = msgspec.json.decode(view.issue(issue))
        return {name: value for name, value in known.items() if self.shows(name)}

    def shows(self, name: str) -> bool:
        is_navigable = "*navigable" in self.names and name not in NOT_NAVIGABLE
        return (name in self.names or "*all" in self.names or is_navigable) and name not in self.dropped

    def _expanded(self, view: View, issue: Issue) -> dict[str, Any]:
        render, shown = view.render, {}
        if "renderedFields" in self.expand:
            shown["renderedFields"] = rendered(render, self._fields(view, issue))
        if "transitions" in self.expand:
            shown["transitions"] = transitions(render, issue)
        if "operations" in self.expand:
            shown["operations"] = operations(issue)
        if "editmeta" in self.expand:
            shown["editmeta"] = editmeta(render, issue)
        if "changelog" in self.expand:
            known = recorded(issue)
            newest = known[::-1][:SHOWN_HISTORIES]
            histories = [render.history(event) for event in newest]
            page = {"startAt": 0, "maxResults": len(newest), "total": len(known)}
            shown["changelog"] = page | {"histories": histories}
        return shown

    def described(self, view: View, issues: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """The names and the schemas of the fields that these issues show."""
        if not self.expand & {"names", "schema"} or not issues:
            return {}
        known = {field["id"]: field for field in view.render.all_fields() if self.shows(field["id"])}
        shown: dict[str, Any] = {}
        if "names" in self.expand:
            shown["names"] = {name: field["name"] for name, field in known.items()}
        if "schema" in self.expand:
            shown["schema"] = {name: field["schema"] for name, field in known.items()}
        return shown


def transitions(render: JiraRenderer, issue: Issue) -> list[dict[str, Any]]:
    """From any status of the project's workflow to any other of them."""
    return [
        {"id": f"{number}1", "name": (status := render.status(key))["name"], "to": status, "hasScreen": False}
        | {"isGlobal": True, "isInitial": False, "isAvailable": True, "isConditional": False, "looped": False}
        for number, key in enumerate(render.workflow(site.PROJECTS[issue.values["project"]]), 1)
        if key != issue.values["status"]
    ]


def operations(issue: Issue) -> dict[str, Any]:
    """The links of the issue's page; there is more of them on a real one."""
    edit = {"id": "edit-issue", "styleClass": "issueaction-edit-issue", "label": "Edit", "title": "Edit this issue"}
    edit |= {"href": f"/secure/EditIssue!default.jspa?id={issue.id}"}
    group = {"id": "edit-container", "weight": 1, "links": [edit], "groups": []}
    return {"linkGroups": [{"id": "view.issue.opsbar", "links": [], "groups": [group]}]}


def editmeta(render: JiraRenderer, issue: Issue) -> dict[str, Any]:
    """Fields that a person may change on the issue's page, and how."""
    lists, choices = {"labels", "components", "fixVersions", "versions"}, {"issuetype", "priority"}
    texts = {"summary", "description", "assignee", "duedate", "environment", "parent"}
    values = {
        "priority": [render.priority(key) for key in PRIORITIES],
        "issuetype": [render.issue_type(issue.values["type"])],
    }
    shown = {}
    for field in render.all_fields():
        name = field["id"]
        if name in lists | choices | texts or field["custom"]:
            done = ["add", "set", "remove"] if name in lists else ["set"]
            shown[name] = {"required": name in ("summary", "issuetype"), "schema": field["schema"]}
            shown[name] |= {"name": field["name"], "key": field["key"], "operations": done}
            shown[name] |= {"allowedValues": values[name]} if name in values else {}
    return {"fields": shown}


def rendered(render: JiraRenderer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as HTML and instants as the user's page shows them; nothing for what has no other form."""
    shown: dict[str, Any] = dict.fromkeys(fields)
    for name in DATES:
        if fields.get(name):
            shown[name] = render.on_page(fields[name])
    for name in ("description", "environment"):
        if name in fields:
            shown[name] = html(fields[name])
    for name, part, text in (("comment", "comments", "body"), ("worklog", "worklogs", "comment")):
        if name in fields:
            parts = [
                one | {text: html(one[text]), "created": render.on_page(one["created"])} for one in fields[name][part]
            ]
            shown[name] = fields[name] | {part: parts}
    return shown


def html(document: Any) -> str:
    text = plain(document)
    return f"<p>{escape(text)}</p>" if text else ""
