"""Answers that other companies' systems give: each case of tests/cases/vendors.json over HTTP with the real loader, and
the same kind of answer from the other vendors.

A failure means that one odd answer of a vendor costs a company a whole stream, or that what is there is taken for gone.
In each test the rest of the stream lands.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.clock import now
from ingestion.errors import SettingsError
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from sandbox.server import serve_in_thread
from tests.ingestion import conftest
from tests.ingestion.sources.hr_account import JOB, People
from tests.ingestion.sources.hr_account import alive as staffed
from tests.ingestion.sources.jira_records import JiraRecords
from tests.ingestion.sources.odd_answers import OddAnswers
from tests.ingestion.sources.quickbooks_books import STREAMS, Books
from tests.ingestion.sources.quickbooks_books import alive as booked
from tests.ingestion.sources.stripe_account import KEY, Account
from tests.ingestion.sources.stripe_account import alive as billed

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


def jira_history(number: int) -> dict[str, Any]:
    return {"id": str(number), "created": "2026-01-02T00:00:00.000+0000", "items": []}


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


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_issue_whose_worklogs_are_refused_costs_itself_until_they_are_not(jira: OddJira, status: int) -> None:
    """More worklogs of one instant than the feed shows are read issue by issue; an hour later there is one more."""
    instant = {"updated": "2026-01-09T09:13:20.000+0000"}
    for key in ("101", "102"):
        jira.records["issues"][key]["fields"] |= instant
    logged = Worklogs(1001)
    serve_worklogs(jira, logged)
    logged.entries.append({"id": "6000", "issueId": "102", "updated": "2026-01-09T10:13:20.000+0000"})
    whole, later = jira.odd["GET /issue/101/worklog"], logged.at + 3_600_000

    def feed(request: Request) -> Response:
        since = int(request.query_params["since"])
        if since <= logged.at:
            return logged.feed(request)
        values = [{"worklogId": 6000, "updatedTime": later}] if since <= later else []
        return JSONResponse({"values": values, "since": since, "until": max(since, later), "lastPage": True})

    jira.odd["GET /worklog/updated"] = feed
    of_other = {"startAt": 0, "total": 1, "worklogs": [{"id": "5000", "issueId": "102", **instant}]}
    jira.answer({"GET /issue/102/worklog": of_other, "GET /issue/101/worklog": [status, {"errorMessages": ["Nein"]}]})
    assert f"issue 101 (status {status}: " in notes(jira, census=False)["worklogs"]
    assert jira.alive("worklogs") == {str(n) for n in (*range(1, 1001), 5000, 6000)}
    jira.odd["GET /issue/101/worklog"] = whole
    assert notes(jira, census=False) == {}
    assert jira.alive("worklogs") == {str(n) for n in (*range(1, 1002), 5000, 6000)}


def test_issues_of_one_instant(jira: OddJira) -> None:
    """Pages of ten go on by a token; the next load begins at that instant again and finds nothing new."""
    jira.put({"issues": [jira_issue(n, 1) for n in range(3, 40)]})
    jira.put({"changelogs": [{"issueId": "103", "changeHistories": [jira_history(n) for n in range(1, 131)]}]})
    landed = jira.landed(census=False)
    assert (landed["issues"], landed["changelogs"]) == (39, 130)
    assert jira.landed(census=False) == {}
    assert len(jira.alive("issues")) == 39


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


@pytest.mark.parametrize("status", [200, 404])
def test_an_issue_that_is_shown_without_its_histories(jira: OddJira, status: int) -> None:
    """It is asked for by itself; where that is refused it costs the issue, and never the histories of others."""
    history = {"id": "9", "created": "2026-01-02T00:00:00.000+0000", "items": []}
    shown = [{"issueId": "101"}, {"issueId": "102", "changeHistories": [{**history, "id": "8"}]}]
    jira.answer({"POST /changelog/bulkfetch": {"issueChangeLogs": shown}})
    jira.answer({"GET /issue/101/changelog": [status, listed(history)]})
    noted = notes(jira)
    assert jira.alive("changelogs") == ({"8", "9"} if status == 200 else {"8"})
    assert ("issue 101 (status 404: " in noted.get("changelogs", "")) == (status == 404)


def test_boards_that_the_plan_does_not_have(jira: OddJira) -> None:
    """A site without Jira Software has no boards, and so no sprints."""
    jira.answer({"GET /rest/agile/1.0/board": [404, {"errorMessages": ["Nein"]}]})
    boards, sprints = jira.failures()
    assert "If the company's plan has none, set SOURCES__JIRA__LEAVE_OUT=boards: sprints are not known" in str(boards)
    assert sprints.stream == "sprints"
    jira.set(LEAVE_OUT="boards")
    jira.log.clear()
    assert notes(jira) == {
        "boards": "boards: left out by SOURCES__JIRA__LEAVE_OUT; sprints are not known, issues alone name them",
        "sprints": "sprints: left out by SOURCES__JIRA__LEAVE_OUT; it needs boards",
    }
    assert not any("board" in line for line in jira.log)
    assert jira.alive("issues") == {"101", "102"}
    with jira.serving():
        assert [one.what for one in SOURCES["jira"].check() if "boards" in one.what] == []
    jira.set(LEAVE_OUT="issues")
    with pytest.raises(SettingsError, match="LEAVE_OUT: issues: only these can be left out: boards, worklogs"):
        SOURCES["jira"].read_settings()


def test_a_field_that_jira_hides_is_named_once_something_is_done(jira: OddJira) -> None:
    done = {"id": "3", "statusCategory": {"key": "done"}}
    assert notes(jira) == {}, "nothing is done yet, so nothing can be resolved"
    jira.records["issues"]["101"]["fields"] |= {"status": done, "updated": "2026-01-02T00:00:00.000+0000"}
    hidden = "fields.resolution, fields.resolutiondate came null for everybody; dropped work can't be kept apart from"
    assert hidden in notes(jira)["issues"]
    jira.records["issues"]["102"]["fields"] |= {"status": done, "resolution": {"id": "1"}, "resolutiondate": "2026"}
    jira.records["issues"]["102"]["fields"]["updated"] = "2026-01-02T00:00:00.000+0000"
    assert notes(jira) == {}


def test_people_whom_jira_does_not_show(jira: OddJira) -> None:
    people = [{"accountId": "a1"}, {"accountId": "a2", "displayName": None}]
    jira.odd["GET /users/search"] = lambda asked: JSONResponse(people if asked.query_params["startAt"] == "0" else [])
    noted = notes(jira)
    assert "users: displayName came null for everybody; give the API user the global permission to br" in noted["users"]
    assert jira.alive("issues") == {"101", "102"}


def test_worklogs_that_fail_on_a_first_load_speak_of_themselves_alone(jira: OddJira) -> None:
    jira.answer({"GET /worklog/updated": [403, {}]})
    assert [(error.stream, "returned" in str(error)) for error in jira.failures()] == [("worklogs", False)]
    assert jira.alive("issues") == {"101", "102"}


# -- Stripe


class OddStripe(OddAnswers, Account):
    """Two invoices with a line and a payment each, a subscription, a price."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.odd = {}
        for key in ("in_1", "in_2"):
            own = {"lines": [{"id": f"il_{key}"}], "payments": [{"id": f"inpay_{key}"}]}
            self.put("invoices", key, status="paid", **own)
        self.put("subscriptions", "sub_1", items=[{"id": "si_1"}])
        self.put("prices", "price_1")

    def served(self, key: str, **members: Any) -> None:
        """An invoice as the list and its own address show it, with members other than its own."""
        invoice = {**self.records["invoices"]["in_1"], "id": key, **members}
        self.answer({"GET /v1/invoices": {"data": [invoice, self.whole("in_2")], "has_more": False}})
        self.answer({f"GET /v1/invoices/{key}": invoice})

    def whole(self, key: str) -> dict[str, Any]:
        lists = {name: {"data": self.records["invoices"][key][name], "has_more": False} for name in LISTS}
        return {**self.records["invoices"][key], **lists}


LISTS = ("lines", "payments")


@pytest.fixture
def stripe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OddStripe:
    return OddStripe(tmp_path / "home", monkeypatch)


def test_draft_gone(stripe: OddStripe) -> None:
    answers = json.loads(json.dumps(CASES["draft-gone"]["answers"]))
    answers["GET /v1/invoices"]["data"] += [stripe.whole("in_2"), stripe.whole("in_1")]
    stripe.answer(answers)
    assert notes(stripe) == {}
    assert billed("invoices").keys() == {"in_1", "in_2"}
    assert billed("invoice_lines").keys() == {"il_in_1", "il_in_2"}
    assert billed("prices").keys() == {"price_1"}


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_invoice_whose_lines_are_refused_costs_itself_until_they_are_not(stripe: OddStripe, status: int) -> None:
    stripe.later(3 * 86_400)
    stripe.served("in_1", lines={"data": [], "has_more": True})
    stripe.answer({"GET /v1/invoices/in_1/lines": [status, {"error": {"message": f"Nein, {KEY}"}}]})
    noted = notes(stripe)["invoices"]
    assert f"invoice in_1 (status {status}: " in noted
    assert "the vendor says: Nein" in noted
    assert KEY not in noted
    assert billed("invoices").keys() == {"in_2"}
    assert billed("subscription_items").keys() == {"si_1"}
    stripe.odd.clear()
    stripe.later(3 * 86_400)
    assert notes(stripe, census=False) == {}, "though no event names it"
    assert billed("invoices").keys() == {"in_1", "in_2"}
    assert billed("invoice_lines").keys() == {"il_in_1", "il_in_2"}
    assert notes(stripe, census=False) == {}


def test_no_payments(stripe: OddStripe) -> None:
    """It is asked for by itself; where that is refused the invoice lands all the same, and its payments stay."""
    case = CASES["no-payments"]["records"]
    bare = {name: value for name, value in stripe.whole("in_1").items() if name != "payments"}
    stripe.answer({"GET /v1/invoices": {"data": [{**bare, **case}, stripe.whole("in_2")], "has_more": False}})
    assert notes(stripe) == {}
    assert billed("invoices").keys() == {"in_1", "in_2"}
    assert billed("invoice_payments").keys() == {"inpay_in_1", "inpay_in_2"}
    stripe.answer({"GET /v1/invoice_payments": [404, {"error": {"message": "Unrecognized request URL"}}]})
    noted = notes(stripe, resync=True)["invoices"]
    assert "invoice in_1 (status 404: in_1 has no payments, and their own list: " in noted
    assert billed("invoices").keys() == {"in_1", "in_2"}
    assert billed("invoice_payments").keys() == {"inpay_in_1", "inpay_in_2"}


@pytest.mark.parametrize("lines", [{}, None, [], {"data": None}, {"data": []}, "il_1"])
def test_lines_that_are_no_list(stripe: OddStripe, lines: object) -> None:
    stripe.served("in_1", lines=lines)
    assert notes(stripe) == {}
    assert billed("invoice_lines").keys() == {"il_in_1", "il_in_2"}
    stripe.answer({"GET /v1/invoices/in_1/lines": [400, {"error": {"code": "odd"}}]})
    assert "in_1 has no lines, and their own list" in notes(stripe, resync=True)["invoices"]
    assert billed("invoice_lines").keys() == {"il_in_1", "il_in_2"}


def test_where_most_invoices_are_refused_it_is_the_permission(stripe: OddStripe) -> None:
    for number in range(10, 30):
        stripe.put("invoices", f"in_{number}", lines=[{"id": f"{number}-{n}"} for n in range(11)], payments=[])
    for number in range(10, 20):
        stripe.answer({f"GET /v1/invoices/in_{number}/lines": [403, {"error": {"code": "no_permission"}}]})
    assert [(error.stream, error.status) for error in stripe.failures()] == [("invoice_lines", 403)]
    assert billed("prices").keys() == {"price_1"}


@pytest.mark.parametrize("given", [{}, None, [], {"data": None}, "absent"])
def test_a_subscription_without_its_items_and_a_credit_note_without_its_lines(stripe: OddStripe, given: object) -> None:
    """They are asked for by themselves; where that is refused the message says what is absent, and others land."""
    stripe.later(3 * 86_400)
    stripe.put("credit_notes", "cn_1", lines=[{"id": "cnl_1"}])
    lacking: dict[str, dict[str, Any]] = {}
    for stream, key, member in (("subscriptions", "sub_1", "items"), ("credit_notes", "cn_1", "lines")):
        bare = {name: value for name, value in stripe.records[stream][key].items() if name != member}
        lacking[stream] = bare if given == "absent" else {**bare, member: given}
        stripe.answer({f"GET /v1/{stream}": {"data": [lacking[stream]], "has_more": False}})
        stripe.answer({f"GET /v1/{stream}/{key}": lacking[stream]})
    own = ("GET /v1/subscription_items", "GET /v1/credit_notes/cn_1/lines")
    stripe.answer({one: [400, {"error": {"code": "odd"}}] for one in own})
    noted = notes(stripe)
    assert "sub_1 has no items, and their own list" in noted["subscriptions"]
    assert "cn_1 has no lines, and their own list" in noted["credit_notes"]
    assert billed("invoices").keys() == {"in_1", "in_2"}
    for one in own:
        del stripe.odd[one]
    assert notes(stripe, census=False) == {}
    assert billed("subscription_items").keys() == {"si_1"}
    assert billed("credit_note_lines").keys() == {"cnl_1"}


def test_a_subscription_that_is_refused_costs_itself(stripe: OddStripe) -> None:
    stripe.put("subscriptions", "sub_2", items=[{"id": f"si_2{n}"} for n in range(11)])
    stripe.answer({"GET /v1/subscription_items": [403, {"error": {"type": "invalid_request_error"}}]})
    assert "subscription sub_2 (status 403: " in notes(stripe)["subscriptions"]
    assert billed("subscriptions").keys() == {"sub_1"}
    assert billed("invoices").keys() == {"in_1", "in_2"}


def test_reason_kept(stripe: OddStripe) -> None:
    stripe.answer(CASES["reason-kept"]["answers"])
    error, skipped = stripe.failures()
    assert (error.stream, error.status, skipped.stream) == ("prices", 400, "prices")
    assert str(error).endswith("the vendor says: invalid_request_error, param expand: Bad expand 'applies_to'")
    assert billed("invoices").keys() == {"in_1", "in_2"}


def test_quantity_decimal(stripe: OddStripe) -> None:
    """It lands to the digit; a unit test of stg_stripe__invoice_lines says which of the two quantities is read."""
    line = CASES["quantity-decimal"]["records"]
    stripe.put("invoices", "in_1", lines=[line])
    stripe.load()
    assert billed("invoice_lines")["il_2"] == line
    assert billed("invoice_lines").keys() == {"il_2", "il_in_2"}


@pytest.mark.parametrize("body", [{}, [], {"data": {}}, {"data": []}, {"object": "list"}])
def test_a_list_that_is_none_is_no_empty_list(stripe: OddStripe, body: object) -> None:
    stripe.load()
    stripe.answer({"GET /v1/prices": [200, body]})
    assert {error.stream for error in stripe.failures(resync=True)} == {"prices"}
    assert billed("prices").keys() == {"price_1"}


def test_records_and_events_of_one_instant(stripe: OddStripe) -> None:
    """More than a page holds were made, and changed, in one second."""
    stripe.set(PAGE_SIZE="3")
    for n in range(2, 13):
        stripe.put("prices", f"price_{n}")
        stripe.put("customers", f"cus_{n}")
    stripe.load()
    stripe.assert_whole()
    stripe.later(60)
    for n in range(2, 13):
        stripe.put("prices", f"price_{n}", nickname="new")
        stripe.put("charges", f"ch_{n}", status="succeeded")
    stripe.load(census=False)
    stripe.assert_whole()


# -- Amplitude


class OddAmplitude(OddAnswers):
    """A project with an event type and two cohorts, whose files are asked for as `rc1` and `rc2`."""

    source, secret = "amplitude", "CANARY-amplitude-2b"

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.odd, self.computed = {}, 1
        environment.setenv("PRODOPS_NOW", "2026-01-10T00:00:00Z")
        self.set(API_KEY="key", SECRET_KEY=self.secret, START="2026-01-09")
        self.answer({"GET /export": [404, {}], "GET /events/list": {"data": [{"value": "open"}]}})
        self.compute()
        for n in (1, 2):
            done = {"async_status": "JOB COMPLETED"}
            self.answer({f"GET /cohorts/request/c{n}": {"request_id": f"rc{n}"}, f"GET /request-status/rc{n}": done})
            self.file(n, f'"amplitude_id","user_id"\n"{n}","u{n}"\n'.encode())

    def compute(self) -> None:
        """The cohorts are computed anew, so that their files are due."""
        self.computed += 1
        cohorts = [{"id": f"c{n}", "lastComputed": self.computed, "size": 1} for n in (1, 2)]
        self.answer({"GET /api/3/cohorts": {"cohorts": cohorts}})

    def file(self, cohort: int, body: bytes, media: str = "text/csv") -> None:
        self.odd[f"GET /api/5/cohorts/request/rc{cohort}/file"] = Response(body, media_type=media)

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve_in_thread(self) as url:
            self.set(BASE_URL=url)
            yield

    def members(self) -> set[str]:
        return {key.removeprefix("default/") for key in conftest.alive("amplitude", "cohort_members")}


@pytest.fixture
def amplitude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OddAmplitude:
    return OddAmplitude(tmp_path / "home", monkeypatch)


def test_cohort_gz(amplitude: OddAmplitude) -> None:
    amplitude.load()
    assert amplitude.members() == {"c1/1", "c2/2"}
    amplitude.compute()
    amplitude.file(1, gzip.compress(b'"amplitude_id","user_id"\n"1","u1"\n"3",""\n'), "application/gzip")
    assert notes(amplitude) == {}
    assert amplitude.members() == {"c1/1", "c1/3", "c2/2"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"error":"not ready"}',
        gzip.compress(b'"amplitude_id","user_id"\n"1","u1"\n')[:-5],
        gzip.compress(b""),
        b"PK\x03\x04 and more",
        b"\x00\xff" * 50,
        b'"amplitude_id","user_id"\n',
        b'"name"\n"x"\n',
    ],
    ids=["nothing", "json", "cut gzip", "empty gzip", "zip", "bytes", "only a header", "other columns"],
)
def test_a_file_that_is_no_list_of_members_deletes_none(amplitude: OddAmplitude, body: bytes) -> None:
    amplitude.load()
    amplitude.compute()
    amplitude.file(1, body)
    amplitude.file(2, b'"amplitude_id","user_id"\n"4","u4"\n')
    assert "cohort default/c1 (status 200: " in notes(amplitude)["cohort_members"]
    assert amplitude.members() == {"c1/1", "c2/4"}
    amplitude.file(1, b'"amplitude_id","user_id"\n"5","u5"\n')
    assert notes(amplitude) == {}, "it is read by the next load"
    assert amplitude.members() == {"c1/5", "c2/4"}


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_cohort_that_is_refused_costs_itself(amplitude: OddAmplitude, status: int) -> None:
    amplitude.answer({"GET /cohorts/request/c1": [status, {"error": {"type": "invalid", "message": "Nein"}}]})
    note = notes(amplitude)["cohort_members"]
    assert f"cohort default/c1 (status {status}: " in note
    assert "the vendor says: invalid: Nein" in note
    assert amplitude.members() == {"c2/2"}
    assert conftest.alive("amplitude", "event_types").keys() == {"default/open"}


def test_members_known_by_user_id_and_by_amplitude_id(amplitude: OddAmplitude) -> None:
    """One's user id is the text of another's Amplitude id, two Amplitude ids are one user's, one signs in later."""
    amplitude.file(1, b'"amplitude_id","user_id"\n"7","5"\n"5",""\n"8","u8"\n"9","u8"\n')
    amplitude.file(2, b'"user_id"\n"7"\n')
    amplitude.load()
    assert amplitude.members() == {"c1/7", "c1/5", "c1/8", "c1/9", "c2/user/7"}
    amplitude.compute()
    amplitude.file(1, b'"amplitude_id","user_id"\n"7","5"\n"5","signed-in"\n"8","u8"\n"9","u8"\n')
    assert amplitude.landed()["cohort_members"] == 1
    assert amplitude.members() == {"c1/7", "c1/5", "c1/8", "c1/9", "c2/user/7"}


USED_UP = {"rest_download": {"limit": 500, "usage": 500, "resets_at": "2026-02-01T00:00:00"}}


def asked_for(amplitude: OddAmplitude) -> list[str]:
    return [line.rpartition("/")[2] for line in amplitude.log if "/cohorts/request/c" in line]


def test_the_files_of_a_month_are_used_up_and_nobody_asks_on(amplitude: OddAmplitude) -> None:
    """Each request counts: one that can't succeed is not repeated, and the members that landed stay."""
    amplitude.load()
    amplitude.compute()
    amplitude.log.clear()
    amplitude.answer({"GET /cohorts/request/c1": [429, {"error": {"message": "Nein"}}]})
    amplitude.answer({"GET /api/3/cohorts/usage": USED_UP})
    note = notes(amplitude)["cohort_members"]
    assert "Amplitude's 500 cohort files of this month, which begin again at 2026-02-01T00:00:00, are used up" in note
    assert "2 cohorts keep the members that landed, a later load asks again" in note
    assert asked_for(amplitude) == ["c1"]
    assert amplitude.members() == {"c1/1", "c2/2"}
    assert conftest.alive("amplitude", "cohorts").keys() == {"default/c1", "default/c2"}


@pytest.mark.parametrize("usage", [[404, {}], {"rest_download": {"limit": 500, "usage": 3}}, {}])
def test_the_limit_of_ten_minutes_is_waited_for(amplitude: OddAmplitude, usage: object) -> None:
    given = [JSONResponse({}, 429), JSONResponse({}, 429), JSONResponse({"request_id": "rc1"})]
    amplitude.odd["GET /cohorts/request/c1"] = lambda _: given.pop(0)
    amplitude.answer({"GET /api/3/cohorts/usage": usage})
    amplitude.set(ATTEMPTS="3")
    assert notes(amplitude) == {}
    assert amplitude.members() == {"c1/1", "c2/2"}
    amplitude.compute()
    amplitude.answer({"GET /cohorts/request/c1": [429, {}]})
    note = notes(amplitude)["cohort_members"]
    assert "Amplitude gives 60 cohort files in ten minutes and 500 a month, and its limit did not clear; 2 coh" in note
    assert amplitude.members() == {"c1/1", "c2/2"}


def test_a_cohort_that_no_file_holds_is_named_and_not_asked_for(amplitude: OddAmplitude) -> None:
    cohorts = [{"id": "c1", "lastComputed": 1, "size": 2_000_001}, {"id": "c2", "lastComputed": 1, "size": 1}]
    amplitude.answer({"GET /api/3/cohorts": {"cohorts": cohorts}})
    assert "default/c1 have more than 2,000,000 members, the most that A" in notes(amplitude)["cohort_members"]
    assert asked_for(amplitude) == ["c2"]
    assert amplitude.members() == {"c2/2"}


def test_cohorts_that_the_plan_does_not_have(amplitude: OddAmplitude) -> None:
    amplitude.answer({"GET /api/3/cohorts": [403, {"error": "Not available on your plan"}]})
    (error,) = amplitude.failures()
    assert "If the company's plan has none, set SOURCES__AMPLITUDE__LEAVE_OUT=cohorts: nothing is" in str(error)
    amplitude.set(LEAVE_OUT="cohorts,cohort_members")
    assert notes(amplitude).keys() == {"cohorts", "cohort_members"}
    assert conftest.alive("amplitude", "event_types").keys() == {"default/open"}


def test_events_that_name_nobody(amplitude: OddAmplitude) -> None:
    """One that does is enough: what is anonymous on purpose is nothing to mend."""

    def exported(*users: str | None) -> None:
        head = {"event_type": "open", "event_time": "2026-01-09 00:00:00.000000", "device_id": "d"}
        lines = [
            {**head, "uuid": str(n), "user_id": user, "server_upload_time": "2026-01-09 01:00:00.000000"}
            for n, user in enumerate(users)
        ]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as bundle:
            bundle.writestr("1/1_2026-01-09_1#0.json.gz", gzip.compress("\n".join(map(json.dumps, lines)).encode()))
        amplitude.odd["GET /export"] = Response(out.getvalue(), media_type="application/zip")

    exported(None, None)
    assert "events: user_id came null for everybody; each device counts as a person" in notes(amplitude)["events"]
    assert amplitude.members() == {"c1/1", "c2/2"}
    exported(None, "u1")
    assert notes(amplitude) == {}


# -- BambooHR


class OddPeople(OddAnswers, People):
    """Three employees with a row in each table."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.odd = {}
        for key in "123":
            self.hire(key)


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OddPeople:
    return OddPeople(tmp_path / "home", monkeypatch)


def test_columns_null(people: OddPeople) -> None:
    row = CASES["columns-null"]["records"]
    rows = people.rows["jobInfo"]
    for key in rows:
        rows[key] = [{**row, "employeeId": key}]
    note = notes(people)["job_info"]
    assert "job_info: location, department, division, customFTE came null for everybody" in note
    assert "give the API key's user access to them: Settings > Access Levels" in note
    assert staffed("job_info").keys() == {"1/1", "2/1", "3/1"}
    assert staffed("compensation").keys() == {"1/1010", "2/1020", "3/1030"}
    rows["2"][0]["location"] = "Here"
    assert "job_info: department, division, customFTE came null" in notes(people)["job_info"]


def test_employees_whose_fields_are_null_from_the_first_load(people: OddPeople) -> None:
    for one in people.employees.values():
        one.update(workEmail=None, hireDate=None)
    assert "employees: workEmail, hireDate came null for everybody" in notes(people)["employees"]
    assert staffed("employees").keys() == {"1", "2", "3"}


def test_recurring_holiday(people: OddPeople) -> None:
    people.holidays = CASES["recurring-holiday"]["records"]
    people.load()
    people.assert_whole()
    assert staffed("holidays").keys() == {"7/2026-01-01", "7/2027-01-01"}


def test_people_and_changes_of_one_instant(people: OddPeople) -> None:
    """Pages of four; all changed in one instant."""
    for key in range(4, 24):
        people.hire(str(key))
    people.load()
    people.assert_whole()
    people.later(hours=1)
    for key in range(4, 24):
        people.row("jobInfo", str(key), date="2026-10-01", **dict.fromkeys(JOB, "new"))
    people.load(census=False)
    people.assert_whole()


def test_a_holiday_that_landed_by_its_id_alone_is_not_two(people: OddPeople) -> None:
    with Landing("bamboohr", SOURCES["bamboohr"].streams) as landing:
        landing.land("holidays", [Record("7", '{"id":7,"start":"2026-01-01"}', now())])
    people.holidays = CASES["recurring-holiday"]["records"]
    people.load()
    people.assert_whole()


@pytest.mark.parametrize("status", [401, 403])
def test_lists_that_are_for_oauth_alone(people: OddPeople, status: int) -> None:
    """Employees come by a custom report, which BambooHR documents for API keys, with the names of the list."""
    names = {"departmentName": "department", "divisionName": "division", "locationName": "location"}
    names |= {"jobTitleName": "jobTitle", "employmentStatusName": "employmentHistoryStatus"}
    names |= {"reportsToId": "supervisorEId", "employeeId": "id"}
    rows = [{names.get(name, name): value for name, value in one.items()} for one in people.employees.values()]
    people.answer({"GET /v1/employees": [status, {}], "GET /org/locations": [status, {}]})
    people.answer({"POST /reports/custom": {"title": "x", "fields": [], "employees": rows}})
    noted = notes(people)
    assert "locations: BambooHR gives them to OAuth apps alone" in noted.pop("locations")
    assert noted == {}
    assert staffed("employees") == people.employees
    assert staffed("compensation").keys() == {"1/1010", "2/1020", "3/1030"}
    hidden = [{name: value for name, value in row.items() if name != "workEmail"} for row in rows]
    people.answer({"POST /reports/custom": {"title": "x", "fields": [], "employees": hidden}})
    (error,) = people.failures()
    assert (error.stream, "may not see workEmail" in str(error)) == ("employees", True)
    people.answer({"POST /reports/custom": [404, {}]})
    (error,) = people.failures()
    assert "the list of employees: " in str(error)
    assert "; a custom report instead: there is nothing at this address" in str(error)


def test_time_off_that_the_plan_does_not_have(people: OddPeople) -> None:
    people.answer({"GET /time_off/requests": [403, {}]})
    (error,) = people.failures()
    assert "If the company's plan has none, set SOURCES__BAMBOOHR__LEAVE_OUT=time_off_requests: absences" in str(error)
    people.set(LEAVE_OUT="time_off_requests")
    assert notes(people).keys() == {"time_off_requests"}
    people.assert_whole()


@pytest.mark.parametrize("status", [400, 404])
def test_a_request_of_time_off_that_is_refused_costs_itself(people: OddPeople, status: int) -> None:
    """One that is missing is asked for by its id; where that is refused it is not believed gone."""
    for number in (1, 2):
        people.ask_for_leave(number, "2026-10-01", "2026-10-02")
    people.load()
    del people.time_off[1]
    asked = people._answer

    def answer(request: Request) -> Response:
        return JSONResponse({}, status) if request.query_params.get("id") == "1" else asked(request)

    people._answer = answer  # type: ignore[method-assign]
    people.ask_for_leave(3, "2026-10-05", "2026-10-06")
    assert f"request 1 (status {status}: " in notes(people)["time_off_requests"]
    assert staffed("time_off_requests").keys() == {"1", "2", "3"}
    people._answer = asked  # type: ignore[method-assign]
    assert notes(people) == {}
    assert staffed("time_off_requests").keys() == {"2", "3"}


@pytest.mark.parametrize("status", [403, 500])
def test_an_employee_whose_rows_are_refused_costs_nobody_else(people: OddPeople, status: int) -> None:
    people.load()
    people.later(hours=1)
    people.has_row_ids = False
    for key in "12":
        people.row("jobInfo", key, date="2026-10-01", **dict.fromkeys(JOB, "new"))
    people.answer({"GET /employees/1/tables/jobInfo": [status, {}]})
    assert f"employee 1 (status {status}: " in notes(people, census=False)["job_info"]
    assert staffed("job_info").keys() == {"1/1010", "2/1020", "2/1021", "3/1030"}


# -- QuickBooks


class OddBooks(OddAnswers, Books):
    """An account, a class, an item and an invoice."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.odd = {}
        self.set(START="2026-09-01")
        for kind in ("Account", "Class", "Item"):
            self.put(kind, 1)
        self.put("Invoice", 1, TxnDate="2026-09-15", TotalAmt=10)

    def refuse(self, kind: str, status: int, code: str, fault: str = "ValidationFault", times: int = 9) -> None:
        body = {"Fault": {"Error": [{"Message": "Nein", "code": code}], "type": fault}}
        self.answers[f"FROM {kind} "] = [JSONResponse(body, status) for _ in range(times)]


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OddBooks:
    return OddBooks(tmp_path / "home", monkeypatch)


def test_system_fault(books: OddBooks) -> None:
    (status, body), *_ = CASES["system-fault"]["answers"].values()
    books.answers["FROM Invoice "] = [JSONResponse(body, status)]
    books.load()
    books.assert_whole()
    books.later(hours=1)
    books.answers["FROM Invoice "] = [JSONResponse(body, status) for _ in range(9)]
    (error,) = books.failures(resync=True)
    assert (error.stream, error.status) == ("invoices", 400)
    assert "gave up after 2 attempts; the vendor says: SystemFault, 10000: An application error" in str(error)
    assert booked("invoices").keys() == {"1"}


def test_a_class_that_the_plan_does_not_have(books: OddBooks) -> None:
    books.refuse("Class", 400, "5020", times=99)
    (error,) = books.failures()
    assert error.stream == "classes"
    assert "If the company's plan has none, set SOURCES__QUICKBOOKS__LEAVE_OUT=classes: nothing is allotted" in str(
        error
    )
    books.set(LEAVE_OUT="classes, departments")
    books.log.clear()
    books.later(hours=1)
    noted = notes(books)
    assert (
        "classes: left out by SOURCES__QUICKBOOKS__LEAVE_OUT; nothing is allotted to products by class"
        in noted["classes"]
    )
    assert "departments" in noted
    assert not any("FROM Class " in line or "ProfitAndLoss" in line for line in books.log)
    assert (
        noted["profit_and_loss_by_class"]
        == "profit_and_loss_by_class: left out with classes by SOURCES__QUICKBOOKS__LEAVE_OUT; "
        "the ledger is not compared with it"
    )
    assert booked("profit_and_loss_by_class") == {}, "what landed before would no longer be what the ledger says"
    assert booked("invoices").keys() == {"1"}
    assert len(booked("general_ledgers")) > 0
    books.set(LEAVE_OUT="classes,invoices")
    with (
        pytest.raises(SettingsError, match="LEAVE_OUT: invoices: only these can be left out: classes, "),
        books.serving(),
    ):
        books.load()


MONTHS = ["2026-07", "2026-08", "2026-09", "2026-10"]
AUGUST = "2026-08-01/2026-08-31"
REPORTS = {"ProfitAndLoss": "profit_and_loss_by_class", "GeneralLedger": "general_ledgers"}
REPORTS |= {"TrialBalance": "trial_balances"}
OF_AUGUST = {name: f"reports/{name} start_date=2026-08" for name in REPORTS}
OF_AUGUST["TrialBalance"] = "reports/TrialBalance start_date=2026-02-01&end_date=2026-08"


def months(stream: str) -> list[str]:
    return sorted(key[:7] for key in booked(stream))


@pytest.fixture
def dated(books: OddBooks) -> OddBooks:
    """An invoice in each of three months."""
    for number, month in enumerate(MONTHS[:3], start=2):
        books.put("Invoice", number, TxnDate=f"{month}-15", TotalAmt=number)
    books.set(START="2026-07-01")
    return books


NOT_THE_REPORT: dict[str, Response] = {
    "400": JSONResponse({"Fault": {"Error": [{"code": "2020"}], "type": "ValidationFault"}}, 400),
    "403": JSONResponse({"Fault": {"Error": [{"code": "3100"}], "type": "AuthorizationFault"}}, 403),
    "500": JSONResponse({"Fault": {"Error": [{"code": "10000"}], "type": "SystemFault"}}, 500),
    "a fault in a good answer": JSONResponse({"Fault": {"Error": [{"code": "610"}], "type": "ValidationFault"}}),
    "other days": JSONResponse({"Header": {"ReportName": "GeneralLedger", "StartPeriod": "2020-01-01"}, "Rows": {}}),
    "a list": JSONResponse([]),
    "an empty object": JSONResponse({}),
    "a login page": Response("<html/>", media_type="text/html"),
    "nothing": Response(b"", media_type="application/json"),
}


@pytest.mark.parametrize("given", NOT_THE_REPORT)
@pytest.mark.parametrize("report", REPORTS)
def test_a_period_that_is_refused_costs_that_period(dated: OddBooks, report: str, given: str) -> None:
    """It is named, asked for again by the next load though its books are closed, and never taken for an empty one."""
    stream = REPORTS[report]
    dated.answers[OF_AUGUST[report]] = [NOT_THE_REPORT[given]] * 9
    note = notes(dated)[stream]
    assert (
        f"{stream}: could not be read and stays as it landed: period FY26-P08 (2026-08-01 to 2026-08-31) (sta" in note
    )
    whole = dict.fromkeys(REPORTS.values(), MONTHS)
    assert {one: months(one) for one in whole} == whole | {stream: ["2026-07", "2026-09", "2026-10"]}
    assert booked("invoices").keys() == {"1", "2", "3", "4"}
    dated.answers.clear()
    dated.preferences = {"Id": "1", "AccountingInfoPrefs": {"BookCloseDate": "2026-09-30"}}
    assert notes(dated, census=False) == {}
    assert {one: months(one) for one in whole} == whole
    dated.later(hours=1)
    dated.log.clear()
    dated.load(census=False)
    assert {line.partition("end_date=")[2][:7] for line in dated.log if "GeneralLedger" in line} == {"2026-10"}


@pytest.mark.parametrize("report", REPORTS)
def test_a_period_that_landed_stays_as_it_landed_where_it_is_refused(dated: OddBooks, report: str) -> None:
    """Ledger and trial balance stay of one instant; closed periods are asked for again until they could be read."""
    dated.preferences = {"Id": "1", "AccountingInfoPrefs": {"BookCloseDate": "2026-09-30"}}
    dated.load()
    kept = ["profit_and_loss_by_class"] if report == "ProfitAndLoss" else ["general_ledgers", "trial_balances"]
    before = {stream: booked(stream)[AUGUST]["Rows"] for stream in kept}
    dated.later(hours=1)
    dated.put("Invoice", 3, TxnDate="2026-08-15", TotalAmt=300)
    for _ in range(2):
        dated.answers[OF_AUGUST[report]] = [NOT_THE_REPORT["400"]] * 9
        noted = notes(dated, census=False)[REPORTS[report]]
        assert "period FY26-P08 (2026-08-01 to 2026-08-31) (status 400: " in noted
        assert {stream: booked(stream)[AUGUST]["Rows"] for stream in kept} == before
        dated.later(hours=1)
    assert booked("invoices")["3"]["TotalAmt"] == 300
    dated.answers.clear()
    noted = notes(dated, census=False)
    assert [stream for stream in kept if "closed periods were restated: FY26-P08" not in noted[stream]] == []
    assert [stream for stream in kept if booked(stream)[AUGUST]["Rows"] == before[stream]] == []


@pytest.mark.parametrize(
    ("fault", "requests"), [("ValidationFault", 9), ("SystemFault", 2)], ids=["for good", "for as long as it is asked"]
)
def test_a_period_that_is_refused_does_not_cost_the_ledger_its_columns(
    dated: OddBooks, fault: str, requests: int
) -> None:
    refusal = JSONResponse({"Fault": {"Error": [{"code": "2020"}], "type": fault}}, 400)
    dated.answers[OF_AUGUST["GeneralLedger"]] = [refusal] * requests
    dated.load()
    asked = [line.partition("columns=")[2].partition("&")[0] for line in dated.log if "GeneralLedger" in line]
    assert "item_name" in asked[-1]


def test_more_changes_of_one_instant_than_an_answer_holds(books: OddBooks) -> None:
    """An answer of changes holds 1,000 and says nothing of the rest."""
    books.set(PAGE_SIZE="1000")
    books.load()
    books.later(hours=1)
    for n in range(2, 1103):
        books.put("Bill", n, TxnDate="2026-09-15", TotalAmt=1)
    books.load(census=False)
    assert len(booked("bills")) == 1101
    books.assert_whole()
    books.later(hours=1)
    assert "bills" not in books.landed(census=False)


@pytest.mark.parametrize("tracked", ["ClassTrackingPerTxn", "ClassTrackingPerTxnLine"])
def test_classes_that_nobody_chooses(books: OddBooks, tracked: str) -> None:
    assert notes(books) == {}, "who does not track classes has none to choose"
    books.later(hours=1)
    books.preferences = {"Id": "1", "AccountingInfoPrefs": {tracked: True}}
    note = notes(books)["classes"]
    assert "came null for everybody; nothing is allotted to products by class; choose one in the documents, or" in note
    books.later(hours=1)
    of_line = {"DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": {"ClassRef": {"value": "1"}}}
    books.put("JournalEntry", 5, TxnDate="2026-09-20", Line=[of_line], ClassRef={"value": "1"})
    assert notes(books) == {}
    assert booked("invoices").keys() == {"1"}


RECORDS = {
    "credit-card-payment": {"CreditCardPayment": [CASES["credit-card-payment"]["records"]]},
    "bill-tax": {"Bill": [CASES["bill-tax"]["records"]]},
    "two-payables": {kind: [one] for kind, one in CASES["two-payables"]["records"].items()},
    "shipping": {"Invoice": [{"Id": "70", "Line": [CASES["shipping"]["records"]]}]},
    "stock-bill": {
        "Item": [CASES["stock-bill"]["records"]["Item"]],
        "Bill": [{"Id": "71", "Line": [CASES["stock-bill"]["records"]["BillLine"]]}],
    },
}


@pytest.mark.parametrize("case", RECORDS)
def test_documents_beyond_the_common_ones_land_as_they_came(books: OddBooks, case: str) -> None:
    """How they are posted is held against tests/cases/quickbooks (tests/dbt/test_quickbooks_cases.py)."""
    for kind, records in RECORDS[case].items():
        for record in records:
            members = {name: value for name, value in record.items() if name != "Id"}
            books.put(kind, int(record["Id"]), **members)
    assert {note for note in notes(books).values() if "could not" in note} == set()
    for kind, records in RECORDS[case].items():
        for record in records:
            assert booked(STREAMS[kind])[record["Id"]].items() >= record.items()
    books.assert_whole()


def test_type_translated(jira: OddJira) -> None:
    """It lands with its id and its name as they came; that types are known by id and mapping is a rule of dbt's."""
    issue = json.loads(json.dumps(CASES["type-translated"]["records"]["issue"]))
    issue["fields"] |= {"updated": "2026-01-01T00:00:00.000+0000", "project": {"id": "1"}}
    jira.records["issues"]["102"] = issue
    jira.load()
    assert json.loads(conftest.alive("jira", "issues")["102"][1])["fields"]["issuetype"]["name"] == "Fehler"
    assert jira.alive("issues") == {"101", "102"}


def test_every_case_has_a_test() -> None:
    own = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    assert CASES.keys() - own - RECORDS.keys() == set()
