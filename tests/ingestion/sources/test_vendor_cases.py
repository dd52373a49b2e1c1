"""Answers that other companies' systems give: each case of tests/cases/vendors.json over HTTP with the real loader, and
the same kind of answer from the other vendors.

A failure means that one odd answer of a vendor costs a company a whole stream, or that what is there is taken for gone.
In each test the rest of the stream lands.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.ingestion import conftest
from tests.ingestion.sources.jira_records import JiraRecords
from tests.ingestion.sources.odd_answers import OddAnswers

CASES = {one["case"]: one for one in json.loads((Path(__file__).parents[2] / "cases/vendors.json").read_text())}
Home = tuple[Path, pytest.MonkeyPatch]


def notes(account: OddAnswers, **options: Any) -> dict[str, str]:
    """Loads; what a person is to know of it, by stream."""
    return {one.stream: one.note for one in account.load(**options) if one.note}


# -- Jira


class OddJira(OddAnswers, JiraRecords):
    """Two scrum boards with a sprint each, a Kanban board, two projects with an issue each."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment, "UTC")
        self.odd, self.now = {}, "2026-01-10T00:00:00Z"
        issues = [jira_issue(n) for n in (1, 2)]
        self.put({"projects": [{"id": "1", "key": "AB"}, {"id": "2", "key": "CD"}], "issues": issues})
        kinds = {1: "kanban", 2: "scrum", 3: "scrum"}
        self.answer({"GET /rest/agile/1.0/board": listed(*({"id": n, "type": kind} for n, kind in kinds.items()))})
        self.answer({f"GET /board/{n}/sprint": listed({"id": 10 * n, "originBoardId": n}) for n in (2, 3)})
        self.answer({"GET /board/1/sprint": [400, {"errorMessages": ["Board does not support sprints"]}]})

    def alive(self, stream: str) -> set[str]:
        return set(conftest.alive("jira", stream))


def jira_issue(number: int, project: int | None = None) -> dict[str, Any]:
    fields = {"updated": "2026-01-01T00:00:00.000+0000", "project": {"id": str(project or number)}}
    return {"id": f"10{number}", "key": f"X-{number}", "fields": fields}


def listed(*values: dict[str, Any]) -> dict[str, Any]:
    return {"startAt": 0, "maxResults": 50, "total": len(values), "isLast": True, "values": values}


@pytest.fixture
def jira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OddJira:
    return OddJira(tmp_path / "home", monkeypatch)


def test_board_422(jira: OddJira) -> None:
    jira.answer(CASES["board-422"]["answers"])
    note = notes(jira)["sprints"]
    assert "board 2 (status 422: " in note
    assert "the vendor says: This board has no columns with a mapped status." in note
    assert jira.alive("sprints") == {"30"}
    assert jira.alive("issues") == {"101", "102"}


@pytest.mark.parametrize("kind", ["kanban", "simple"])
def test_board_translated(jira: OddJira, kind: str) -> None:
    jira.answer({"GET /rest/agile/1.0/board": listed({"id": 1, "type": kind}, {"id": 3, "type": "scrum"})})
    jira.answer(CASES["board-translated"]["answers"])
    assert notes(jira) == {}, "a board that has none is nothing to know of"
    assert jira.alive("sprints") == {"30"}


@pytest.mark.parametrize("status", [400, 403, 404, 410, 500])
def test_a_board_that_is_refused_keeps_its_sprints(jira: OddJira, status: int) -> None:
    jira.load()
    jira.answer({"GET /board/2/sprint": [status, {"errorMessages": ["Nein"]}]})
    jira.answer({"GET /board/3/sprint": listed({"id": 31, "originBoardId": 3})})
    assert f"board 2 (status {status}: " in notes(jira)["sprints"]
    assert jira.alive("sprints") == {"20", "31"}


def test_a_board_whose_answer_is_none_keeps_its_sprints(jira: OddJira) -> None:
    jira.load()
    for body in ({"values": None}, [], {"error": "no"}, {"values": {}, "isLast": True}):
        jira.answer({"GET /board/2/sprint": [200, body]})
        assert "board 2 (status 200: " in notes(jira)["sprints"]
        assert jira.alive("sprints") == {"20", "30"}


def test_where_every_board_is_refused_the_permission_is_missing(jira: OddJira) -> None:
    jira.answer({f"GET /board/{n}/sprint": [403, {"errorMessages": ["Nein"]}] for n in (1, 2, 3)})
    assert [(error.stream, error.status) for error in jira.failures()] == [("sprints", 403)]
    assert jira.alive("issues") == {"101", "102"}


def test_a_project_that_goes_while_its_issues_are_counted(jira: OddJira) -> None:
    """JQL answers 400 then, in the user's language; its issues are not believed deleted, those of others are."""
    jira.put({"issues": [jira_issue(3, project=2)]})
    jira.load()
    del jira.records["issues"]["103"], jira.records["issues"]["101"]
    asked = jira._search

    def search(body: dict[str, Any]) -> dict[str, Any]:
        return {"odd": True} if "project = 1 " in body["jql"] else asked(body)

    jira._search = search  # type: ignore[method-assign]
    assert "project 1 (status 200: " in notes(jira)["issues"]
    assert jira.alive("issues") == {"101", "102"}


class Worklogs:
    """So many worklogs of one issue, all of one instant, in a feed of pages of 1,000 that goes on by that instant."""

    def __init__(self, count: int, at: int = 1767950000000) -> None:
        self.count, self.at = count, at
        self.entries = [
            {"id": str(n), "issueId": "101", "updated": "2026-01-09T09:13:20.000+0000"} for n in range(1, count + 1)
        ]

    def feed(self, request: Request) -> Response:
        since = int(request.query_params["since"])
        found = self.entries if since <= self.at else []
        values = [{"worklogId": int(one["id"]), "updatedTime": self.at} for one in found[:1000]]
        reported = {"since": since, "until": self.at if found else since, "lastPage": len(found) <= 1000}
        return JSONResponse({"values": values, **reported})


def serve_worklogs(jira: OddJira, given: Worklogs, feed: str = "updated") -> None:
    async def by_id(scope: Any, receive: Any, send: Any) -> None:
        ids = {str(one) for one in (await Request(scope, receive).json())["ids"]}
        assert len(ids) <= 1000
        await JSONResponse([one for one in given.entries if one["id"] in ids])(scope, receive, send)

    class ById(Response):
        __call__ = staticmethod(by_id)  # type: ignore[assignment]

    def of_issue(request: Request) -> Response:
        start = int(request.query_params["startAt"])
        return JSONResponse({"startAt": start, "total": given.count, "worklogs": given.entries[start : start + 100]})

    jira.odd[f"GET /worklog/{feed}"] = given.feed
    jira.odd["POST /worklog/list"] = ById()
    jira.odd["GET /issue/101/worklog"] = of_issue


def test_worklogs_one_instant(jira: OddJira) -> None:
    jira.records["issues"]["101"]["fields"]["updated"] = "2026-01-09T09:13:20.000+0000"
    serve_worklogs(jira, Worklogs(1001))
    assert jira.landed(census=False)["worklogs"] == 1001
    assert "worklogs" not in jira.landed(census=False)
    assert len(jira.alive("worklogs")) == 1001


def test_worklogs_deleted_at_one_instant(jira: OddJira) -> None:
    jira.set(MAX_DELETED_SHARE="1")
    logged = Worklogs(1200)
    serve_worklogs(jira, logged)
    jira.load(census=False)
    deleted = Worklogs(1150, logged.at + 1000)
    logged.entries = logged.entries[1150:]
    jira.odd["GET /worklog/deleted"] = deleted.feed
    jira.load(census=False)
    assert jira.alive("worklogs") == {str(n) for n in range(1151, 1201)}


def test_worklogs_that_fail_on_a_first_load_speak_of_themselves_alone(jira: OddJira) -> None:
    jira.answer({"GET /worklog/updated": [403, {}]})
    assert [(error.stream, "returned" in str(error)) for error in jira.failures()] == [("worklogs", False)]
    assert jira.alive("issues") == {"101", "102"}
