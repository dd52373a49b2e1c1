"""A Jira site of given records, as GET /issue, /status, /field, /project/search and changelog/bulkfetch show them.

Belongs here: answering from records that a test has, by stream. Does not: the made-up company's site (sandbox), what a
record should mean (cases).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from sandbox.server import serve_in_thread
from tests.ingestion.sources.small_account import SmallAccount

KEYS = {"fields": "id", "statuses": "id", "projects": "id", "issues": "id", "changelogs": "issueId"}
READER = {"accountId": "712020:api", "accountType": "atlassian", "active": True, "displayName": "Reader"}
Objects = Mapping[str, list[dict[str, Any]]]


class JiraRecords(SmallAccount):
    """Serves ``records``, by stream and key; ``now`` is its clock."""

    source, secret = "jira", "CANARY-jira-77ab"

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, zone: str) -> None:
        super().__init__(home, environment)
        self.zone, self.now = zone, "2026-01-01T00:00:00Z"
        self.records: dict[str, dict[str, dict[str, Any]]] = {stream: {} for stream in KEYS}
        self.set(EMAIL="reader@example.com", API_TOKEN=self.secret, PAGE_SIZE="10", START="2025-12-01")

    def put(self, objects: Objects) -> None:
        """Records that come to the others. A record that is there already must be the same."""
        for stream, records in objects.items():
            for record in records:
                known = self.records[stream].setdefault(record[KEYS[stream]], record)
                assert known == record, f"{stream} {record[KEYS[stream]]} is another one in another case"

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve_in_thread(self) as url:
            self.set(BASE_URL=url)
            self.environment.setenv("PRODOPS_NOW", self.now)
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path, query = request.url.path, request.query_params
        asked = await request.json() if request.method == "POST" else {}
        self.log.append(path)
        start, size = int(query.get("startAt", 0)), int(query.get("maxResults", 50))
        listed = {stream: list(known.values()) for stream, known in self.records.items()}
        answer: Any
        match path.split("/")[-2:]:
            case [_, "myself"]:
                answer = READER | {"timeZone": self.zone}
            case [_, "field"]:
                answer = listed["fields"]
            case [_, "status"]:
                answer = listed["statuses"]
            case ["users", "search"]:
                answer = [READER][start : start + size]
            case ["project", "search"]:
                answer = page(sorted(listed["projects"], key=lambda one: str(one["key"])), start, size)
            case [_, "board"]:
                answer = page([], start, size)
            case ["search", "jql"]:
                answer = self._search(asked)
            case ["issue", "bulkfetch"]:
                found = [self.records["issues"].get(key) for key in asked["issueIdsOrKeys"]]
                answer = {"issues": [one for one in found if one], "issueErrors": []}
            case ["changelog", "bulkfetch"]:
                answer = self._histories(asked)
            case ["worklog", "updated" | "deleted"]:
                answer = {"values": [], "since": int(query["since"]), "until": int(query["since"]), "lastPage": True}
            case ["issue", key] if key in self.records["issues"]:
                answer = self.records["issues"][key]
            case _:
                messages = ["Issue does not exist or you do not have permission to see it."]
                await JSONResponse({"errorMessages": messages, "errors": {}}, 404)(scope, receive, send)
                return
        await JSONResponse(answer)(scope, receive, send)

    def _search(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`project = ID AND updated >= "local minute" ORDER BY …`, as the site's own clock reads it."""
        project = re.search(r"project = (\d+)", asked["jql"])
        (since,) = re.findall(r'updated >= "([^"]+)"', asked["jql"])
        floor = datetime.strptime(since, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(self.zone))
        found = [
            one
            for one in self.records["issues"].values()
            if (project is None or one["fields"]["project"]["id"] == project[1])
            and instant(one["fields"]["updated"]) >= floor
        ]
        by_time = "ORDER BY updated ASC" in asked["jql"]
        found.sort(key=lambda one: (instant(one["fields"]["updated"]) if by_time else floor, int(one["id"])))
        rows, more = tokens(found, asked)
        return {"issues": [{"id": one["id"]} for one in rows] if asked["fields"] == ["id"] else rows} | more

    def _histories(self, asked: dict[str, Any]) -> dict[str, Any]:
        """In the order of time over all issues, so that one issue's histories come on several pages."""
        found = [
            (history, key)
            for key in asked["issueIdsOrKeys"]
            for history in self.records["changelogs"].get(key, {}).get("changeHistories", [])
        ]
        rows, more = tokens(sorted(found, key=lambda one: (instant(one[0]["created"]), int(one[1]))), asked)
        issues: dict[str, list[dict[str, Any]]] = {}
        for history, key in rows:
            issues.setdefault(key, []).append(history)
        shown = [{"issueId": key, "changeHistories": histories} for key, histories in issues.items()]
        return {"issueChangeLogs": shown} | more


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def page(rows: list[dict[str, Any]], start: int, size: int) -> dict[str, Any]:
    shown = rows[start : start + size]
    return {"startAt": start, "maxResults": size, "total": len(rows), "isLast": start + size >= len(rows)} | {
        "values": shown
    }


def tokens(rows: list[Any], asked: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
    start, size = int(asked.get("nextPageToken", 0)), int(asked["maxResults"])
    more = {"nextPageToken": str(start + size)} if start + size < len(rows) else {}
    return rows[start : start + size], more
