"""Bodies that are not what was asked for, under a good status, from every vendor.

Each request of a vendor gets two of the kinds, each kind meets some of the vendor's requests; every request with every
kind is `make torture PART=bodies`.

A failure means that a login page, a proxy's error or an answer that broke off reads as an empty list: records look
deleted, or a stream looks read that was not.
"""

import gzip
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from ingestion.errors import SourceError, SourceErrors
from ingestion.landing import Landing
from ingestion.sources import SOURCES, LoadOptions
from ingestion.sources.bamboohr.load import TABLES
from ingestion.sources.stripe.load import EVERY
from tests.ingestion import conftest
from tests.ingestion.sources.odd_answers import OddAnswers
from tests.ingestion.sources.test_vendor_cases import OddAmplitude, OddBooks, OddJira, OddPeople, OddStripe

JSON = "application/json"
LISTS = ["values", "issues", "issueChangeLogs", "data", "employees", "cohorts", "QueryResponse", "CDCResponse"]
CUT = gzip.compress(b'{"values": []}' * 9)[:-9]
BODIES: dict[str, Response] = {
    "a login page": Response("<!DOCTYPE html><title>Log in</title>", media_type="text/html"),
    "a login page that is called JSON": Response("<!DOCTYPE html><title>Log in</title>", media_type=JSON),
    "nothing": Response(b"", media_type=JSON),
    "cut gzip": Response(CUT, media_type=JSON, headers={"content-encoding": "gzip"}),
    "null": JSONResponse(None),
    "an object of another kind": JSONResponse({"message": "Service moved", "status": 200}),
    "lists that are null": JSONResponse(dict.fromkeys(LISTS)),
}
FIRST = (0, 3)
"""Which kind the first request gets; the others get those that follow."""


def bodies(first: int) -> Iterator[Response]:
    return islice(cycle(BODIES.values()), first, None)


def alive(account: OddAnswers) -> dict[str, set[str]]:
    streams = [stream.name for stream in SOURCES[account.source].streams if not stream.is_events]
    return {stream: set(conftest.alive(account.source, stream)) for stream in streams}


def named(account: OddAnswers, **options: Any) -> set[str]:
    """Loads; the streams of which a person hears that something is wrong."""
    found: set[str] = set()
    source = SOURCES[account.source]
    with account.serving(), Landing(source.name, source.streams) as landing:
        try:
            loaded = source.load(landing, LoadOptions(**options))
            found.update(one.stream for one in loaded if one.note.removeprefix("full resync: asked for"))
        except SourceErrors as several:
            found.update(error.stream for error in several.errors)
        except SourceError as error:
            found.add(error.stream)
    return found


def held(account: OddAnswers, wrong: dict[str, str], given: Iterator[Response], **options: Any) -> None:
    """``wrong``: which request of each stream gets the next body."""
    before, known = alive(account), dict(account.odd)
    account.odd |= dict(zip(wrong.values(), given, strict=False))
    assert wrong.keys() - named(account, **options) == set()
    assert alive(account) == before
    account.odd = known


@pytest.mark.parametrize("first", FIRST)
def test_jira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    given = bodies(first)
    jira = OddJira(tmp_path / "home", monkeypatch)
    history = {"id": "9", "created": "2026-01-02T00:00:00.000+0000", "items": []}
    jira.put({"changelogs": [{"issueId": "101", "changeHistories": [history]}]})
    jira.put({"fields": [{"id": "f", "name": "F"}], "statuses": [{"id": "3", "name": "Done"}]})
    jira.load()
    assert {stream for stream, keys in alive(jira).items() if not keys} == {"worklogs"}
    lists = {"fields": "GET /api/3/field", "statuses": "GET /api/3/status", "users": "GET /users/search"}
    lists |= {"boards": "GET /agile/1.0/board", "issues": "POST /search/jql", "worklogs": "GET /worklog/updated"}
    held(jira, lists, given, resync=True)
    of_others = {
        "projects": "GET /project/search",
        "sprints": "GET /board/2/sprint",
        "worklogs": "GET /worklog/deleted",
    }
    held(jira, of_others, given)
    held(jira, {"changelogs": "POST /changelog/bulkfetch"}, given, resync=True)
    assert named(jira, resync=True) == set()


@pytest.mark.parametrize("first", FIRST)
def test_stripe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    given = bodies(first)
    stripe = OddStripe(tmp_path / "home", monkeypatch)
    stripe.load()
    lists = {one.stream: f"GET {one.path}" for one in EVERY}
    held(stripe, lists, given, resync=True)
    stripe.put("prices", "price_1", nickname="new")
    held(stripe, {"prices": "GET /v1/prices/price_1"}, given, census=False)
    held(stripe, {"events": "GET /v1/events"}, given, census=False)
    stripe.later(1)
    stripe.load()
    stripe.assert_whole()


@pytest.mark.parametrize("first", FIRST)
def test_amplitude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    given = bodies(first)
    amplitude = OddAmplitude(tmp_path / "home", monkeypatch)
    amplitude.load()
    lists = {"event_types": "GET /events/list", "cohorts": "GET /api/3/cohorts", "events": "GET /export"}
    held(amplitude, lists, given)
    for step in ("GET /cohorts/request/c1", "GET /request-status/rc1", "GET /cohorts/request/rc1/file"):
        amplitude.compute()
        held(amplitude, {"cohort_members": step}, given)
    amplitude.compute()
    assert named(amplitude) == set()


@pytest.mark.parametrize("first", FIRST)
def test_bamboohr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    given = bodies(first)
    people = OddPeople(tmp_path / "home", monkeypatch)
    people.holidays = [{"id": 7, "type": "holiday", "start": "2026-12-25", "end": "2026-12-25"}]
    people.ask_for_leave(1, "2026-10-01", "2026-10-02")
    people.load()
    lists = {"holidays": "GET /whos_out", "time_off_requests": "GET /time_off/requests"}
    lists |= {"locations": "GET /org/locations", "lists": "GET /meta/lists", "fields": "GET /meta/fields"}
    lists |= {table.stream: f"GET /employees/all/tables/{table.name}" for table in TABLES}
    held(people, lists, given)
    held(people, {"employees": "GET /v1/employees"}, given)
    held(people, {"employees": "GET /employees/changed"}, given)
    people.later(hours=1)
    for key in "123":
        people.touch(key)
    held(people, {one.stream: f"GET /changed/tables/{one.name}" for one in TABLES}, given, census=False)
    assert named(people) == set()
    people.assert_whole()


@pytest.mark.parametrize("first", FIRST)
def test_quickbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    books = OddBooks(tmp_path / "home", monkeypatch)
    books.load()
    before = alive(books)
    kinds = {"Account": "accounts", "Class": "classes", "Item": "items", "Invoice": "invoices"}
    given = bodies(first)
    books.answers = {f"FROM {kind} ": [next(given)] * 99 for kind in kinds}
    assert set(kinds.values()) - named(books, resync=True) == set()
    assert alive(books) == before
    books.later(hours=1)
    books.answers = {f"entities={kind}&": [next(given)] * 99 for kind in kinds}
    assert set(kinds.values()) - named(books, census=False) == set()
    assert alive(books) == before
    books.answers.clear()
    assert named(books) == set()
    books.assert_whole()


VENDORS = (test_jira, test_stripe, test_amplitude, test_bamboohr, test_quickbooks)
