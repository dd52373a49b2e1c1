"""The company's state as Jira's JSON: issues, histories, worklogs, projects, statuses, fields, boards, sprints, users.

Belongs here: every shape Jira gives to a fact, odd ones included: offsets without a colon, null `from`, absent
`fieldId`, a missing author, blank account ids, plain and structured text. Does not: which records an answer holds
(api.py). Records name the site by its public address, never by the sandbox's port: what did not change reads the same.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sandbox.company.structure import FIELD_TEAMS, Person
from sandbox.company.work import site
from sandbox.company.work.events import BLANK_AUTHOR, NO_AUTHOR, Change, IssueChanged, LinkEnd
from sandbox.company.work.state import Issue, Worklog, World
from sandbox.timestamps import local, utc

SITE = "https://made-up-company.atlassian.net"
API, AGILE = f"{SITE}/rest/api/3", f"{SITE}/rest/agile/1.0"
CATEGORIES = {
    "undefined": (1, "No Category", "medium-gray"),
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
PRIORITIES = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
SHOWN_WORKLOGS, SHOWN_HISTORIES = 20, 40
NOT_NAVIGABLE = frozenset({"attachment", "comment", "issuerestriction", "timetracking", "worklog"})
# The names of a field in JQL, where they are not its id.
CLAUSE_NAMES = {
    "issuetype": ["issuetype", "type"],
    "fixVersions": ["fixVersion"],
    "versions": ["affectedVersion"],
    "components": ["component"],
    "duedate": ["due", "duedate"],
    "created": ["created", "createdDate"],
    "updated": ["updated", "updatedDate"],
    "resolutiondate": ["resolutiondate", "resolved"],
    "statuscategorychangedate": ["statusCategoryChangedDate"],
    "timeestimate": ["remainingEstimate", "timeestimate"],
    "timeoriginalestimate": ["originalEstimate", "timeoriginalestimate"],
    "attachment": ["attachments"],
    "security": ["level"],
    "watches": ["watchers"],
}
# Fields that JQL does not know.
NOT_SEARCHABLE = frozenset(
    {
        "aggregatetimeestimate",
        "aggregatetimeoriginalestimate",
        "aggregatetimespent",
        "issuelinks",
        "issuerestriction",
        "progress",
        "subtasks",
        "timetracking",
        "worklog",
    }
)
EMPTY_SYSTEM = (
    "aggregatetimeestimate",
    "aggregatetimeoriginalestimate",
    "duedate",
    "environment",
    "lastViewed",
    "security",
    "timeestimate",
    "timeoriginalestimate",
)


def team_id(name: str) -> str:
    return f"7d1f0c3a-51c2-4a0e-9b1d-{FIELD_TEAMS.index(name) + 1:012d}"


def document(text: str | None) -> Any:
    """A description as Jira shows it: ADF, or plain text where an old API wrote it, or nothing."""
    if text is None:
        return None
    if text.startswith("plain:"):
        return text.removeprefix("plain:")
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def plain(value: Any) -> Any:
    """An answer as version 2 gives it: documents are their text, links lead to version 2."""
    if isinstance(value, dict):
        if value.get("type") == "doc" and "content" in value:
            return "\n".join(_text(block) for block in value["content"])
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str) and value.startswith(f"{API}/"):
        return f"{SITE}/rest/api/2/{value.removeprefix(f'{API}/')}"
    return value


def _text(node: Any) -> str:
    return node.get("text", "") + "".join(_text(child) for child in node.get("content", ()))


def number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def avatars(kind: str, which: str) -> dict[str, str]:
    return {
        f"{size}x{size}": f"{SITE}/rest/api/3/universal_avatar/view/type/{kind}/avatar/{which}?size={size}"
        for size in (48, 24, 16, 32)
    }


class JiraRenderer:
    """Renders one world. Everything it returns is made of dicts, lists and plain values."""

    def __init__(self, world: World) -> None:
        self.world, self.company = world, world.company
        self.fields = world.company.fields
        self.people: dict[str, Person] = {person.account_id: person for person in world.company.people}

    # -- small things

    def time(self, at: int) -> str:
        timestamp = local(at, self.company.user_zone)
        return f"{timestamp:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}{timestamp:%z}"

    def user(self, account_id: str) -> dict[str, Any]:
        person, state = self.people[account_id], self.world.site["user"][account_id]
        return {
            "self": f"{API}/user?accountId={account_id}",
            "accountId": account_id,
            "avatarUrls": avatars("user", account_id[-4:]),
            "displayName": state["name"],
            "active": state["active"],
            "timeZone": person.time_zone,
            "accountType": person.account_type,
        }

    def shown(self, name: str) -> str:
        return site.shown(name, self.company.language)

    def category(self, key: str) -> dict[str, Any]:
        identity, name, color = CATEGORIES[key]
        return {
            "self": f"{API}/statuscategory/{identity}",
            "id": identity,
            "key": key,
            "colorName": color,
            "name": self.shown(name),
        }

    def status(self, status_id: str) -> dict[str, Any]:
        state = self.world.site["status"].get(status_id)
        name, category, owner = (
            site.STATUSES[status_id] if state is None else (state["name"], state["category"], state["project"])
        )
        shown = {
            "self": f"{API}/status/{status_id}",
            "description": "",
            "iconUrl": f"{SITE}/images/icons/statuses/generic.png",
            "name": name,
            "untranslatedName": name,
            "id": status_id,
            "statusCategory": self.category(category),
        }
        if owner is not None:
            shown["scope"] = {"type": "PROJECT", "project": {"id": site.PROJECTS[owner].id}}
        return shown

    def issue_type(self, type_id: str) -> dict[str, Any]:
        kind = site.TYPES[type_id]
        return {
            "self": f"{API}/issuetype/{type_id}",
            "id": type_id,
            "description": f"A {kind.name.lower()}.",
            "iconUrl": f"{SITE}/rest/api/2/universal_avatar/view/type/issuetype/avatar/10315?size=medium",
            "name": self.shown(kind.name),
            "untranslatedName": kind.name,
            "subtask": kind.level < 0,
            "avatarId": 10315,
            "hierarchyLevel": kind.level,
        }

    def project(self, key: str, full: bool = False) -> dict[str, Any]:
        project = site.PROJECTS[key]
        shown = {
            "self": f"{API}/project/{project.id}",
            "id": project.id,
            "key": self.world.site["project"][project.id]["key"],
            "name": self.world.site["project"][project.id]["name"],
            "projectTypeKey": "software",
            "simplified": project.team_managed,
            "avatarUrls": avatars("project", project.id),
        }
        if full:
            shown |= {"expand": "description,lead,issueTypes,url,projectKeys,permissions,insight", "isPrivate": False}
            shown |= {"style": "next-gen" if project.team_managed else "classic", "properties": {}}
        return shown

    def sprint(self, sprint_id: int, in_issue: bool = False) -> dict[str, Any]:
        state = self.world.site["sprint"][str(sprint_id)]
        shown: dict[str, Any] = {"id": sprint_id, "name": state["name"], "state": state["state"]}
        if in_issue:
            shown |= {"boardId": state["board_id"], "goal": state["goal"]}
        else:
            shown = {"id": sprint_id, "self": f"{AGILE}/sprint/{sprint_id}"} | shown
            shown |= {"originBoardId": state["board_id"], "goal": state["goal"]}
        for name, key in (("startDate", "start"), ("endDate", "end"), ("completeDate", "complete")):
            if key in state:
                shown[name] = f"{utc(state[key]):%Y-%m-%dT%H:%M:%S}.{state[key] % 1000:03d}Z"
        return shown

    def board(self, board_id: int) -> dict[str, Any]:
        state = self.world.site["board"][str(board_id)]
        project = site.PROJECTS[state["project"]]
        name = self.world.site["project"][project.id]["name"]
        place = {"projectId": int(project.id), "displayName": f"{name} ({project.key})", "projectName": name}
        place |= {"projectKey": project.key, "projectTypeKey": "software", "name": f"{name} ({project.key})"}
        shown = {"id": board_id, "self": f"{AGILE}/board/{board_id}", "name": state["name"], "type": state["type"]}
        return shown | {"location": place, "isPrivate": False}

    def all_fields(self) -> list[dict[str, Any]]:
        return [
            {"id": name, "key": name, "name": self.shown(title), "custom": "custom" in schema}
            | ({"untranslatedName": title} if "custom" in schema else {})
            | {"orderable": True, "navigable": name not in NOT_NAVIGABLE}
            | {"clauseNames": (clauses := self.clause_names(name, title, schema)), "searchable": bool(clauses)}
            | {"schema": schema | ({"customId": int(name.rsplit("_", 1)[1])} if "custom" in schema else {})}
            for name, title, schema in site.field_list(self.fields)
        ]

    def clause_names(self, name: str, title: str, schema: dict[str, str]) -> list[str]:
        if "custom" in schema:
            return [f"cf[{name.rpartition('_')[2]}]", title]
        return [] if name in NOT_SEARCHABLE else CLAUSE_NAMES.get(name, [name])

    def workflow(self, project: site.Project) -> list[str]:
        """Its statuses that the site still has, in the order in which work goes through them."""
        flow = project.workflow
        steps = dict.fromkeys((flow.todo, flow.doing, flow.review, flow.done, flow.dropped))
        return [step for step in steps if step in self.world.site["status"]]

    def component(self, component: site.Component) -> dict[str, Any]:
        lead = self.user(site.lead(component.project, self.company.people).account_id)
        project = site.PROJECTS[component.project]
        return {
            "self": f"{API}/component/{component.id}",
            "id": component.id,
            "name": component.name,
            "description": "",
            "lead": lead,
            "assigneeType": "PROJECT_DEFAULT",
            "realAssigneeType": "PROJECT_DEFAULT",
            "isAssigneeTypeValid": False,
            "project": self.world.site["project"][project.id]["key"],
            "projectId": int(project.id),
        }

    def version(self, version: site.Version, today: date) -> dict[str, Any]:
        released = date.fromisoformat(version.released)
        shown = {
            "self": f"{API}/version/{version.id}",
            "id": version.id,
            "name": version.name,
            "description": "",
            "archived": False,
            "released": released <= today,
            "releaseDate": version.released,
            "userReleaseDate": f"{released:%d/%b/%y}",
            "projectId": int(site.PROJECTS[version.project].id),
        }
        return shown if shown["released"] else shown | {"overdue": False}

    def fix_versions(self, issue: Issue) -> list[dict[str, Any]]:
        """Those that its histories name; an issue shows of a version less than the list of versions does."""
        changes = [change for one in issue.histories for change in one.changes if change.field == site.IN_VERSION]
        today = utc(self.world.now).date()
        shown = ("self", "id", "description", "name", "archived", "released", "releaseDate")
        known = {one.id: self.version(one, today) for one in site.VERSIONS}
        return [{name: known[change.after[0]][name] for name in shown} for change in changes]

    @staticmethod
    def on_page(instant: str) -> str:
        """An instant of an answer as the site's own pages write it."""
        return f"{datetime.strptime(instant, '%Y-%m-%dT%H:%M:%S.%f%z'):%d/%b/%y %-I:%M %p}"

    # -- issues

    def brief(self, issue: Issue) -> dict[str, Any]:
        """An issue as another issue shows it."""
        values = issue.values
        fields = {"summary": values["summary"], "status": self.status(values["status"])}
        fields |= {"priority": self.priority(values["priority"]), "issuetype": self.issue_type(values["type"])}
        return {"id": str(issue.id), "key": issue.key, "self": f"{API}/issue/{issue.id}", "fields": fields}

    def priority(self, priority: str) -> dict[str, Any]:
        icon = f"{SITE}/images/icons/priorities/{PRIORITIES[priority].lower()}.svg"
        return {"self": f"{API}/priority/{priority}", "iconUrl": icon, "name": PRIORITIES[priority], "id": priority}

    def resolution(self, resolution: str) -> dict[str, Any]:
        return {
            "self": f"{API}/resolution/{resolution}",
            "id": resolution,
            "description": "",
            "name": self.shown(site.RESOLUTIONS[resolution]),
        }

    def issue_fields(self, issue: Issue) -> dict[str, Any]:
        values, f = issue.values, self.fields
        team_managed = site.PROJECTS[values["project"]].team_managed
        is_epic = site.TYPES[values["type"]].level > 0
        spent = sum(log.seconds for log in issue.worklogs.values())
        owner = self.world.issues.get(values["parent"] or values["epic"])
        subtasks = [
            self.brief(child) for n in issue.children if (child := self.world.issues[n]).values["parent"] == issue.id
        ]
        logs = [self.worklog(log) for log in list(issue.worklogs.values())[:SHOWN_WORKLOGS]]
        shown: dict[str, Any] = {
            "statuscategorychangedate": self.time(issue.category_since),
            "issuetype": self.issue_type(values["type"]),
            "timespent": spent or None,
            "project": self.project(values["project"]),
            "fixVersions": self.fix_versions(issue),
            "aggregatetimespent": spent or None,
            "resolution": None if values["resolution"] is None else self.resolution(values["resolution"]),
            "resolutiondate": None if values["resolution"] is None else self.time(issue.resolved_at),
            "workratio": -1,
            "watches": {"self": f"{API}/issue/{issue.key}/watchers", "watchCount": 1, "isWatching": False},
            "created": self.time(issue.created),
            "priority": self.priority(values["priority"]),
            "labels": list(values["labels"]),
            "versions": [],
            "issuelinks": self.links(issue),
            "assignee": None if values["assignee"] is None else self.user(values["assignee"]),
            "updated": self.time(issue.updated),
            "status": self.status(values["status"]),
            "components": [],
            "description": document(values["description"]),
            "timetracking": {"timeSpent": f"{spent // 60}m", "timeSpentSeconds": spent} if spent else {},
            "attachment": [],
            "summary": values["summary"],
            "creator": self.user(issue.author),
            "subtasks": subtasks,
            "reporter": self.user(issue.author),
            "progress": {"progress": spent, "total": spent} | ({"percent": 100} if spent else {}),
            "votes": {"self": f"{API}/issue/{issue.key}/votes", "votes": 0, "hasVoted": False},
            "comment": self.comments(issue),
            "worklog": {"startAt": 0, "maxResults": SHOWN_WORKLOGS, "total": len(issue.worklogs), "worklogs": logs},
            "issuerestriction": {"issuerestrictions": {}, "shouldDisplay": team_managed},
            f.sprint: [self.sprint(n, True) for n in values["sprints"] if str(n) in self.world.site["sprint"]] or None,
            f.team: None if values["team"] is None else self.team(values["team"]),
            f.epic_link: owner.key if owner and values["epic"] and not team_managed and not is_epic else None,
            f.points: None if team_managed else values["points"],
            f.estimate: values["points"] if team_managed else None,
            f.rank: f"0|i{issue.id:05x}:",
            f.old_team: None,
            **dict.fromkeys(EMPTY_SYSTEM),
            **dict.fromkeys(site.EMPTY_FIELDS),
        }
        if owner is not None:
            shown["parent"] = self.brief(owner)
        return shown

    def links(self, issue: Issue) -> list[dict[str, Any]]:
        """This issue stands before the words: `<this> <outward> <outwardIssue>`, `<this> <inward> <inwardIssue>`. What
        the API user may not see is not there."""
        found = []
        for end in self.world.linked(issue):
            other, kind = self.world.issues[end.other], site.LINK_TYPES[end.type]
            if site.PROJECTS[other.values["project"]].private:
                continue
            about = {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward}
            shown = {"id": str(end.link_id), "self": f"{API}/issueLink/{end.link_id}"}
            shown |= {"type": about | {"self": f"{API}/issueLinkType/{kind.id}"}}
            found.append(shown | {"outwardIssue" if end.is_outward else "inwardIssue": self.brief(other)})
        return found

    def team(self, name: str) -> dict[str, Any]:
        return {
            "id": team_id(name),
            "name": name,
            "avatarUrl": "",
            "isVisible": True,
            "isVerified": False,
            "title": name,
            "isShared": True,
        }

    def comments(self, issue: Issue) -> dict[str, Any]:
        found = [
            {
                "self": f"{API}/issue/{issue.id}/comment/{issue.id * 100 + place}",
                "id": str(issue.id * 100 + place),
                "author": self.user(comment.author),
                "body": document(comment.text),
                "created": self.time(comment.at),
                "updated": self.time(comment.at),
                "jsdPublic": True,
            }
            for place, comment in enumerate(issue.comments)
        ]
        return {
            "comments": found,
            "self": f"{API}/issue/{issue.id}/comment",
            "maxResults": len(found),
            "total": len(found),
            "startAt": 0,
        }

    def worklog(self, log: Worklog) -> dict[str, Any]:
        return {
            "self": f"{API}/issue/{log.issue_id}/worklog/{log.id}",
            "author": self.user(log.author),
            "updateAuthor": self.user(log.author),
            "comment": document(log.comment),
            "created": self.time(log.created),
            "updated": self.time(log.updated),
            "started": self.time(log.started),
            "timeSpent": f"{log.seconds // 60}m",
            "timeSpentSeconds": log.seconds,
            "id": str(log.id),
            "issueId": str(log.issue_id),
        }

    # -- histories

    def history(self, event: IssueChanged, bulk: bool = False) -> dict[str, Any]:
        """One history. In bulk answers some carry `created` as a number of milliseconds, like the vendor's example."""
        shown: dict[str, Any] = {"id": str(event.history_id)}
        if event.history_id % NO_AUTHOR:
            shown["author"] = self.user(event.author)
            if event.history_id % BLANK_AUTHOR == 0:
                shown["author"] |= {"accountId": "", "emailAddress": ""}
        shown["created"] = event.at if bulk and event.history_id % 4 == 1 else self.time(event.at)
        shown["items"] = [item for change in event.changes for item in self.items(change, event)]
        return shown

    def items(self, change: Change, event: IssueChanged) -> list[dict[str, Any]]:
        """The words in which Jira records a change; the classic and the newer one for an epic, or both."""
        if change.field == "epic":
            classic = {"field": "Epic Link", "fieldtype": "custom", "fieldId": self.fields.epic_link}
            newer = {"field": "IssueParentAssociation", "fieldtype": "jira"}
            team_managed = self.was_team_managed(event)
            # what stands above an epic never was in the field that names an epic
            is_epic = site.TYPES[self.world.issues[event.issue_id].values["type"]].level > 0
            kinds = [newer] if team_managed or is_epic or event.at >= site.PARENT_SINCE else [classic]
            kinds = [classic, newer] if change.style == "both" else kinds
            if change.style == "migrated":
                return self.migrated(change, event, classic, newer)
        else:
            kinds = [self.names(change, event)]
        before, after = (
            self.pair(change.field, change.before, event.at),
            self.pair(change.field, change.after, event.at),
        )
        found = []
        for kind in kinds:
            item = kind | {"from": before[0], "fromString": before[1], "to": after[0], "toString": after[1]}
            if event.history_id % 3 == 0:
                item.pop("fieldId", None)
            if change.field == "assignee":
                item |= {"tmpFromAccountId": before[0], "tmpToAccountId": after[0]}
            found.append(self.imported(item, change.style))
        return found

    def migrated(
        self, change: Change, event: IssueChanged, classic: dict[str, Any], newer: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The parent is set and the epic link is cleared, in this order: the epic stays what it was."""
        epic, title = self.pair("epic", change.after, event.at)
        nothing: dict[str, Any] = {"from": None, "fromString": None, "to": None, "toString": None}
        return [
            newer | nothing | {"to": epic, "toString": title},
            classic | nothing | {"from": epic, "fromString": title},
        ]

    def imported(self, item: dict[str, Any], style: str) -> dict[str, Any]:
        """A status in the words of an import: without ids, without one of them, with those of the site it was on."""
        if style == "names":
            return item | {"from": None, "to": None}
        if style == "half":
            return item | {"to": None}
        if style == "foreign":
            return item | {name: f"77{item[name]}" for name in ("from", "to")}
        return item

    def was_team_managed(self, event: IssueChanged) -> bool:
        key = self.world.key_at(event.issue_id, event.at).rpartition("-")[0]
        return next(p.team_managed for p in site.PROJECTS.values() if site.key_of(p.key, event.at) == key)

    def names(self, change: Change, event: IssueChanged) -> dict[str, Any]:
        f = self.fields
        own = {"sprints": ("Sprint", f.sprint), "team": (f.team_name, f.team), "Rank": ("Rank", f.rank)}
        team_managed = self.was_team_managed(event)
        own["points"] = ("Story point estimate", f.estimate) if team_managed else ("Story Points", f.points)
        if change.field in own:
            title, name = own[change.field]
            return {"field": title, "fieldtype": "custom", "fieldId": name}
        unnamed = {
            "key": "Key",
            "parent": "IssueParentAssociation" if team_managed else "Parent",
            "worklog": "WorklogId",
        }
        if change.field in unnamed or change.field[0].isupper():
            return {"field": unnamed.get(change.field, change.field), "fieldtype": "jira"}
        title = {"type": "issuetype", "spent": "timespent"}.get(change.field, change.field)
        return {"field": title, "fieldtype": "jira", "fieldId": title}

    def pair(self, field: str, value: Any, at: int) -> tuple[str | None, str | None]:
        """(`from`, `fromString`) of a value: most fields have an id and a text, some only one, a cleared one none.
        Texts are those of the day: a sprint renamed later keeps its old name in old histories."""
        if field == "sprints":
            return ", ".join(map(str, value)), ", ".join(
                f"{self.company.sprints[n - 1].project} Sprint {n}" for n in value
            )
        if field == "labels":
            return None, " ".join(value)
        if field == "Rank":
            return "", value
        if value is None:
            return None, None
        if isinstance(value, LinkEnd):
            kind, other = site.LINK_TYPES[value.type], self.world.key_at(value.other, at)
            return other, f"This issue {kind.outward if value.is_outward else kind.inward} {other}"
        if isinstance(value, tuple):
            return str(value[0]), str(value[1])
        if field == "status":
            return value, site.STATUSES[value][0]
        if field == "resolution":
            return value, site.RESOLUTIONS[value]
        if field == "priority":
            return value, PRIORITIES[value]
        if field == "type":
            return value, site.TYPES[value].name
        if field == "project":
            return site.PROJECTS[value].id, site.PROJECTS[value].name
        if field in ("epic", "parent"):
            return str(value), self.world.key_at(value, at)
        if field == "team":
            return team_id(value), value
        if field == "assignee":
            return value, self.people[value].name
        if field == "points":
            return None, number(value)
        if field in ("spent", "worklog"):
            return str(value), str(value)
        return None, str(value).removeprefix("plain:")
