"""Each fault does to an answer what its name says, to the requests that the script names and to no other."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import faults
from sandbox.company import DEFAULT_NOW, Company
from sandbox.timestamps import ms
from sandbox.truth import landed_from
from tests.sandbox.conftest import Client, Serve

SEARCH = "/rest/api/3/search/jql"
ALL = 'updated >= "2025-01-01 00:00" ORDER BY updated ASC, id ASC'


def ask(client: Client, **more: Any) -> requests.Response:
    return client.ask("POST", SEARCH, json={"jql": ALL, "fields": ["summary", "description"], "maxResults": 10}, **more)


def one(serve: Serve, fault: str, **options: Any) -> tuple[Client, requests.Response]:
    client = serve(faults=[{"fault": fault, "path": "search/jql", **options}])
    return client, ask(client)


# -- which request


def test_a_rule_hits_the_requests_it_names(serve: Serve) -> None:
    client = serve(
        faults=[{"fault": "status", "path": "search/jql", "method": "POST", "nth": 2, "count": 2, "status": 500}]
    )
    client.get(SEARCH, jql="project = PAY")
    client.get("/rest/api/3/field")
    assert [ask(client).status_code for _ in range(4)] == [200, 500, 500, 200]
    assert [line["fault"] for line in client.sandbox.log] == [None, None, None, "status", "status", None]


def test_a_rule_may_name_what_is_asked_for_in_the_query(serve: Serve) -> None:
    client = serve(faults=[{"fault": "status", "query": "^[7]$", "count": "always", "status": 500}])
    asked = ({"jql": "project = PAY", "maxResults": size} for size in (7, 8))
    assert [client.ask("GET", SEARCH, params=one).status_code for one in asked] == [500, 200]
    assert ask(client).status_code == 200, "it has no query string"


def test_always_is_from_there_on(serve: Serve) -> None:
    """A token that expires at page k: 401 from then on."""
    client = serve(faults=[{"fault": "status", "source": "jira", "nth": 3, "count": "always", "status": 401}])
    assert [ask(client).status_code for _ in range(5)] == [200, 200, 401, 401, 401]


def test_scripts_are_read_from_json_and_yaml_and_wrong_ones_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"fault": "bom", "nth": 2}]')
    (tmp_path / "a.yml").write_text("- fault: bom\n  nth: 2\n")
    assert faults.load(tmp_path / "a.json") == faults.load(tmp_path / "a.yml") == [{"fault": "bom", "nth": 2}]
    (tmp_path / "b.yml").write_text("fault: bom\n")
    with pytest.raises(ValueError, match="list of rules"):
        faults.load(tmp_path / "b.yml")
    with pytest.raises(ValueError, match="no fault is called 'tea'"):
        faults.rules([{"fault": "tea"}])
    with pytest.raises(ValueError, match="does not work like this"):
        faults.rules([{"fault": "reset", "byte": 5}])
    with pytest.raises(ValueError, match="does not work like this"):
        faults.rules([{"fault": "status"}])


# -- the answer's text


def test_status_with_retry_after_in_seconds_or_as_a_date_or_without(serve: Serve) -> None:
    _, seconds = one(serve, "status", status=429, retry_after=7)
    _, date = one(serve, "status", status=503, retry_after=7, as_date=True)
    _, neither = one(serve, "status", status=429)
    assert (seconds.status_code, seconds.headers["retry-after"]) == (429, "7")
    assert (date.status_code, date.headers["retry-after"]) == (503, "Thu, 15 Oct 2026 06:00:07 GMT")
    assert "retry-after" not in neither.headers


def test_answers_that_are_no_answers(serve: Serve) -> None:
    _, login = one(serve, "html_login")
    assert (login.status_code, login.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    _, error = one(serve, "error_body")
    assert (error.status_code, error.json()["errorMessages"]) == (200, ["Something went wrong."])
    _, empty = one(serve, "empty_list")
    assert empty.json() == {"issues": [], "isLast": True}
    _, moved = one(serve, "redirect", to="http://127.0.0.1:9/elsewhere")
    assert (moved.status_code, moved.headers["location"]) == (302, "http://127.0.0.1:9/elsewhere")


def test_text_in_the_wrong_bytes(serve: Serve) -> None:
    assert one(serve, "bom")[1].content.startswith(b"\xef\xbb\xbf{")
    other = one(serve, "charset")[1]
    assert json.loads(other.content.decode("utf-16"))["issues"]
    assert other.headers["content-type"].endswith("utf-16")
    for fault in ("invalid_utf8", "invalid_text"):
        with pytest.raises(UnicodeDecodeError):
            one(serve, fault)[1].content.decode()


# -- pages


def test_a_duplicate_page_repeats_rows_and_loses_none(serve: Serve) -> None:
    plain = [issue["id"] for issue in serve().search(ALL, maxResults=30)]
    client = serve(faults=[{"fault": "duplicate_page", "path": "search/jql", "nth": 2}])
    found = [issue["id"] for issue in client.search(ALL, maxResults=30)]
    assert sorted(set(found)) == sorted(plain)
    assert len(found) == len(plain) + len(client.post(SEARCH, jql=ALL, maxResults=30)["issues"])


def test_an_empty_page_with_a_token_loses_nothing_and_calls_itself_the_last(serve: Serve) -> None:
    client = serve(faults=[{"fault": "empty_page", "path": "search/jql", "nth": n} for n in (1, 3)])
    page = client.post(SEARCH, jql=ALL)
    assert (page["issues"], page["isLast"], "nextPageToken" in page) == ([], True, True)
    assert client.search(ALL) == serve().search(ALL)


def test_empty_pages_come_at_intervals(serve: Serve) -> None:
    """As they do on sites that have them: about every ninth page."""
    often = {"fault": "empty_page", "path": "search/jql|bulkfetch", "count": "always", "every": 9}
    client = serve(faults=[often], page_cap=3)
    pages = list(client.pages(SEARCH, jql=ALL, fields=["updated"]))
    empty = [number for number, page in enumerate(pages) if not page["issues"]]
    assert empty == list(range(0, len(pages), 9))
    assert len(empty) > 3
    assert all(page["isLast"] for number, page in enumerate(pages) if number in empty)
    assert client.search(ALL) == serve().search(ALL)


def test_a_repeated_token_never_ends(serve: Serve) -> None:
    client = serve(faults=[{"fault": "repeat_token", "path": "search/jql", "count": "always"}])
    first = client.post(SEARCH, jql=ALL)["nextPageToken"]
    assert client.post(SEARCH, jql=ALL)["nextPageToken"] == first


def test_rows_in_reverse_and_links_to_elsewhere(serve: Serve) -> None:
    _, answer = one(serve, "reverse")
    straight = ask(serve()).json()["issues"]
    assert answer.json()["issues"] == straight[::-1]
    client = serve(faults=[{"fault": "next_link", "path": "worklog/updated", "to": "https://elsewhere.example/x"}])
    page = client.get("/rest/api/3/worklog/updated", since=0)
    assert (page["nextPage"], page["lastPage"]) == ("https://elsewhere.example/x", False)


# -- records


@pytest.mark.parametrize("name", sorted(faults.RAW))
def test_every_odd_value_reaches_the_wire_as_it_is(serve: Serve, name: str) -> None:
    _, answer = one(serve, "plant", field="fields.odd", raw=name)
    assert f'"odd":{faults.RAW[name]}'.encode() in answer.content
    assert answer.content.count(b'"odd":') == 1


def test_fields_more_fewer_and_of_another_type(serve: Serve) -> None:
    _, text = one(serve, "plant", field="fields.odd", raw='"12.50"', row="all")
    assert all(issue["fields"]["odd"] == "12.50" for issue in text.json()["issues"])
    client = serve(faults=[{"fault": "drop", "field": "fields.summary", "row": 1}])
    kept = ["summary" in issue["fields"] for issue in ask(client).json()["issues"]]
    assert kept == [True, False] + [True] * (len(kept) - 2)


def test_huge_records_and_pages(serve: Serve) -> None:
    _, record = one(serve, "huge_record", size=3_000_000)
    assert len(record.json()["issues"][0]["fields"]["description"]) == 3_000_000
    _, page = one(serve, "huge_page", size=5_000_000)
    assert len(page.content) > 5_000_000
    assert page.json()["issues"] == ask(serve()).json()["issues"]


# -- bytes


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_a_body_that_breaks_off_is_noticed(serve: Serve, fault: str) -> None:
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        one(serve, fault, at=50)


def test_reset_is_a_reset(serve: Serve) -> None:
    client = serve(faults=[{"fault": "reset", "at": 50}])
    host, port = client.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(b"GET /jira/rest/api/3/field HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            read_to_the_end(raw)


def read_to_the_end(raw: socket.socket) -> None:
    while raw.recv(65536):
        continue


def test_a_length_that_promises_too_little_gives_half_a_document(serve: Serve) -> None:
    _, answer = one(serve, "short_length", at=60)
    assert (len(answer.content), answer.headers["content-length"]) == (60, "60")
    with pytest.raises(ValueError, match=r"."):
        answer.json()


@pytest.mark.parametrize("fault", [{"fault": "silence", "seconds": 30}, {"fault": "drip", "pause": 0.2}])
def test_slow_answers_are_slow_and_do_not_hold_the_server(serve: Serve, fault: dict[str, Any]) -> None:
    client = serve(faults=[fault])
    assert bytes_within(1.0, client) < 20
    assert ask(client).status_code == 200


def bytes_within(seconds: float, client: Client) -> int:
    """How much of an answer's body comes in a time; most of the whole is some thousand bytes."""
    began, count = time.monotonic(), 0
    try:
        with ask(client, timeout=seconds, stream=True) as answer:
            while time.monotonic() - began < seconds:
                count += len(answer.raw.read(1))
    except requests.Timeout:
        return count
    return count


# -- the world


def test_the_index_lags_and_reading_by_id_does_not(serve: Serve) -> None:
    company = Company(1, "tiny")
    client = serve(company=company, faults=[{"fault": "lag", "path": "search", "seconds": 120, "count": "always"}])
    fresh = company.insert_issue(ms(DEFAULT_NOW) - 60_000)
    assert client.search(f"id = {fresh.issue_id}") == []
    assert client.post("/rest/api/3/issue/bulkfetch", issueIdsOrKeys=[str(fresh.issue_id)])["issueErrors"] == []
    client.advance(seconds=61)
    assert client.search(f"id = {fresh.issue_id}") == [{"id": str(fresh.issue_id)}]


def test_a_project_that_may_no_longer_be_browsed(serve: Serve, company: Company) -> None:
    client = serve(faults=[{"fault": "hide_project", "project": "SHOP", "nth": 3, "count": "always"}])
    issue = client.search("project = SHOP", maxResults=1000)[0]["id"]
    client.sandbox.rules[0].nth = 1
    refused = client.ask("POST", SEARCH, json={"jql": "project = SHOP"})
    assert refused.status_code == 400
    assert refused.json()["errorMessages"] == ["The value 'SHOP' does not exist for the field 'project'."]
    assert "SHOP" not in {project["key"] for project in client.get("/rest/api/3/project/search")["values"]}
    assert client.post("/rest/api/3/issue/bulkfetch", issueIdsOrKeys=[issue])["issues"] == []
    assert all(board["location"]["projectKey"] != "SHOP" for board in client.get("/rest/agile/1.0/board")["values"])
    assert company.world(DEFAULT_NOW).worklogs.keys() > {
        v["worklogId"] for v in client.get("/rest/api/3/worklog/updated", since=0)["values"]
    }


@pytest.mark.parametrize("what", ["insert", "edit", "delete"])
def test_the_world_changes_between_two_pages(serve: Serve, what: str) -> None:
    company = Company(1, "tiny")
    before = set(landed_from("jira", company, DEFAULT_NOW)["issues"])
    client = serve(company=company, faults=[{"fault": "mutate", "what": what, "path": "search/jql", "nth": 2}])
    pages = list(client.pages(SEARCH, jql=ALL, maxResults=20))
    found = [issue["id"] for page in pages for issue in page["issues"]]
    after = set(landed_from("jira", company, DEFAULT_NOW)["issues"])
    assert after <= set(found), "nobody is skipped when pages are in order of update"
    assert (len(after - before), len(before - after)) == {"insert": (1, 0), "edit": (0, 0), "delete": (0, 1)}[what]
    assert len(found) == len(set(found)) + (what == "edit"), "an edited issue comes a second time, at the end"


def test_time_passes_between_two_pages(serve: Serve) -> None:
    client = serve(faults=[{"fault": "advance", "seconds": 86_400, "path": "search/jql", "nth": 2}])
    list(client.pages(SEARCH, jql=ALL, maxResults=50))
    assert requests.get(client.url + "/_sandbox/now", timeout=5).json() == {"now": "2026-10-16T06:00:00+00:00"}
