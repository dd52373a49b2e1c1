"""What foreign clients ask of Jira beyond our own loader: fields and `expand`, version 2, lists, comments, boards.

Belongs here: answers that no loader of ours reads. Does not: those that it does (test_jira.py), JQL (test_jql.py)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.work import site
from sandbox.truth import landed_from
from tests.sandbox.conftest import Client, Serve

SEARCH = "/rest/api/3/search/jql"
COMMENTED = "comment ~ looked ORDER BY key"


def first(client: Client, jql: str, **asked: Any) -> dict[str, Any]:
    page = client.post(SEARCH, jql=jql, **asked)
    return page | {"issue": page["issues"][0]}


# -- fields


def test_a_field_with_a_minus_is_left_out_of_what_is_shown_otherwise(client: Client) -> None:
    everything = set(first(client, "project = PAY", fields=["*all"])["issue"]["fields"])
    navigable = set(first(client, "project = PAY", fields=["*navigable"])["issue"]["fields"])
    assert everything - navigable == {"attachment", "comment", "issuerestriction", "timetracking", "worklog"}
    less = set(first(client, "project = PAY", fields=["-description"])["issue"]["fields"])
    assert navigable - less == {"description"}
    assert set(first(client, "project = PAY", fields=["*all", "-summary"])["issue"]["fields"]) == everything - {
        "summary"
    }
    # one issue shows all of its fields unless asked, and those less one
    one = client.get("/rest/api/3/issue/PAY-1", fields="-worklog")
    assert set(one["fields"]) == set(client.get("/rest/api/3/issue/PAY-1")["fields"]) - {"worklog"}
    assert set(client.get("/rest/api/3/issue/PAY-1", fields="summary,-worklog")["fields"]) == {"summary"}


# -- expand


def test_names_and_schema_describe_each_field_that_is_shown(client: Client) -> None:
    page = first(client, "project = PAY", fields=["*all"], expand="names,schema,tea")
    assert set(page["issue"]["fields"]) - set(page["names"]) == set()
    assert set(page["names"]) == set(page["schema"])
    assert page["names"]["issuetype"] == "Issue Type"
    assert page["schema"]["labels"] == {"type": "array", "system": "labels", "items": "string"}
    short = first(client, "project = PAY", fields=["summary"], expand="names")
    assert short["names"] == {"summary": "Summary"}
    assert "schema" not in short
    one = client.get("/rest/api/3/issue/PAY-1", expand="names")
    assert set(one["names"]) >= set(one["fields"])


def test_what_is_not_asked_for_is_not_shown_and_unknown_values_are_ignored(client: Client) -> None:
    plain = first(client, "project = PAY", fields=["summary"])["issue"]
    assert set(plain) == {"expand", "id", "self", "key", "fields"}
    assert first(client, "project = PAY", fields=["summary"], expand="tea,biscuits")["issue"] == plain
    both = client.get(SEARCH, jql="project = PAY", fields="summary", expand="operations,editmeta")["issues"][0]
    assert set(both) - set(plain) == {"operations", "editmeta"}


def test_changelog_and_transitions_come_with_each_issue(client: Client) -> None:
    for issue in client.search("project = OPS", fields=["status"], expand="changelog,transitions"):
        flow = site.PROJECTS["OPS"].workflow
        others = {flow.todo, flow.doing, flow.review, flow.done, flow.dropped} - {issue["fields"]["status"]["id"]}
        assert {transition["to"]["id"] for transition in issue["transitions"]} == others
        assert issue["changelog"]["total"] >= len(issue["changelog"]["histories"])
        own = client.get(f"/rest/api/3/issue/{issue['id']}/transitions")["transitions"]
        assert own == issue["transitions"]


def test_rendered_fields_are_html(client: Client) -> None:
    issue = first(client, COMMENTED, fields=["description", "comment", "created"], expand="renderedFields")["issue"]
    rendered = issue["renderedFields"]
    assert rendered["comment"]["comments"][0]["body"] == "<p>Looked at it again, nothing to add.</p>"
    assert rendered["description"].startswith("<p>")
    assert rendered["created"].endswith(("AM", "PM"))
    assert issue["fields"]["description"]["type"] == "doc"


def test_versioned_representations_stand_in_place_of_fields(client: Client) -> None:
    issue = client.get("/rest/api/3/issue/PAY-1", fields="summary", expand="versionedRepresentations")
    assert "fields" not in issue
    assert set(issue["versionedRepresentations"]) == {"summary"}
    assert list(issue["versionedRepresentations"]["summary"]) == ["1"]


def test_editmeta_names_what_may_be_changed(client: Client) -> None:
    fields = client.get("/rest/api/3/issue/PAY-1/editmeta")["fields"]
    assert fields["summary"]["required"] is True
    assert fields["labels"]["operations"] == ["add", "set", "remove"]
    assert {one["name"] for one in fields["priority"]["allowedValues"]} >= {"Highest", "Lowest"}
    assert "created" not in fields


# -- version 2


@pytest.mark.parametrize("version", ["2", "latest"])
def test_version_2_says_in_plain_text_what_version_3_says_in_documents(client: Client, version: str) -> None:
    issue = client.search(COMMENTED, fields=["*all"])[0]
    (comment,) = issue["fields"]["comment"]["comments"]
    plain = client.get(f"/rest/api/{version}/issue/{issue['key']}")
    assert plain["fields"]["description"] == issue["fields"]["description"]["content"][0]["content"][0]["text"]
    assert plain["fields"]["comment"]["comments"][0]["body"] == "Looked at it again, nothing to add."
    assert comment["body"]["type"] == "doc"
    assert plain["self"] == issue["self"].replace("/rest/api/3/", "/rest/api/2/")
    assert {plain[name] for name in ("id", "key")} == {issue[name] for name in ("id", "key")}
    by_search = client.get(f"/rest/api/{version}/search/jql", jql=f"id = {issue['id']}", fields="*all")["issues"][0]
    assert by_search["fields"] == plain["fields"]


def test_worklogs_of_version_2_have_plain_comments(client: Client) -> None:
    issue = client.search("timespent > 0", fields=["worklog"])[0]
    logs = client.get(f"/rest/api/2/issue/{issue['id']}/worklog")["worklogs"]
    assert all(isinstance(log["comment"], str) for log in logs)
    newer = client.get(f"/rest/api/3/issue/{issue['id']}/worklog")["worklogs"]
    assert [log["comment"] for log in logs] == [log["comment"]["content"][0]["content"][0]["text"] for log in newer]


# -- comments and worklogs


def test_comments_are_listed_by_issue_by_id_and_one_by_one(client: Client, company: Company) -> None:
    ids = set()
    for issue in company.world(DEFAULT_NOW).issues.values():
        answer = client.ask("GET", f"/rest/api/3/issue/{issue.id}/comment")
        if answer.status_code == 404:
            assert issue.key.startswith("VAULT-")
            continue
        shown = answer.json()
        assert shown["total"] == len(shown["comments"]) == len(issue.comments)
        ids |= {comment["id"] for comment in shown["comments"]}
    assert ids
    listed = client.post("/rest/api/3/comment/list", ids=[int(number) for number in ids])
    assert {comment["id"] for comment in listed["values"]} == ids
    issue = client.search(COMMENTED, fields=["comment"])[0]
    (comment,) = issue["fields"]["comment"]["comments"]
    assert client.get(f"/rest/api/3/issue/{issue['id']}/comment/{comment['id']}") == comment
    assert client.ask("GET", f"/rest/api/3/issue/{issue['id']}/comment/1").status_code == 404


def test_worklogs_of_an_issue_are_all_there_and_page(client: Client, company: Company) -> None:
    long = max(company.world(DEFAULT_NOW).issues.values(), key=lambda issue: len(issue.worklogs))
    path = f"/rest/api/3/issue/{long.key}/worklog"
    shown = client.get(path)
    assert [log["id"] for log in shown["worklogs"]] == [str(number) for number in long.worklogs]
    assert (shown["total"], shown["maxResults"]) == (len(long.worklogs), 5000)
    page = client.get(path, startAt=20, maxResults=1)
    assert page["worklogs"] == shown["worklogs"][20:21]
    begun = sorted(log.started for log in long.worklogs.values())
    later = client.get(path, startedAfter=begun[5])["worklogs"]
    assert len(later) == len([at for at in begun if at >= begun[5]])


# -- lists

LISTS = {
    "issuetype": set(site.TYPES),
    "priority": {"1", "2", "3", "4", "5"},
    "resolution": set(site.RESOLUTIONS),
    "statuscategory": {"1", "2", "3", "4"},
    "status": None,
    "project": None,
}


@pytest.mark.parametrize("name", LISTS)
def test_each_entry_of_a_list_is_also_asked_for_by_itself(client: Client, name: str) -> None:
    listed = client.get(f"/rest/api/3/{name}")
    assert LISTS[name] is None or {str(one["id"]) for one in listed} == LISTS[name]
    for one in listed:
        alone = client.get(f"/rest/api/3/{name}/{one['id']}")
        assert {key: alone[key] for key in one} == one
    assert client.ask("GET", f"/rest/api/3/{name}/77777").status_code == 404


def paged(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages, by the links from one to the next."""
    found, url = [], client.jira + path
    while url:
        page = client.session.get(url, params=query, timeout=10).json()
        found += page["values"]
        url, query = page.get("nextPage"), {}
        assert page["isLast"] is (url is None)
    return found


def test_pages_hold_what_the_lists_hold(serve: Serve) -> None:
    client = serve(page_cap=2)
    for path, whole, key in (
        ("priority/search", "priority", "id"),
        ("resolution/search", "resolution", "id"),
        ("statuses/search", "status", "id"),
        ("field/search", "field", "id"),
        ("project/PAY/component", "project/PAY/components", "id"),
        ("project/PAY/version", "project/PAY/versions", "id"),
    ):
        expected = [one[key] for one in client.get(f"/rest/api/3/{whole}")]
        assert [one[key] for one in paged(client, f"/rest/api/3/{path}")] == expected != []


def test_statuses_are_searched_by_name_category_and_project(client: Client) -> None:
    done = paged(client, "/rest/api/3/statuses/search", statusCategory="DONE")
    assert {one["id"] for one in done} == {
        one["id"] for one in client.get("/rest/api/3/status") if one["statusCategory"]["key"] == "done"
    }
    assert {one["name"] for one in paged(client, "/rest/api/3/statuses/search", projectId="10102")} == {
        "To Do",
        "In Arbeit",
        "Fertig",
    }
    (one,) = paged(client, "/rest/api/3/statuses/search", searchString="parked")
    assert client.get("/rest/api/3/statuses", id=one["id"]) == [one]


def test_a_project_has_its_statuses_types_versions_and_components(client: Client) -> None:
    project = client.get("/rest/api/3/project/PAY", expand="projectKeys")
    assert project["projectKeys"] == ["PAY"]
    assert {one["name"] for one in project["issueTypes"]} == {k.name for k in site.TYPES.values() if not k.team_managed}
    assert [one["released"] for one in project["versions"]] == [True, True, False]
    statuses = client.get("/rest/api/3/project/OPS/statuses")
    flow = site.PROJECTS["OPS"].workflow
    assert {one["id"] for one in statuses[0]["statuses"]} == {
        flow.todo,
        flow.doing,
        flow.review,
        flow.done,
        flow.dropped,
    }
    assert client.get("/rest/api/3/project/REL")["key"] == "SHIP"
    assert client.ask("GET", "/rest/api/3/project/VAULT").status_code == 404


def test_users_are_found_by_the_beginning_of_a_name_and_by_group(client: Client, company: Company) -> None:
    known = landed_from("jira", company, DEFAULT_NOW)["users"]
    name = company.people[0].name
    by_name = client.get("/rest/api/3/user/search", query=name.split()[1][:3].upper())
    assert {one["accountId"] for one in by_name} == {
        key for key, user in known.items() if any(w.startswith(name.split()[1][:3]) for w in user["name"].split())
    }
    assert client.ask("GET", "/rest/api/3/user/search").status_code == 400
    groups = [one["name"] for one in paged(client, "/rest/api/3/group/bulk")]
    members = {
        one["accountId"]
        for group in groups
        for one in paged(client, "/rest/api/3/group/member", groupname=group, includeInactiveUsers="true")
    }
    assert members == set(known)
    assert client.ask("GET", "/rest/api/3/group/member", params={"groupname": "nobody"}).status_code == 404
    own = client.get("/rest/api/3/user", accountId=company.people[0].account_id, expand="groups")
    assert {one["name"] for one in own["groups"]["items"]} == {"jira-administrators", "jira-software-users"}


# -- boards


def test_a_board_shows_its_issues_epics_and_sprints_in_plain_text(serve: Serve, company: Company) -> None:
    client = serve(page_cap=7)
    world = company.world(DEFAULT_NOW)
    board = client.get("/rest/agile/1.0/board", projectKeyOrId="PAY")["values"][0]
    assert client.get(f"/rest/agile/1.0/board/{board['id']}") == board
    issues: list[dict[str, Any]] = []
    while True:
        page = client.get(f"/rest/agile/1.0/board/{board['id']}/issue", startAt=len(issues), fields="*all")
        issues += page["issues"]
        if len(issues) == page["total"]:
            break
    expected = {str(one.id): one for one in world.issues.values() if one.values["project"] == "PAY"}
    assert {one["id"] for one in issues} == set(expected)
    for one in issues:
        epic = expected[one["id"]].values["epic"]
        assert (one["fields"]["epic"] or {}).get("id") == (epic if epic in world.issues else None)
        assert isinstance(one["fields"]["description"], str | None)
    some = next(n for one in world.issues.values() for n in one.values["sprints"])
    shown = client.get(f"/rest/agile/1.0/sprint/{some}/issue")["issues"]
    assert {one["id"] for one in shown} == {str(i.id) for i in world.issues.values() if some in i.values["sprints"]}
    assert client.get(f"/rest/agile/1.0/sprint/{some}")["id"] == some
    epics: list[dict[str, Any]] = []
    while not epics or not page["isLast"]:
        page = client.get(f"/rest/agile/1.0/board/{board['id']}/epic", startAt=len(epics))
        epics += page["values"]
    assert {one["key"] for one in epics} == {
        one.key for one in expected.values() if site.TYPES[one.values["type"]].level == 1
    }
    children = client.get(f"/rest/agile/1.0/epic/{epics[0]['id']}/issue")
    assert children["total"] == len(world.issues[epics[0]["id"]].children)
    done = client.get(f"/rest/agile/1.0/board/{board['id']}/issue", jql="resolution is not EMPTY ORDER BY created")
    assert done["total"] == len([one for one in expected.values() if one.values["resolution"] is not None])


@pytest.mark.parametrize(
    "order",
    ["summary DESC", "assignee, key DESC", "'Story Points' DESC, id", "sprint", "labels DESC", "resolved, Rank"],
)
def test_any_order_is_kept_from_page_to_page(serve: Serve, order: str) -> None:
    """Tokens hold a place in the order, of whatever it is made."""
    jql = f"project in (PAY, INS) OR priority > Medium ORDER BY {order}"
    whole = serve().search(jql, maxResults=5000)
    assert serve(page_cap=3).search(jql) == whole
    assert len({one["id"] for one in whole}) == len(whole) > 100
