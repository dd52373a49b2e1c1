"""The company's Jira site: projects, workflows, types, fields, boards, sprints, users.

Belongs here: what Jira calls by name and the events by which it changes. Does not: issues (everyday.py, cases.py), the
JSON in which Jira shows them (sandbox/vendors/jira/render.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sandbox.company.structure import DatedRow, Person
from sandbox.company.work.events import SiteChanged
from sandbox.timestamps import DAY, HOUR, ms

START = ms("2025-04-01T00:00:00Z")
END = ms("2027-01-31T00:00:00Z")
SPRINT_LENGTH = 14 * DAY
# Before this day company-managed projects record an epic as `Epic Link`, afterwards as `IssueParentAssociation`.
PARENT_SINCE = ms("2025-12-01T00:00:00Z")
STATUS_REMOVED = ms("2026-03-02T10:15:00Z")
STATUS_MERGED = ms("2026-10-15T09:00:00Z")
STATUS_REMAPPED = ms("2026-11-23T14:00:00Z")


@dataclass(frozen=True, slots=True)
class Workflow:
    todo: str
    doing: str
    review: str
    done: str
    dropped: str


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    key: str
    name: str
    team_managed: bool
    board: str  # scrum, kanban or simple
    sprints: bool
    workflow: Workflow
    archived: bool = False
    private: bool = False  # the API user may not see it


CLASSIC = Workflow("10000", "3", "10001", "10002", "10003")
KANBAN = Workflow("10010", "3", "10011", "10002", "10003")
PROJECTS = {
    project.key: project
    for project in (
        Project("10100", "PAY", "Payments", False, "scrum", True, CLASSIC),
        Project("10101", "SHOP", "Shop", False, "scrum", True, CLASSIC),
        Project(
            "10102", "INS", "Insights", True, "simple", True, Workflow("10020", "10021", "10021", "10022", "10022")
        ),
        Project("10103", "OPS", "Operations", False, "kanban", False, KANBAN),
        Project(
            "10104", "LAB", "Laboratory", True, "simple", False, Workflow("10030", "10031", "10031", "10032", "10032")
        ),
        Project("10105", "ATTIC", "Attic", False, "scrum", True, CLASSIC, archived=True),
        Project("10106", "REL", "Releases", False, "kanban", False, CLASSIC),
        Project("10107", "VAULT", "Vault", False, "kanban", False, CLASSIC, private=True),
        Project("10108", "MUSE", "Museum", False, "kanban", False, CLASSIC),
        Project("10109", "PLAN", "Plans", False, "kanban", False, CLASSIC),  # initiatives, which no team works on
    )
}
# Projects in which everyday work happens; the others have labelled cases only.
LIVE = tuple(PROJECTS[key] for key in ("PAY", "SHOP", "INS", "OPS", "LAB"))
# On the timeline's first day, before anybody can have loaded the site: the keys of its issues change with it.
RENAMED = {"REL": (START + 18 * HOUR, "SHIP")}
ARCHIVED = {"MUSE": ms("2026-11-30T09:00:00Z")}


def key_of(project: str, at: int) -> str:
    """The key of a project at an instant: the first one is its name among ourselves."""
    since, key = RENAMED.get(project, (at + 1, ""))
    return key if since <= at else project


# id -> (name, category, project of a team-managed status). Names are no guide: two are called Done in other words.
STATUSES = {
    "10000": ("To Do", "new", None),
    "3": ("In Progress", "indeterminate", None),
    "10001": ("In Review", "indeterminate", None),
    "10002": ("Done", "done", None),
    "10003": ("Won't Do", "done", None),
    "10004": ("Deploying", "indeterminate", None),  # removed from the site at STATUS_REMOVED
    "10005": ("Parked", "undefined", None),  # a status without a category
    "10006": ("Vendor check", "indeterminate", None),  # of a workflow that nothing uses any more: in no list
    "10007": ("Released", "done", None),  # merged into Done at STATUS_MERGED
    "10008": ("Shipped", "done", None),  # merged into Done at STATUS_REMOVED
    "10010": ("Backlog", "new", None),
    "10011": ("Selected", "new", None),  # becomes `indeterminate` at STATUS_REMAPPED, without touching an issue
    "10020": ("To Do", "new", "INS"),
    "10021": ("In Arbeit", "indeterminate", "INS"),
    "10022": ("Fertig", "done", "INS"),
    "10030": ("Ideas", "new", "LAB"),
    "10031": ("In Progress", "indeterminate", "LAB"),
    "10032": ("Done", "done", "LAB"),
}
DEPLOYING, PARKED, VENDOR_CHECK, RELEASED, SHIPPED, SELECTED = "10004", "10005", "10006", "10007", "10008", "10011"


@dataclass(frozen=True, slots=True)
class IssueType:
    id: str
    name: str
    level: int
    team_managed: bool
    kind: str = ""  # what it is to the company, to those who know it
    is_own: bool = False  # made by the company, and not one of those that every site begins with


TYPES = {
    kind.id: kind
    for kind in (
        IssueType("10200", "Epic", 1, False),
        IssueType("10220", "Initiative", 2, False, is_own=True),
        IssueType("10221", "Theme", 3, False, is_own=True),
        IssueType("10201", "Story", 0, False, "feature"),
        IssueType("10202", "Task", 0, False, "other"),
        IssueType("10203", "Bug", 0, False, "bug"),
        IssueType("10205", "Outage", 0, False, "bug", is_own=True),
        IssueType("10206", "Bug hunt", 0, False, "", is_own=True),
        IssueType("10204", "Sub-task", -1, False),
        IssueType("10210", "Epic", 1, True),
        IssueType("10211", "Story", 0, True, "feature"),
        IssueType("10212", "Task", 0, True, "other"),
        IssueType("10213", "Bug", 0, True, "bug"),
        IssueType("10214", "Subtask", -1, True),
    )
}


@dataclass(frozen=True, slots=True)
class LinkType:
    id: str
    name: str
    outward: str
    inward: str


LINK_TYPES = {
    kind.id: kind
    for kind in (
        LinkType("10000", "Blocks", "blocks", "is blocked by"),
        LinkType("10001", "Cloners", "clones", "is cloned by"),
        LinkType("10003", "Relates", "relates to", "relates to"),
        LinkType("10007", "Depends", "depends on", "is depended on by"),  # its words run the other way
        LinkType("10010", "Serves", "is served by", "serves"),  # an initiative is served by an epic
        LinkType("10011", "Approval", "approves", "is approved by"),  # of which no file says what it is
    )
}
BLOCKS, CLONES, RELATES, DEPENDS, SERVES, APPROVES = LINK_TYPES


def link_types() -> list[DatedRow]:
    """link_types.csv, by id and by name. Blocks, Cloners and Relates are what every site begins with."""
    return [DatedRow((DEPENDS, "inward")), DatedRow(("Serves", "ladder"))]


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    project: str
    name: str


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    project: str
    name: str
    released: str  # the day on which it is


# Made once and used by no issue: planning by components and versions was given up for epics and teams.
COMPONENTS = tuple(
    Component(str(10500 + number), project, name)
    for number, (project, name) in enumerate(
        (("PAY", "Checkout"), ("PAY", "Ledger"), ("SHOP", "Catalogue"), ("SHOP", "Basket"), ("OPS", "On call"))
    )
)
IN_VERSION = "Fix Version"
"""What a history calls it when an issue is to be released in a version."""
VERSIONS = tuple(
    Version(str(10600 + number), project, name, released)
    for number, (project, name, released) in enumerate(
        (
            ("PAY", "1.0", "2025-06-30"),
            ("PAY", "1.1", "2026-03-31"),
            ("PAY", "2.0", "2027-03-31"),
            ("SHOP", "Spring", "2026-04-15"),
            ("SHOP", "Autumn", "2026-12-01"),
        )
    )
)


RESOLUTION_DONE, RESOLUTION_DROPPED = "10400", "10401"
RESOLUTIONS = {RESOLUTION_DONE: "Done", RESOLUTION_DROPPED: "Won't Do"}

# The API user's language: lists and records show it, histories do not. Names that the company gave are in none.
LANGUAGES = ("en", "de", "ja")
TRANSLATED: dict[str, dict[str, str]] = {
    "en": {},
    "de": {
        **{"Epic": "Epos", "Task": "Aufgabe", "Bug": "Fehler", "Sub-task": "Teilaufgabe", "Subtask": "Teilaufgabe"},
        **{"No Category": "Keine Kategorie", "To Do": "Zu erledigen", "In Progress": "In Arbeit", "Done": "Fertig"},
        **{"Won't Do": "Wird nicht erledigt", "Epic Link": "Epos-Verknüpfung", "Story Points": "Story-Punkte"},
        **{"Story point estimate": "Story-Point-Schätzung", "Rank": "Rang", "Summary": "Zusammenfassung"},
        **{"Issue Type": "Vorgangstyp", "Project": "Projekt", "Description": "Beschreibung", "Assignee": "Bearbeiter"},
    },
    "ja": {
        **{"Epic": "エピック", "Story": "ストーリー", "Task": "タスク", "Bug": "バグ"},
        **{"Sub-task": "サブタスク", "Subtask": "サブタスク", "No Category": "カテゴリなし", "To Do": "作業前"},
        **{"In Progress": "進行中", "Done": "完了", "Won't Do": "対応しない", "Epic Link": "エピック リンク"},
        **{"Story Points": "ストーリーポイント", "Story point estimate": "ストーリーポイントの見積もり"},
        **{"Sprint": "スプリント", "Team": "チーム", "Rank": "ランク", "Summary": "要約", "Status": "ステータス"},
        **{"Issue Type": "課題タイプ", "Project": "プロジェクト", "Parent": "親", "Description": "説明"},
    },
}


def language(seed: int) -> str:
    return LANGUAGES[(seed - 1) % len(LANGUAGES)]


def shown(name: str, language: str) -> str:
    return TRANSLATED[language].get(name, name)


# work_types.csv, by id and by name. What it lacks: Bug and Task, of which Jira itself says what they are, and Bug hunt,
# of which nobody does.
def work_types(language: str) -> list[DatedRow]:
    """By names as the site writes them."""
    return [
        DatedRow(("jira", *row))
        for row in (
            ("issue_type", "10205", "bug"),
            ("issue_type", shown("Story", language), "feature"),
            ("resolution", shown("Done", language), "done"),
            ("resolution", RESOLUTION_DROPPED, "not_done"),
        )
    ]


def type_id(project: str, name: str) -> str:
    wanted = "Subtask" if name == "Sub-task" and PROJECTS[project].team_managed else name
    return next(k.id for k in TYPES.values() if k.name == wanted and k.team_managed == PROJECTS[project].team_managed)


def groups(people: list[Person]) -> dict[str, list[Person]]:
    """Who is in which group; accounts that the vendor leaves out of lists are left out of these too."""
    shown = [person for person in people if not person.hidden]
    return {
        "jira-administrators": shown[:1],
        "jira-software-users": [person for person in shown if person.account_type == "atlassian"],
        "atlassian-addons": [person for person in shown if person.account_type == "app"],
    }


def lead(project: str, people: list[Person]) -> Person:
    """Who leads a project: one of the first people, whom every list shows."""
    return people[list(PROJECTS).index(project) % 3]


@dataclass(frozen=True, slots=True)
class Fields:
    """The ids of custom fields differ from site to site, and so does the name of the Team field."""

    sprint: str
    team: str
    epic_link: str
    points: str  # "Story Points", company-managed
    estimate: str  # "Story point estimate", team-managed
    rank: str
    old_team: str  # a select field with a name that misleads
    team_name: str


def fields(seed: int) -> Fields:
    base = 10010 + (seed % 7) * 10
    sprint, team, epic_link, points, estimate, rank, old_team = (f"customfield_{base + n}" for n in range(7))
    return Fields(sprint, team, epic_link, points, estimate, rank, old_team, "Squad" if seed % 3 == 0 else "Team")


# Custom fields of other apps and of the past, empty everywhere; a real site has dozens.
EMPTY_FIELDS = tuple(f"customfield_{number}" for number in range(11000, 11040))
# id -> (name, type, type of the items of a list)
SYSTEM_FIELDS: dict[str, tuple[str, str, str]] = {
    "statuscategorychangedate": ("Status Category Changed", "datetime", ""),
    "issuetype": ("Issue Type", "issuetype", ""),
    "parent": ("Parent", "issuelink", ""),
    "timespent": ("Time Spent", "number", ""),
    "project": ("Project", "project", ""),
    "fixVersions": ("Fix versions", "array", "version"),
    "aggregatetimespent": ("Σ Time Spent", "number", ""),
    "resolution": ("Resolution", "resolution", ""),
    "resolutiondate": ("Resolved", "datetime", ""),
    "workratio": ("Work Ratio", "number", ""),
    "watches": ("Watchers", "watches", ""),
    "lastViewed": ("Last Viewed", "datetime", ""),
    "created": ("Created", "datetime", ""),
    "priority": ("Priority", "priority", ""),
    "labels": ("Labels", "array", "string"),
    "timeestimate": ("Remaining Estimate", "number", ""),
    "aggregatetimeoriginalestimate": ("Σ Original Estimate", "number", ""),
    "versions": ("Affects versions", "array", "version"),
    "issuelinks": ("Linked Issues", "array", "issuelinks"),
    "assignee": ("Assignee", "user", ""),
    "updated": ("Updated", "datetime", ""),
    "status": ("Status", "status", ""),
    "components": ("Components", "array", "component"),
    "timeoriginalestimate": ("Original estimate", "number", ""),
    "description": ("Description", "string", ""),
    "timetracking": ("Time tracking", "timetracking", ""),
    "security": ("Security Level", "securitylevel", ""),
    "aggregatetimeestimate": ("Σ Remaining Estimate", "number", ""),
    "attachment": ("Attachment", "array", "attachment"),
    "summary": ("Summary", "string", ""),
    "creator": ("Creator", "user", ""),
    "subtasks": ("Sub-tasks", "array", "issuelinks"),
    "reporter": ("Reporter", "user", ""),
    "environment": ("Environment", "string", ""),
    "duedate": ("Due date", "date", ""),
    "progress": ("Progress", "progress", ""),
    "votes": ("Votes", "votes", ""),
    "comment": ("Comment", "comments-page", ""),
    "worklog": ("Log Work", "array", "worklog"),
    "issuerestriction": ("Restrict to", "issuerestriction", ""),
}


def field_list(known: Fields) -> list[tuple[str, str, dict[str, str]]]:
    """(id, untranslated name, schema) of every field. Custom ones are known by `schema.custom`: ids differ, one name
    misleads."""
    kinds = "com.atlassian.jira.plugin.system.customfieldtypes"
    greenhopper = "com.pyxis.greenhopper.jira"
    return [
        *(
            (name, title, {"type": kind, "system": name} | ({"items": items} if items else {}))
            for name, (title, kind, items) in SYSTEM_FIELDS.items()
        ),
        (known.sprint, "Sprint", {"type": "array", "items": "json", "custom": f"{greenhopper}:gh-sprint"}),
        (known.team, known.team_name, {"type": "team", "custom": f"{kinds}:atlassian-team"}),
        (known.epic_link, "Epic Link", {"type": "any", "custom": f"{greenhopper}:gh-epic-link"}),
        (known.points, "Story Points", {"type": "number", "custom": f"{kinds}:float"}),
        (known.estimate, "Story point estimate", {"type": "number", "custom": f"{greenhopper}:jsw-story-points"}),
        (known.rank, "Rank", {"type": "any", "custom": f"{greenhopper}:gh-lexo-rank"}),
        (known.old_team, "Team", {"type": "option", "custom": f"{kinds}:select"}),
        *(
            (name, f"Old field {name[-2:]}", {"type": "string", "custom": f"{kinds}:textfield"})
            for name in EMPTY_FIELDS
        ),
    ]


@dataclass(frozen=True, slots=True)
class Sprint:
    id: int
    project: str
    board_id: int
    start: int
    end: int


BOARDS = {project.key: number for number, project in enumerate(LIVE, 1)}
SHARED_BOARD = 9  # shows the sprints of PAY a second time


def sprints() -> list[Sprint]:
    found = []
    for project in LIVE:
        if project.sprints:
            first = START - 6 * DAY + 9 * HOUR + BOARDS[project.key] * HOUR  # a Wednesday
            for number in range((END - first) // SPRINT_LENGTH):
                start = first + number * SPRINT_LENGTH
                found.append(Sprint(0, project.key, BOARDS[project.key], start, start + SPRINT_LENGTH))
    found.sort(key=lambda sprint: (sprint.start, sprint.board_id))
    return [Sprint(number, s.project, s.board_id, s.start, s.end) for number, s in enumerate(found, 1)]


def history(people: list[Person], made: list[Sprint], rng: Random) -> Iterator[SiteChanged]:
    """How the site itself changed. Issues are not touched by any of this: `updated` does not show it."""
    for project in PROJECTS.values():
        named = {"key": project.key, "name": project.name, "archived": project.archived}
        yield SiteChanged(START, "project", project.id, named)
    yield SiteChanged(ms("2026-11-09T08:00:00Z"), "project", PROJECTS["OPS"].id, {"name": "Operations & Reliability"})
    for project_key, (since, key) in RENAMED.items():
        yield SiteChanged(since, "project", PROJECTS[project_key].id, {"key": key})
    for project_key, since in ARCHIVED.items():
        yield SiteChanged(since, "project", PROJECTS[project_key].id, {"archived": True})
    for status, (name, category, owner) in STATUSES.items():
        if status == VENDOR_CHECK:
            continue
        yield SiteChanged(START, "status", status, {"name": name, "category": category, "project": owner})
    yield SiteChanged(STATUS_REMOVED, "status", DEPLOYING, None)
    yield SiteChanged(STATUS_REMOVED, "status", SHIPPED, None)
    yield SiteChanged(STATUS_MERGED, "status", RELEASED, None)
    yield SiteChanged(STATUS_REMAPPED, "status", SELECTED, {"category": "indeterminate"})
    for project in LIVE:
        board = {
            "name": f"{project.key} board",
            "type": project.board,
            "project": project.key,
            "sprints": project.sprints,
        }
        yield SiteChanged(START, "board", str(BOARDS[project.key]), board)
    shared = {"name": "Commerce overview", "type": "scrum", "project": "PAY", "sprints": True}
    yield SiteChanged(START, "board", str(SHARED_BOARD), shared)
    for person in people:
        yield SiteChanged(START, "user", person.account_id, {"name": person.name, "active": person.active})
    yield SiteChanged(ms("2026-07-01T07:00:00Z"), "user", people[1].account_id, {"name": people[1].name + "-Smith"})
    yield SiteChanged(ms("2026-12-01T07:00:00Z"), "user", people[2].account_id, {"active": False})
    for sprint in made:
        planned = {
            "name": f"{sprint.project} Sprint {sprint.id}",
            "state": "future",
            "board_id": sprint.board_id,
            "goal": "",
        }
        yield SiteChanged(max(START, sprint.start - 10 * DAY), "sprint", str(sprint.id), planned)
        running = {"state": "active", "start": sprint.start, "end": sprint.end, "goal": f"Goal of sprint {sprint.id}"}
        yield SiteChanged(max(START, sprint.start) + 1, "sprint", str(sprint.id), running)
        complete = sprint.end + rng.randrange(HOUR)
        yield SiteChanged(complete, "sprint", str(sprint.id), {"state": "closed", "complete": complete})
    renamed = made[len(made) // 2]
    yield SiteChanged(
        renamed.start + 3 * DAY,
        "sprint",
        str(renamed.id),
        {"name": f"{renamed.project} Sprint {renamed.id} (hardening)"},
    )
