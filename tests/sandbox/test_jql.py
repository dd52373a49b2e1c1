"""JQL as Atlassian's references describe it: dates on the API user's clock, precedence, empty fields, functions, and
what is refused.

What each query finds is worked out beside it in Python, over the company's issues; a query that finds nothing, or
everything, where some are meant would show nothing, so both are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.company import DEFAULT_NOW, Company, World
from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.timestamps import DAY, ms
from sandbox.vendors.jira.jql import All, AnyOf, Clause, Function, JqlError, Not, Several, Value, parse
from sandbox.vendors.jira.jql_dates import instant, rounded
from sandbox.vendors.jira.jql_fields import search

NOW = ms(DEFAULT_NOW)
PRIVATE = frozenset({"VAULT"})


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-07-01 12:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026/07/01 12:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026-01-01", "America/New_York", "2026-01-01T05:00:00Z"),
        # Shown twice on 2025-10-26: at 00:30 and 01:30 UTC. Read as the later.
        ("2025-10-26 02:30", "Europe/Berlin", "2025-10-26T01:30:00Z"),
        # Skipped on 2026-03-29: as if the clock had gone on, 03:30 summer time.
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        # Half an hour twice on Lord Howe.
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T15:15:00Z"),
        (str(NOW), "Europe/Berlin", "2026-10-15T06:00:00Z"),
        ("-15m", "Europe/Berlin", "2026-10-15T05:45:00Z"),
        ("-1w", "Europe/Berlin", "2026-10-08T06:00:00Z"),
        ("-1w 2d", "Europe/Berlin", "2026-10-06T06:00:00Z"),
        ("4h", "Europe/Berlin", "2026-10-15T10:00:00Z"),
    ],
)
def test_an_instant_is_read_on_the_users_clock(text: str, zone: str, expected: str) -> None:
    assert instant(text, zone, NOW) == ms(expected)


@pytest.mark.parametrize("text", ["2026-07-01 12:00:30", "2026-07-01T12:00", "01.07.2026", "2026-02-30", "", "5y"])
def test_seconds_and_other_forms_are_refused(text: str) -> None:
    with pytest.raises(JqlError, match="Valid formats include"):
        instant(text, "UTC", NOW)


@pytest.mark.parametrize(
    ("unit", "is_end", "increment", "expected"),
    [
        # It is a Thursday, 02:00 in New York.
        ("day", False, "", "2026-10-15T04:00:00Z"),
        ("day", False, "-1", "2026-10-14T04:00:00Z"),
        ("day", False, "-2h", "2026-10-15T02:00:00Z"),
        ("day", True, "", "2026-10-16T03:59:59.999Z"),
        ("week", False, "", "2026-10-12T04:00:00Z"),
        ("week", True, "+1w", "2026-10-26T03:59:59.999Z"),
        ("month", False, "", "2026-10-01T04:00:00Z"),
        # Winter time from 1 November on.
        ("month", True, "", "2026-11-01T03:59:59.999Z"),
        ("month", False, "-1M", "2026-09-01T04:00:00Z"),
        ("month", False, "14d", "2026-10-15T04:00:00Z"),
        ("year", False, "", "2026-01-01T05:00:00Z"),
        ("year", True, "-1", "2026-01-01T04:59:59.999Z"),
    ],
)
def test_functions_round_on_the_users_clock(unit: str, is_end: bool, increment: str, expected: str) -> None:
    assert rounded(unit, is_end, increment, "America/New_York", NOW, 0) == ms(expected)


def test_a_week_begins_by_the_users_language() -> None:
    assert rounded("week", False, "", "UTC", NOW, 6) == ms("2026-10-11T00:00:00Z")


def test_a_month_earlier_of_a_long_months_last_day_is_the_short_months() -> None:
    assert rounded("day", False, "-1M", "UTC", ms("2026-03-31T12:00:00Z"), 0) == ms("2026-02-28T00:00:00Z")


# -- the grammar


def test_not_binds_closer_than_and_and_and_closer_than_or() -> None:
    a, b, c = (Clause(name, "=", Value("1")) for name in "abc")
    assert parse("a = 1 OR b = 1 AND NOT c = 1").where == AnyOf((a, All((b, Not(c)))))
    assert parse("(a = 1 || b = 1) && ! c = 1").where == All((AnyOf((a, b)), Not(c)))
    assert parse("not (a = 1 or b = 1)").where == Not(AnyOf((a, b)))


def test_values_are_words_texts_lists_and_functions() -> None:
    assert parse(r""""Story Points" = 'it\'s "so"\u0021' """).where == Clause("Story Points", "=", Value('it\'s "so"!'))
    assert parse("cf[10010] not in (1, startOfDay(-1d))").where == Clause(
        "cf[10010]", "not in", Several((Value("1"), Function("startOfDay", ("-1d",))))
    )


def test_an_order_may_stand_alone_after_a_restriction_only() -> None:
    assert parse("a = 1 order by updated asc, key DESC, id").order == (
        ("updated", False),
        ("key", True),
        ("id", False),
    )


# -- what is found


@pytest.fixture(scope="module")
def world(company: Company) -> World:
    return company.world(DEFAULT_NOW)


def found(world: World, jql: str) -> list[str]:
    """Keys in the order of the query, of what the API user is shown."""
    query = search(jql, world, world.company.user_zone, PRIVATE)
    shown = [one for one in world.issues.values() if one.values["project"] not in PRIVATE and query.accepts(one)]
    return [one.key for one in sorted(shown, key=query.position)]


def is_done(issue: Issue) -> bool:
    return site.STATUSES[issue.values["status"]][1] == "done"


def level(issue: Issue) -> int:
    return site.TYPES[issue.values["type"]].level


QUERIES: list[tuple[str, Callable[[Issue], object]]] = [
    ("project = PAY", lambda i: i.values["project"] == "PAY"),
    ("project in (payments, 10101)", lambda i: i.values["project"] in ("PAY", "SHOP")),
    ("project = REL", lambda i: i.values["project"] == "REL"),
    ("NOT project = PAY", lambda i: i.values["project"] != "PAY"),
    ("project != PAY AND project not in (SHOP)", lambda i: i.values["project"] not in ("PAY", "SHOP")),
    ("project = PAY OR project = SHOP AND type = Bug", lambda i: i.values["project"] == "PAY" or is_bug(i, "SHOP")),
    ("(project = PAY OR project = SHOP) AND type = Bug", lambda i: is_bug(i, "PAY", "SHOP")),
    ("status = Done", lambda i: i.values["status"] in ("10002", "10032")),
    ("status in (10000, 'to do')", lambda i: i.values["status"] in ("10000", "10020")),
    ("statusCategory = Done", is_done),
    ("statusCategory != done", lambda i: not is_done(i)),
    ("statusCategory = 'In Progress'", lambda i: site.STATUSES[i.values["status"]][1] == "indeterminate"),
    ("resolution is EMPTY", lambda i: i.values["resolution"] is None),
    ("resolution = Unresolved", lambda i: i.values["resolution"] is None),
    ("resolution is not EMPTY", lambda i: i.values["resolution"] is not None),
    ('resolution = "Won\'t Do"', lambda i: i.values["resolution"] == "10401"),
    # an issue without a resolution is neither one nor another
    ("resolution != Done", lambda i: i.values["resolution"] == "10401"),
    ("NOT resolution = Done", lambda i: i.values["resolution"] == "10401"),
    ("resolution in (Done, EMPTY)", lambda i: i.values["resolution"] in ("10400", None)),
    ("NOT resolution in (Done, EMPTY)", lambda i: i.values["resolution"] == "10401"),
    ("resolution != Done OR resolution is EMPTY", lambda i: i.values["resolution"] != "10400"),
    ("priority > Medium", lambda i: i.values["priority"] in ("1", "2")),
    ("priority <= Low", lambda i: i.values["priority"] in ("4", "5")),
    ("priority = Highest", lambda i: i.values["priority"] == "1"),
    ("labels = together", lambda i: "together" in i.values["labels"]),
    ("labels not in (together)", lambda i: i.values["labels"] and "together" not in i.values["labels"]),
    ("labels is EMPTY", lambda i: not i.values["labels"]),
    ("issuetype = Epic", lambda i: level(i) == 1),
    ("type in subtaskIssueTypes()", lambda i: level(i) < 0),
    ("type not in standardIssueTypes()", lambda i: level(i) < 0),
    ("parent is not EMPTY", lambda i: i.values["parent"] or i.values["epic"]),
    ("sprint in closedSprints()", lambda i: set(i.values["sprints"]) & set(range(1, 121))),
    ("sprint is EMPTY", lambda i: not i.values["sprints"]),
    ("assignee is not EMPTY", lambda i: i.values["assignee"]),
    ("summary ~ theme", lambda i: "theme" in i.values["summary"].lower().split()),
    ("summary ~ 'insight* theme'", lambda i: i.values["summary"].startswith("Insights theme")),
    (r"""description ~ '"old figure after"' """, lambda i: "old figure after" in (i.values["description"] or "")),
    (r"""description ~ '"figure old"' OR comment ~ looked""", lambda i: i.comments),
    ("summary !~ theme", lambda i: "theme" not in i.values["summary"].lower().split()),
    ("text ~ nothing", lambda i: i.comments),
    ("created >= 2026-01-01", lambda i: i.created >= ms("2025-12-31T23:00:00Z")),
    ("updated < startOfMonth(-1)", lambda i: i.updated < ms("2026-08-31T22:00:00Z")),
    ("updated >= -30d AND updated <= now()", lambda i: i.updated >= NOW - 30 * DAY),
    ("resolved >= startOfYear()", lambda i: i.values["resolution"] and i.resolved_at >= ms("2025-12-31T23:00:00Z")),
    ("resolutiondate is EMPTY", lambda i: i.values["resolution"] is None),
    ("statusCategoryChangedDate > -26w", lambda i: i.category_since > NOW - 182 * DAY),
    ("timespent > 0", lambda i: i.worklogs),
    ("worklogDate >= 2026-01-01", lambda i: any(w.started >= ms("2025-12-31T23:00:00Z") for w in i.worklogs.values())),
    ("Team = Heron", lambda i: i.values["team"] == "Heron"),
    ("Team is EMPTY", lambda i: i.values["team"] is None),
    ("'Story Points' >= 5", lambda i: has_points(i, False) and i.values["points"] >= 5),
    ("'Story point estimate' is not EMPTY", lambda i: has_points(i, True)),
    ("'Epic Link' is not EMPTY", lambda i: i.values["epic"]),
    ("key > PAY-40", lambda i: i.key.startswith("PAY-") and int(i.key[4:]) > 40),
    ("key in (PAY-1, pay-2, SHOP-3)", lambda i: i.key in ("PAY-1", "PAY-2", "SHOP-3")),
    ("project in projectsLeadByUser()", lambda i: list(site.PROJECTS).index(i.values["project"]) % 3 == 0),
    ("hierarchyLevel = 1", lambda i: level(i) == 1),
]


def is_bug(issue: Issue, *projects: str) -> bool:
    return issue.values["project"] in projects and site.TYPES[issue.values["type"]].name == "Bug"


def has_points(issue: Issue, team_managed: bool) -> bool:
    project = site.PROJECTS[issue.values["project"]]
    return issue.values["points"] is not None and project.team_managed is team_managed


@pytest.mark.parametrize(("jql", "fits"), QUERIES, ids=[jql for jql, _ in QUERIES])
def test_a_query_finds_what_it_says(world: World, jql: str, fits: Callable[[Issue], object]) -> None:
    shown = [one for one in world.issues.values() if one.values["project"] not in PRIVATE]
    expected = {one.key for one in shown if fits(one)}
    assert set(found(world, jql)) == expected
    assert 0 < len(expected) < len(shown)


def test_sprints_are_open_while_they_run(company: Company) -> None:
    world = company.world("2026-03-24T12:00:00Z")
    open_now = {int(key) for key, state in world.site["sprint"].items() if state["state"] == "active"}
    expected = {one.key for one in world.issues.values() if open_now & set(one.values["sprints"])}
    assert set(found(world, "sprint in openSprints()")) == expected != set()
    some = next(n for one in world.issues.values() for n in one.values["sprints"] if n in open_now)
    named = {one.key for one in world.issues.values() if some in one.values["sprints"]}
    name = world.site["sprint"][str(some)]["name"]
    assert set(found(world, f"sprint = '{name}'")) == set(found(world, f"sprint = {some}")) == named


NOTHING = [
    "fixVersion = '1.0'",
    "fixVersion in releasedVersions(PAY)",
    "component in (Ledger)",
    "due < now()",
    "voter = currentUser()",
    "cf[11003] is not EMPTY",
]


@pytest.mark.parametrize("jql", NOTHING)
def test_what_no_issue_has_is_found_nowhere_and_so_is_its_negation(world: World, jql: str) -> None:
    assert found(world, jql) == []
    assert len(found(world, f"{jql.split()[0]} is EMPTY")) == len(found(world, "project is not EMPTY"))
    if "is not" not in jql:
        assert found(world, f"NOT ({jql})") == []


def test_people_are_named_by_id_by_name_by_group_and_as_oneself(world: World) -> None:
    people = world.company.people
    seen = [one for one in world.issues.values() if not one.key.startswith("VAULT-")]  # nobody sees that project
    me = {one.key for one in seen if one.author == people[0].account_id}
    assert set(found(world, "reporter = currentUser()")) == me != set()
    assert found(world, f"reporter = {people[0].account_id}") == found(world, f"creator = '{people[0].name}'")
    members = {person.account_id for person in site.groups(people)["jira-software-users"]}
    assert set(found(world, "reporter in membersOf('jira-software-users')")) == {
        one.key for one in seen if one.author in members
    }
    touched = set(found(world, f"issue in updatedBy({people[0].account_id})"))
    assert me < touched


def test_an_issue_is_the_parent_of_others_whatever_key_it_is_asked_for_by(world: World) -> None:
    epic = next(one for one in world.issues.values() if len(one.children) > 1 and one.key != "VAULT-1")
    children = {world.issues[number].key for number in epic.children}
    for name in (epic.key, epic.key.lower(), str(epic.id)):
        assert set(found(world, f"parent = {name}")) == children
    assert set(found(world, f"parent in ({epic.key}) AND NOT parent in ({epic.key})")) == set()


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ("created ASC", lambda i: i.created),
        ("key", lambda i: (i.key.split("-")[0], int(i.key.split("-")[1]))),
        ("summary ASC", lambda i: i.values["summary"].lower()),
        ("priority DESC, created", lambda i: (int(i.values["priority"]), i.created)),
        # what is empty stands last, and first in a descending order
        ("assignee, created", lambda i: (i.values["assignee"] is None, i.values["assignee"] or "", i.created)),
    ],
)
def test_issues_come_in_the_order_that_is_asked_for(
    world: World, order: str, place: Callable[[Issue], tuple[object, ...]]
) -> None:
    names = {person.account_id: person.name.lower() for person in world.company.people}
    issues = [one for one in world.issues.values() if one.values["project"] == "PAY"]
    if order.startswith("assignee"):
        expected = sorted(
            issues, key=lambda i: (not (who := i.values["assignee"]), names.get(who, ""), i.created, i.id)
        )
    else:
        expected = sorted(issues, key=lambda i: (place(i), i.id))
    assert found(world, f"project = PAY ORDER BY {order}") == [one.key for one in expected]


def test_order_is_by_id_from_the_newest_unless_asked(world: World) -> None:
    newest = sorted((one for one in world.issues.values() if one.values["project"] == "PAY"), key=lambda i: -i.id)
    assert found(world, "project = PAY") == [one.key for one in newest]
    assert found(world, "project = PAY ORDER BY assignee DESC")[0] in {
        one.key for one in newest if one.values["assignee"] is None
    }


# -- what is refused

REFUSED = [
    ("nonsense = 1", "Field 'nonsense' does not exist or you do not have permission to view it."),
    ("customfield_10020 = 1", "Field 'customfield_10020' does not exist"),
    ("created >= yesterday()", "Unable to find JQL function 'yesterday()'."),
    ("assignee = now()", "A value provided by the function 'now' is invalid for the field 'assignee'."),
    ("created > now(1)", "Function 'now' expected '0' arguments but received '1'."),
    ("created > startOfDay(x)", "Duration 'x' is invalid"),
    ("assignee in membersOf(nobody)", "the group does not exist."),
    ("project = GONE", "The value 'GONE' does not exist for the field 'project'."),
    ("project = VAULT", "The value 'VAULT' does not exist for the field 'project'."),
    ("status = Sleeping", "The value 'Sleeping' does not exist for the field 'status'."),
    ("project = 99999", "A value with ID '99999' does not exist for the field 'project'."),
    ("key = PAY-99999", "An issue with key 'PAY-99999' does not exist for field 'key'."),
    ("summary = theme", "The operator '=' is not supported by the 'summary' field."),
    ("project > PAY", "The operator '>' is not supported by the 'project' field."),
    ("status = (Done)", "Operator '=' does not support the list value '(Done)' for field 'status'."),
    ("status in Done", "Operator 'in' does not support the non-list value 'Done' for field 'status'."),
    ("sprint = openSprints()", "Operator '=' does not support the list value 'openSprints()' for field 'sprint'."),
    ("status is Done", "The operator 'is' supports only EMPTY"),
    ("priority > EMPTY", "does not support searching for EMPTY values."),
    ("status WAS Done", "searches no history"),
    ("project = PAY ORDER BY labels2", "Not able to sort using field 'labels2'."),
    ("project = PAY ORDER BY comment", "Not able to sort using field 'comment'."),
    ("project = PAY status = Done", "Expecting either 'OR' or 'AND' but got 'status'. (line 1, character 15)"),
    ("(project = PAY", "Expecting ')' before the end of the query."),
    ("project = PAY AND", "Expecting a field name before the end of the query."),
    ("project =", "Expecting either a value, list or function before the end of the query."),
    ("project query", "Expecting operator, one of '='"),
    ("summary ~ a/b", "The character '/' is a reserved JQL character. You must enclose it in a string or use"),
    ("summary ~ 'a", "The quoted string has not been completed. (line 1, character 11)"),
    ("", "Unbounded JQL queries are not allowed here."),
    ("order by created", "Unbounded JQL queries are not allowed here."),
]


@pytest.mark.parametrize(("jql", "says"), REFUSED, ids=[jql for jql, _ in REFUSED])
def test_what_is_not_known_is_refused_in_jiras_words(world: World, jql: str, says: str) -> None:
    with pytest.raises(JqlError) as refused:
        found(world, jql)
    assert says in str(refused.value)


def test_translated_names_and_original_ones_are_the_same(world: World) -> None:
    german = Company(2, "tiny").world(DEFAULT_NOW)
    assert german.company.language == "de"
    assert found(german, "type = Fehler") == found(german, "type = Bug") != []
    assert found(german, "statusCategory = Fertig") == found(german, "statusCategory = Done") != []
