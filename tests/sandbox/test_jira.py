"""Jira's behaviour, endpoint by endpoint: what a loader would get wrong if it trusted its intuition."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
import requests

from sandbox.company import DEFAULT_NOW, Company
from sandbox.timestamps import ms, utc
from sandbox.truth import landed_from
from sandbox.vendors.jira.api import View
from tests.sandbox.conftest import Client, Serve, made

SEARCH = "/rest/api/3/search/jql"
ALL = 'updated >= "2025-01-01 00:00" ORDER BY updated ASC, id ASC'


# -- signing in


@pytest.mark.parametrize("auth", [None, ("prodops@example.com", "wrong"), ("somebody@example.com", "sandbox-token")])
def test_without_valid_credentials_lists_are_empty_and_myself_is_401(client: Client, auth: Any) -> None:
    def get(path: str) -> requests.Response:
        return requests.get(client.jira + path, auth=auth, timeout=10)

    assert get("/rest/api/3/myself").status_code == 401
    for path, rows in (
        (f"{SEARCH}?jql=project=PAY", "issues"),
        ("/rest/api/3/project/search", "values"),
        ("/rest/agile/1.0/board", "values"),
    ):
        assert get(path).status_code == 200
        assert get(path).json()[rows] == []
    assert get("/rest/api/3/field").json() == get("/rest/api/3/users/search").json() == []
    assert (
        requests.post(client.jira + "/rest/api/3/worklog/list", json={"ids": []}, auth=auth, timeout=10).status_code
        == 401
    )


def test_myself_names_the_zone_in_which_queries_are_read(client: Client, company: Company) -> None:
    assert client.get("/rest/api/3/myself")["timeZone"] == company.user_zone
    assert client.get("/rest/api/3/serverInfo")["deploymentType"] == "Cloud"
    shown = client.get("/rest/api/3/mypermissions", permissions="BROWSE_PROJECTS,ADMINISTER")["permissions"]
    assert [shown[name]["havePermission"] for name in ("BROWSE_PROJECTS", "ADMINISTER")] == [True, False]
    assert client.ask("GET", "/rest/api/3/mypermissions").status_code == 400


# -- search


@pytest.mark.parametrize("path", ["/rest/api/2/search", "/rest/api/3/search"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(client: Client, method: str, path: str) -> None:
    answer = client.ask(method, path)
    assert answer.status_code == 410
    assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


UNREADABLE = [
    "",
    "ORDER BY updated",
    "updated >=",
    "nonsense = 1",
    'updated >= "yesterday"',
    "project ~ PAY",
    "project = PAY AND",
    "project = PAY ORDER BY colour",
    "project = PAY ORDER BY " + ", ".join(["id"] * 8),
]


@pytest.mark.parametrize("jql", UNREADABLE)
def test_unbounded_or_unreadable_jql_is_400(client: Client, jql: str) -> None:
    answer = client.ask("POST", SEARCH, json={"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"]


def test_only_the_id_comes_unless_fields_are_asked_for(client: Client) -> None:
    assert all(set(issue) == {"id"} for issue in client.search("project = PAY"))
    one = client.search("project = PAY", fields=["summary", "status"])[0]
    assert set(one) == {"expand", "id", "self", "key", "fields"}
    assert set(one["fields"]) == {"summary", "status"}
    assert "fields" not in client.search("project = PAY", fields=["key"])[0]
    everything = client.search("project = PAY", fields=["*all", "-comment"])[0]
    assert 4_000 < len(json.dumps(everything)) < 12_000
    assert "worklog" in everything["fields"]
    assert "comment" not in everything["fields"]


def test_get_and_post_say_the_same(client: Client) -> None:
    by_get = client.get(SEARCH, jql=ALL, fields="summary,status", maxResults=5)
    by_post = client.post(SEARCH, jql=ALL, fields=["summary", "status"], maxResults=5)
    assert by_get == by_post
    assert not {"total", "startAt", "maxResults"} & set(by_get)


@pytest.mark.parametrize("cap", [1, 7, 100])
def test_every_page_size_gives_every_issue_once_in_order(serve: Serve, company: Company, cap: int) -> None:
    client = serve(page_cap=cap)
    pages = list(client.pages(SEARCH, jql=ALL, fields=["updated"], maxResults=1000))
    ids = [issue["id"] for page in pages for issue in page["issues"]]
    assert sorted(ids) == sorted(landed_from("jira", company, DEFAULT_NOW)["issues"])
    world = company.world(DEFAULT_NOW)
    shown = [issue for issue in world.issues.values() if str(issue.id) in ids]
    assert ids == [str(i.id) for i in sorted(shown, key=lambda issue: (issue.updated, issue.id))]
    assert max(len(page["issues"]) for page in pages) <= cap
    assert all(page["issues"] for page in pages)
    assert [page["isLast"] for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [page["isLast"] for page in pages] == ["nextPageToken" not in page for page in pages]
    if cap == 7:
        assert any(0 < len(page["issues"]) < cap for page in pages[:-1]), "a short page is legal and must occur"


def test_numbers_must_be_numbers(client: Client) -> None:
    for path in ("/rest/api/3/users/search?startAt=x", "/rest/api/3/worklog/updated?since=-1"):
        assert client.ask("GET", path).status_code == 400
    for body in ({"jql": "project = PAY", "maxResults": "many"}, []):
        assert client.ask("POST", SEARCH, json=body).status_code == 400


def test_keys_sort_by_project_and_number(client: Client) -> None:
    keys = [issue["key"] for issue in client.search("project in (PAY, INS) ORDER BY key DESC", fields=["key"])]
    assert keys == sorted(keys, key=lambda key: (key[:3], int(key[4:])), reverse=True)


def test_a_token_belongs_to_its_query_and_grows_old(serve: Serve) -> None:
    client = serve()
    token = client.post(SEARCH, jql="project = PAY", maxResults=2)["nextPageToken"]
    assert client.ask("POST", SEARCH, json={"jql": "project = SHOP", "nextPageToken": token}).status_code == 400
    assert client.ask("POST", SEARCH, json={"jql": "project = PAY", "nextPageToken": "bm9uc2Vuc2U"}).status_code == 400
    assert client.advance(seconds=6 * 86_400).status_code == 200
    assert client.ask("POST", SEARCH, json={"jql": "project = PAY", "nextPageToken": token}).status_code == 200
    client.advance(seconds=2 * 86_400)
    assert client.ask("POST", SEARCH, json={"jql": "project = PAY", "nextPageToken": token}).status_code == 400


def test_counting_is_by_its_own_endpoint(client: Client) -> None:
    assert client.post("/rest/api/3/search/approximate-count", jql="project = INS")["count"] == len(
        client.search("project = INS")
    )


def test_an_issue_is_found_by_every_key_it_had(client: Client, company: Company) -> None:
    moved = next(issue for issue in company.world(DEFAULT_NOW).issues.values() if len(issue.keys) == 3)
    for key in moved.keys:
        assert client.search(f"key = {key}") == [{"id": str(moved.id)}]
        assert client.get(f"/rest/api/3/issue/{key}")["key"] == moved.key


def test_embedded_changelog_is_cut_and_newest_first(client: Client, company: Company) -> None:
    long = max(company.world(DEFAULT_NOW).issues.values(), key=lambda issue: len(issue.histories))
    shown = client.post(SEARCH, jql=f"id = {long.id}", fields=["summary"], expand="changelog")["issues"][0]["changelog"]
    assert shown["total"] == len(long.histories) > 100
    assert [history["id"] for history in shown["histories"]] == [str(h.history_id) for h in long.histories[:-41:-1]]


def test_offsets_have_no_colon_and_sprint_dates_are_utc(client: Client) -> None:
    issue = client.search("project = PAY", fields=["*all"])[0]
    assert issue["fields"]["created"][-5] in "+-"
    sprint = client.get("/rest/agile/1.0/board/1/sprint")["values"][0]
    assert sprint["startDate"].endswith("Z")


# -- changelogs


def test_bulk_changelogs_split_issues_over_pages_and_lose_nothing(serve: Serve, company: Company) -> None:
    records = landed_from("jira", company, DEFAULT_NOW)
    for cap in (7, 100):
        client = serve(page_cap=cap)
        pages = list(
            client.pages("/rest/api/3/changelog/bulkfetch", issueIdsOrKeys=list(records["issues"]), maxResults=10_000)
        )
        seen = [
            (log["issueId"], h) for page in pages for log in page["issueChangeLogs"] for h in log["changeHistories"]
        ]
        assert sorted(h["id"] for _, h in seen) == sorted(records["changelogs"])
        assert all(records["changelogs"][h["id"]]["issue_id"] == issue for issue, h in seen)
        assert all(records["changelogs"][h["id"]]["items"] == len(h["items"]) for _, h in seen)
        assert {type(h["created"]) for _, h in seen} == {int, str}
        issues_of_pages = [[log["issueId"] for log in page["issueChangeLogs"]] for page in pages]
        assert any(a[-1:] == b[:1] != [] for a, b in pairwise(issues_of_pages))


def test_bulk_changelog_limits(client: Client) -> None:
    def status(**body: Any) -> int:
        return client.ask("POST", "/rest/api/3/changelog/bulkfetch", json=body).status_code

    assert status(issueIdsOrKeys=["1"] * 1001) == 400
    assert status(issueIdsOrKeys=["1"], fieldIds=[str(n) for n in range(11)]) == 400
    assert client.post("/rest/api/3/changelog/bulkfetch", issueIdsOrKeys=["1"]) == {"issueChangeLogs": []}


def test_one_issues_changelog_is_oldest_first_with_links(serve: Serve, company: Company) -> None:
    client = serve(page_cap=100)
    long = max(company.world(DEFAULT_NOW).issues.values(), key=lambda issue: len(issue.histories))
    found, url = [], client.jira + f"/rest/api/3/issue/{long.key}/changelog"
    while url:
        page = client.session.get(url, timeout=10).json()
        found += [history["id"] for history in page["values"]]
        url = page.get("nextPage")
    assert found == [str(history.history_id) for history in long.histories]
    assert client.ask("GET", "/rest/api/3/issue/PAY-99999/changelog").status_code == 404


def test_histories_have_the_recorded_oddities(client: Client, company: Company) -> None:
    ids = list(landed_from("jira", company, DEFAULT_NOW)["issues"])
    pages = client.pages("/rest/api/3/changelog/bulkfetch", issueIdsOrKeys=ids)
    histories = [h for page in pages for log in page["issueChangeLogs"] for h in log["changeHistories"]]
    items = [item for history in histories for item in history["items"]]
    named = {item["field"] for item in items}
    assert {
        "status",
        "Epic Link",
        "IssueParentAssociation",
        "Key",
        "project",
        "Sprint",
        "Team",
        "RemoteIssueLink",
        "Parent",
    } <= named
    assert any(item["from"] is None for item in items)
    assert any(item["to"] is None and item["toString"] is None for item in items)
    assert any("fieldId" not in item for item in items if item["field"] == "status")
    assert any("author" not in history for history in histories)
    assert any(history.get("author", {}).get("accountId") == "" for history in histories)
    assert any({"Epic Link", "IssueParentAssociation"} <= {item["field"] for item in h["items"]} for h in histories)


# -- the rest


def test_issue_bulkfetch_takes_a_hundred_and_names_what_it_lacks(client: Client, company: Company) -> None:
    world = company.world(DEFAULT_NOW)
    first = next(iter(world.issues.values()))
    answer = client.post("/rest/api/3/issue/bulkfetch", issueIdsOrKeys=[first.key, "99999999"], fields=["summary"])
    assert [issue["key"] for issue in answer["issues"]] == [first.key]
    assert [error["id"] for error in answer["issueErrors"]] == ["99999999"]
    assert client.ask("POST", "/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": ["1"] * 101}).status_code == 400


def test_custom_fields_are_known_by_their_schema_alone(client: Client) -> None:
    fields = client.get("/rest/api/3/field")
    assert [f["name"] for f in fields].count("Team") == 2
    team = [f for f in fields if f["schema"].get("custom", "").endswith(":atlassian-team")]
    assert len(team) == 1
    other = serve_fields(2)
    assert {f["id"] for f in fields if f["custom"]} != {f["id"] for f in other if f["custom"]}


@pytest.mark.parametrize(("seed", "bug", "done"), [(1, "Bug", "Done"), (2, "Fehler", "Fertig"), (3, "バグ", "完了")])
def test_lists_and_records_are_in_the_language_of_the_api_user_and_histories_are_not(
    serve: Serve, seed: int, bug: str, done: str
) -> None:
    company = made(seed)
    client = serve(company=company)
    (key,) = next(case.keys for case in company.cases if case.name == "skipped_in_progress")
    (other,) = next(case.keys for case in company.cases if case.name == "reopened")
    issue = client.get(f"/rest/api/3/issue/{other}", expand="changelog")
    assert issue["fields"]["issuetype"]["name"] == bug
    assert issue["fields"]["issuetype"]["untranslatedName"] == "Bug"
    assert issue["fields"]["status"]["name"] == issue["fields"]["status"]["untranslatedName"] == "Done"
    assert client.get(f"/rest/api/3/issue/{key}")["fields"]["status"]["statusCategory"]["name"] == done
    statuses = [i["toString"] for h in issue["changelog"]["histories"] for i in h["items"] if i["field"] == "status"]
    assert set(statuses) == {"To Do", "In Progress", "Done"}
    links = [f for f in client.get("/rest/api/3/field") if f["schema"].get("custom", "").endswith(":gh-epic-link")]
    assert [f["untranslatedName"] for f in links] == ["Epic Link"]
    assert (links[0]["name"] == "Epic Link") == (seed == 1)


def served(client: Client, company: Company, name: str) -> list[dict[str, Any]]:
    """The issues of a case that are shown, each with all of its histories."""
    keys = next(case.keys for case in company.cases if case.name == name)
    answers = [client.ask("GET", f"/rest/api/3/issue/{key}", params={"expand": "changelog"}) for key in keys]
    return [answer.json() for answer in answers if answer.status_code == 200]


def steps(issue: dict[str, Any], field: str = "status") -> list[tuple[Any, ...]]:
    """Oldest first, as the site orders them."""
    items = [item for h in issue["changelog"]["histories"][::-1] for item in h["items"] if item["field"] == field]
    return [tuple(item[name] for name in ("from", "fromString", "to", "toString")) for item in items]


def test_a_step_that_the_changelog_lacks_is_in_the_record(client: Client, company: Company) -> None:
    last, middle, first, whole = served(client, company, "steps_lost")
    assert [step[3] for step in steps(last)] == ["In Progress"]
    assert last["fields"]["status"]["name"] == "Done"
    dates = {last["fields"][name] for name in ("resolutiondate", "statuscategorychangedate", "updated")}
    assert [datetime.fromisoformat(date) for date in dates] == [utc(ms("2026-02-12T08:00:00Z"))]
    assert [(step[1], step[3]) for step in steps(middle)] == [("To Do", "In Progress"), ("In Review", "Done")]
    assert [(step[1], step[3]) for step in steps(first)] == [("In Progress", "Done")]
    assert steps(whole) == []
    assert whole["fields"]["status"]["name"] == "Done"


def test_an_import_has_no_ids_or_others_and_a_later_step_may_have_the_smaller_number(
    client: Client, company: Company
) -> None:
    names, half, foreign = (steps(issue) for issue in served(client, company, "statuses_of_an_import"))
    assert names == [(None, "To Do", None, "In Progress"), (None, "In Progress", None, "Done")]
    assert [(step[0], step[2]) for step in half] == [("10000", None), ("3", None)]
    assert [(step[0], step[2]) for step in foreign] == [("7710000", "773"), ("773", "7710002")]
    (turned,) = served(client, company, "numbers_in_the_wrong_order")
    assert [step[3] for step in steps(turned)] == ["Done", "In Progress"]
    (migrated, _) = served(client, company, "epic_link_cleared_by_a_migration")
    epic = (migrated["fields"]["parent"]["id"], migrated["fields"]["parent"]["key"])
    assert steps(migrated, "IssueParentAssociation") == [(None, None, *epic)]
    assert steps(migrated, "Epic Link") == [(None, None, *epic), (*epic, None, None)]


def test_what_is_in_no_list_is_named_by_records_alone(client: Client, company: Company) -> None:
    waiting, _ = served(client, company, "status_in_no_list")
    listed = {status["id"] for status in client.get("/rest/api/3/status")}
    assert waiting["fields"]["status"]["id"] not in listed
    assert waiting["fields"]["status"]["statusCategory"]["key"] == "indeterminate"
    (story,) = served(client, company, "epic_that_nobody_may_see")
    assert story["fields"]["parent"]["key"] == "VAULT-1"
    keys = {project["key"] for project in client.get("/rest/api/3/project/search", maxResults=50)["values"]}
    assert "VAULT" not in keys
    assert {"SHIP", "MUSE"} <= keys
    assert "REL" not in keys
    stays = served(client, company, "project_key_changed")[-1]
    assert (stays["key"], stays["fields"]["project"]["key"]) == ("SHIP-3", "SHIP")


def serve_fields(seed: int) -> list[dict[str, Any]]:
    view = View(made(seed))
    view.world.advance(2**60)
    return view.render.all_fields()


@pytest.mark.parametrize("cap", [1, 2, 100])
def test_users_come_as_bare_arrays_with_short_pages(serve: Serve, company: Company, cap: int) -> None:
    client, found, start = serve(page_cap=cap), [], 0
    while page := client.get("/rest/api/3/users/search", startAt=start, maxResults=50):
        found += [user["accountId"] for user in page]
        start += len(page)
    assert set(found) == set(landed_from("jira", company, DEFAULT_NOW)["users"])
    assert all("emailAddress" not in user for user in client.get("/rest/api/3/users/search"))


def test_projects_are_live_unless_asked(client: Client) -> None:
    assert "ATTIC" not in {p["key"] for p in client.get("/rest/api/3/project/search")["values"]}
    assert [p["key"] for p in client.get("/rest/api/3/project/search", status="archived")["values"]] == ["ATTIC"]
    page = client.get("/rest/api/3/project/search", maxResults=2)
    assert page["isLast"] is False
    assert client.session.get(page["nextPage"], timeout=10).json()["startAt"] == 2


def test_statuses_change_without_any_issue_changing(serve: Serve) -> None:
    client = serve(now="2026-03-01T06:00:00Z")

    def statuses() -> dict[str, str]:
        return {s["id"]: s["statusCategory"]["key"] for s in client.get("/rest/api/3/status")}

    assert statuses()["10004"] == "indeterminate"
    client.advance(to=DEFAULT_NOW)
    assert "10004" not in statuses()
    before = client.search(ALL, fields=["updated"])
    client.advance(to="2026-11-23T13:59:59Z")
    before, category = client.search(ALL, fields=["updated"]), statuses()["10011"]
    client.advance(to="2026-11-23T14:00:00Z")
    assert (category, statuses()["10011"]) == ("new", "indeterminate")
    assert client.search(ALL, fields=["updated"]) == before


def test_boards_without_sprints_say_400_and_a_shared_board_repeats_sprints(client: Client) -> None:
    boards = {board["id"]: board for board in client.get("/rest/agile/1.0/board")["values"]}
    assert {board["type"] for board in boards.values()} == {"scrum", "kanban", "simple"}
    kanban = next(number for number, board in boards.items() if board["type"] == "kanban")
    answer = client.ask("GET", f"/rest/agile/1.0/board/{kanban}/sprint")
    assert (answer.status_code, answer.json()["errorMessages"]) == (400, ["The board does not support sprints"])
    assert client.get("/rest/agile/1.0/board/9/sprint") == client.get("/rest/agile/1.0/board/1/sprint")
    assert client.ask("GET", "/rest/agile/1.0/board/77/sprint").status_code == 404


# -- worklogs


@pytest.mark.parametrize("cap", [1, 7, 1000])
@pytest.mark.parametrize("kind", ["updated", "deleted"])
def test_changed_worklogs_page_by_until_and_lose_nothing(serve: Serve, company: Company, cap: int, kind: str) -> None:
    client, found, since = serve(page_cap=cap), set(), 0
    for _ in range(1000):
        page = client.get(f"/rest/api/3/worklog/{kind}", since=since)
        found |= {value["worklogId"] for value in page["values"]}
        if page["lastPage"]:
            break
        assert page["until"] > since or since == 0
        since = page["until"]
    world = company.world(DEFAULT_NOW)
    assert found == set(world.worklogs if kind == "updated" else world.deleted_worklogs)
    assert found


def test_the_last_minute_of_worklogs_is_not_reported(serve: Serve, company: Company) -> None:
    log = max(company.world(DEFAULT_NOW).worklogs.values(), key=lambda log: log.updated)
    client = serve(now="2025-05-01T00:00:00Z")
    client.advance(to=_iso(log.updated + 59_000))
    assert log.id not in {v["worklogId"] for v in client.get("/rest/api/3/worklog/updated", since=0)["values"]}
    client.advance(seconds=1)
    assert log.id in {v["worklogId"] for v in client.get("/rest/api/3/worklog/updated", since=0)["values"]}


def _iso(at: int) -> str:
    return utc(at).isoformat()


def test_worklogs_are_listed_by_id(client: Client, company: Company) -> None:
    truth = landed_from("jira", company, DEFAULT_NOW)["worklogs"]
    found = client.ask("POST", "/rest/api/3/worklog/list", json={"ids": [int(n) for n in truth] + [1]}).json()
    assert {log["id"]: log["timeSpentSeconds"] for log in found} == {n: facts["seconds"] for n, facts in truth.items()}
    assert client.ask("POST", "/rest/api/3/worklog/list", json={"ids": list(range(1001))}).status_code == 400
    busy = max(company.world(DEFAULT_NOW).issues.values(), key=lambda issue: len(issue.worklogs))
    shown = client.get(f"/rest/api/3/issue/{busy.key}")["fields"]["worklog"]
    assert (len(shown["worklogs"]), shown["total"]) == (20, len(busy.worklogs))


# -- served and true


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_what_is_served_is_what_must_be_landed(serve: Serve, seed: int) -> None:
    company = made(seed)
    client, facts = serve(company=company), landed_from("jira", company, DEFAULT_NOW)
    issues = {issue["id"]: issue for issue in client.search(ALL, fields=["*all"], maxResults=100)}
    assert {n: (i["key"], i["fields"]["status"]["id"], i["fields"]["summary"]) for n, i in issues.items()} == {
        n: (f["key"], f["status_id"], f["summary"]) for n, f in facts["issues"].items()
    }
    assert {n: i["fields"].get("parent", {}).get("id") for n, i in issues.items()} == {
        n: f["parent_id"] for n, f in facts["issues"].items()
    }
    assert {f["id"] for f in client.get("/rest/api/3/field")} == set(facts["fields"])
    assert {s["id"] for s in client.get("/rest/api/3/status")} == set(facts["statuses"])
    assert {p["id"] for p in client.get("/rest/api/3/project/search")["values"]} == set(facts["projects"])


# -- the sandbox itself


def test_the_log_reports_who_asked_what(serve: Serve) -> None:
    client = serve()
    client.get(SEARCH, jql="project = PAY")
    requests.get(client.jira + "/rest/api/3/field", timeout=10)
    lines = requests.get(client.url + "/_sandbox/log", timeout=10).json()
    assert lines == client.sandbox.log
    assert [(line["method"], line["path"], line["authorization"]) for line in lines] == [
        ("GET", SEARCH, True),
        ("GET", "/rest/api/3/field", False),
    ]
    assert lines[0]["query"] == {"jql": "project = PAY"}
    assert "c2FuZGJveC10b2tlbg" not in json.dumps(lines), "the log holds no credentials"


def test_advance_brings_what_happens_next_and_never_goes_back(serve: Serve) -> None:
    client = serve()
    before = {issue["id"] for issue in client.search(ALL)}
    assert client.advance(to="2026-10-15T21:00:00Z").json() == {"now": "2026-10-15T21:00:00+00:00"}
    after = {issue["id"] for issue in client.search(ALL)}
    assert after - before
    assert before - after
    assert client.advance(to=DEFAULT_NOW).status_code == 400
    assert client.advance(fortnights=1).status_code == 400


def test_answers_carry_the_sandboxs_date(client: Client) -> None:
    assert client.ask("GET", "/rest/api/3/field").headers["date"] == "Thu, 15 Oct 2026 06:00:00 GMT"


def test_unchanged_records_read_the_same_from_another_port(serve: Serve) -> None:
    one, two = serve(), serve()
    assert one.url != two.url
    assert one.search("project = OPS", fields=["*all"]) == two.search("project = OPS", fields=["*all"])
