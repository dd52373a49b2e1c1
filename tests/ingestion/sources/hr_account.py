"""A BambooHR account of a few people that a test makes, changes, hides and deletes.

Belongs here: an account small enough to see what lands of it row by row, and answers in forms that the made-up company
does not give. Does not: a company's people (sandbox).
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingestion.errors import SourceError
from ingestion.landing import Landed
from ingestion.sources.bamboohr.load import SOURCE, TABLES
from sandbox.server import serve_in_thread
from tests.ingestion import conftest
from tests.ingestion.sources.small_account import SmallAccount
from tests.ingestion.sources.vendor_site import copy_home

KEY = "CANARY-bamboohr-71e3"
STREAMS = {stream.name: stream for stream in SOURCE.streams}
Given = dict[str, Any]


class People(SmallAccount):
    """Serves its people as BambooHR does; ``now`` is its clock and ``log`` what was asked.

    ``rows`` are by table and employee. ``shown`` changes a row, an employee or a request before it is shown; what it
    makes None is not shown at all."""

    source, secret = "bamboohr", KEY

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.now = datetime(2026, 10, 1, tzinfo=UTC)
        self.employees: dict[str, Given] = {}
        self.rows: dict[str, dict[str, list[Given]]] = {table.name: {} for table in TABLES}
        self.time_off: dict[int, Given] = {}
        self.holidays: list[Given] = []
        self.changed: dict[str, datetime] = {}
        self.deleted: dict[str, datetime] = {}
        self.shown: Callable[[str, Given], Given | None] = lambda what, given: given
        self.answers: dict[str, Response] = {}
        self.has_row_ids = True
        self.set(SUBDOMAIN="acme", API_KEY=KEY, PAGE_SIZE="4", START="2026-01-01")

    def copy(self, home: Path, environment: pytest.MonkeyPatch) -> "People":
        """The same account and what landed of it, in a home of its own."""
        twin = People(copy_home(self.home, home), environment)
        for name in ("now", "employees", "rows", "time_off", "holidays", "changed", "deleted"):
            setattr(twin, name, deepcopy(getattr(self, name)))
        return twin

    # -- what happens

    def hire(self, key: str) -> None:
        self.employees[key] = {"employeeId": key, "status": "Active", **dict.fromkeys(FIELDS, f"of {key}")}
        for table in TABLES:
            self.rows[table.name][key] = []
        self.row("jobInfo", key, date="0000-00-00", **dict.fromkeys(JOB, "some"))
        self.row("employmentStatus", key, date="2026-01-01", employmentStatus="Full-Time")
        pay = {"rate": {"value": f"{int(key)}.10", "currency": "EUR"}, "type": "Salary", "paidPer": "Year"}
        self.row("compensation", key, startDate="2026-01-01", **pay)

    def row(self, table: str, key: str, **values: Any) -> None:
        number = str(1000 + len(self.rows[table][key]) + 10 * int(key))
        self.rows[table][key].append({"id": number, "employeeId": key, **values})
        self.touch(key)

    def touch(self, key: str) -> None:
        self.changed[key] = self.now

    def delete(self, key: str) -> None:
        del self.employees[key], self.changed[key]
        for rows in self.rows.values():
            del rows[key]
        self.deleted[key] = self.now

    def ask_for_leave(self, number: int, first: str, last: str, employee: str = "1", status: str = "requested") -> None:
        self.time_off[number] = {
            "id": number,
            "employeeId": int(employee),
            "start": first,
            "end": last,
            "status": {"status": status},
            "notes": {"employee": "CANARY-why"},
        }

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    # -- loading

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve_in_thread(self) as url:
            self.set(BASE_URL=url)
            self.environment.setenv("PRODOPS_NOW", self.now.isoformat())
            yield

    def load(self, commits: int | None = None, **options: Any) -> list[Landed]:
        self.log.clear()
        return super().load(commits, **options)

    def failures(self, **options: Any) -> list[SourceError]:
        """The errors of the streams that failed by themselves, not of those that were skipped for them."""
        return [error for error in super().failures(**options) if " skipped, because " not in str(error)]

    def assert_whole(self) -> None:
        """What is alive in landing is what the account has, as it is now."""
        assert alive("employees").keys() == self.employees.keys()
        for table in TABLES:
            rows = {f"{key}/{row['id']}": row for key, of in self.rows[table.name].items() for row in of}
            assert alive(table.stream) == rows, table.stream
        assert alive("time_off_requests") == {str(n): _without_notes(one) for n, one in self.time_off.items()}
        assert alive("holidays") == {f"{one['id']}/{one['start']}": one for one in self.holidays}

    # -- answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.log.append(f"{request.url.path}?{request.url.query}".removesuffix("?"))
        answer = self._answer(request)
        answer.headers["date"] = format_datetime(self.now, usegmt=True)
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        given = next((answer for part, answer in self.answers.items() if part in self.log[-1]), None)
        if given is not None:
            return given
        assert request.headers["authorization"] == f"Basic {b64encode(f'{KEY}:x'.encode()).decode()}"
        assert request.headers["accept"] == "application/json"
        path, asked = request.url.path.removeprefix("/api/v1"), request.query_params
        match path.strip("/").split("/"):
            case ["employees"]:
                return self._page(asked)
            case ["employees", "changed"]:
                return self._changed(self.deleted, asked["since"], lambda key: {"id": key, "action": "Deleted"})
            case ["employees", "changed", "tables", table]:
                return self._changed(self.changed, asked["since"], lambda key: {"rows": self._rows(table, key)})
            case ["employees", "all", "tables", table]:
                return JSONResponse([row for key in self.employees for row in self._rows(table, key, True)])
            case ["employees", key, "tables", table]:
                return (
                    refused(404, "nobody") if key not in self.employees else JSONResponse(self._rows(table, key, True))
                )
            case ["time_off", "requests"]:
                return JSONResponse([_without_notes(one) for one in self._absent(asked)])
            case ["time_off", "whos_out"]:
                shown = [one for one in self.holidays if asked["start"] <= one["end"] and one["start"] <= asked["end"]]
                return JSONResponse([*shown, {"id": 1, "type": "timeOff", "employeeId": 1, "start": asked["start"]}])
            case ["hris", "org", "locations"]:
                data = [{"id": "1", "label": "Here"}]
                return JSONResponse({"data": data, "meta": {"page": 0, "pageSize": 4, "totalPages": 1}})
            case ["meta", "lists"]:
                return JSONResponse([{"fieldId": 17, "name": "Location", "options": []}])
            case _:
                return JSONResponse([{"id": "4047.1", "name": "Pay rate", "type": "currency"}])

    def _page(self, asked: Any) -> Response:
        people = [one for one in (self.shown("employee", dict(given)) for given in self.employees.values()) if one]
        keys = [one["employeeId"] for one in people]
        after = asked.get("page[after]")
        if after is not None and after not in keys:
            return JSONResponse({"error": {"code": "BadPage", "message": "The boundary employee changed."}}, 400)
        start = keys.index(after) + 1 if after else 0
        page = people[start : start + int(asked["page[limit]"])]
        following = page[-1]["employeeId"] if start + len(page) < len(people) else None
        data = [{"_restrictedFields": [], **one} for one in page]
        return JSONResponse({"data": data, "meta": {"total": len(people), "page": {"nextCursor": following}}})

    def _changed(self, timestamps: dict[str, datetime], since: str, shown: Callable[[str], Given]) -> Response:
        found = {key: at for key, at in timestamps.items() if at >= datetime.fromisoformat(since)}
        employees = {key: {**shown(key), "lastChanged": at.isoformat()} for key, at in found.items()}
        latest = max(found.values()).isoformat() if found else since
        return JSONResponse({"latest": latest, "employees": employees or []})

    def _rows(self, table: str, key: str, is_by_itself: bool = False) -> list[Given]:
        found = [self.shown(table, dict(row)) for row in self.rows[table][key]]
        hidden = () if is_by_itself or self.has_row_ids else ("id", "employeeId")
        return [{name: value for name, value in row.items() if name not in hidden} for row in found if row]

    def _absent(self, asked: Any) -> list[Given]:
        assert asked["excludeNote"]
        found = [one for one in self.time_off.values() if one["start"] <= asked["end"] and one["end"] >= asked["start"]]
        found = [one for one in found if asked.get("id") in (None, str(one["id"]))]
        return [one for one in found if self.shown("time off", one)]


FIELDS = (
    "firstName",
    "lastName",
    "jobTitleName",
    "workEmail",
    "hireDate",
    "departmentName",
    "divisionName",
    "locationName",
    "employmentStatusName",
    "reportsToId",
)
JOB = ("location", "department", "division", "jobTitle", "reportsTo", "customFTE")


def refused(status: int, message: str, **headers: str) -> Response:
    """An error as BambooHR gives it: nothing but headers."""
    reported = {
        "X-BambooHR-Error-Messsage": message,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Response(b"", status, reported, "text/html")


def _without_notes(request: Given) -> Given:
    return {name: value for name, value in request.items() if name != "notes"}


def alive(stream: str) -> dict[str, Given]:
    return {key: json.loads(text) for key, (_, text) in conftest.alive("bamboohr", stream).items()}


def gone(stream: str) -> list[str]:
    return [key for key, _, is_deleted in conftest.landed_rows("bamboohr", STREAMS[stream]) if is_deleted]
