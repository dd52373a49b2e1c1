"""A Jira site of any size that costs nothing to serve: every issue is a formula of its number.

Belongs here: what the landing benchmark reads. Does not: faithfulness (sandbox/), measuring (landing_jira.py).
Issues are numbered in the order of their ``updated``; one is about 10 KB, with five changelog histories.
"""

import random
import re
import sys
from datetime import UTC, datetime, timedelta
from functools import cache

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BASE = datetime(2026, 1, 1, tzinfo=UTC)
PER_DAY = 1_000
"""Issues updated in a day: 100 k issues are 100 days of history, a million are 1,000."""
HISTORIES = 5
TEXT = 9_400


@cache
def pool() -> str:
    """Prose to cut descriptions from: words, so that it compresses as prose does."""
    words = [f"{a}{b}{c}" for a in ("pro", "sta", "ven", "lor") for b in ("mi", "ta", "ku") for c in ("x", "nder", "s")]
    return " ".join(random.Random(7).choices(words, k=400_000))


def updated(number: int) -> str:
    """Jira's form: milliseconds, offset without a colon."""
    at = BASE + timedelta(days=1) * (number / PER_DAY)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def issue(number: int) -> str:
    text = pool()
    start = number * 7919 % (len(text) - TEXT)
    at = updated(number)
    return (
        f'{{"expand":"operations","id":"{number + 10000}","self":"https://bench/rest/api/3/issue/{number + 10000}",'
        f'"key":"BEN-{number}","fields":{{"summary":"Issue {number} {text[start : start + 60]}","created":"{at}",'
        f'"updated":"{at}","status":{{"id":"{number % 3 + 1}","name":"S{number % 3 + 1}"}},'
        f'"issuetype":{{"id":"1","name":"Story","subtask":false,"hierarchyLevel":0}},'
        f'"project":{{"id":"1","key":"BEN","name":"Bench"}},"customfield_10016":{number % 13}.0,"labels":["a","b"],'
        f'"assignee":{{"accountId":"u{number % 50}","displayName":"User {number % 50}"}},'
        f'"description":{{"type":"doc","version":1,"content":[{{"type":"paragraph","content":'
        f'[{{"type":"text","text":"{text[start : start + TEXT]}"}}]}}]}}}}}}'
    )


def histories(number: int) -> list[str]:
    at = updated(number)
    return [
        f'{{"id":"{number * HISTORIES + n + 1}","author":{{"accountId":"u{n}","displayName":"User {n}"}},'
        f'"created":"{at}","items":[{{"field":"status","fieldtype":"jira","fieldId":"status","from":"{n % 3 + 1}",'
        f'"fromString":"S{n % 3 + 1}","to":"{(n + 1) % 3 + 1}","toString":"S{(n + 1) % 3 + 1}"}}]}}'
        for n in range(HISTORIES)
    ]


def site(issues: int) -> Starlette:
    """The endpoints that the loader reads; ``POST /_bench/advance`` adds days."""
    size = {"issues": issues}

    async def search(request: Request) -> Response:
        asked = dict(request.query_params) if request.method == "GET" else await request.json()
        since = re.search(r'updated >= "(\d{4}-\d\d-\d\d \d\d:\d\d)"', asked["jql"])
        at = datetime.strptime(since[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC) if since else BASE
        first = max(0, int((at - BASE) / timedelta(days=1) * PER_DAY))
        start = int(asked.get("nextPageToken") or first)
        fields = asked.get("fields", "id")
        only_ids = fields in ("id", ["id"])
        end = min(start + (int(asked["maxResults"]) if only_ids else 100), size["issues"])
        render = (lambda n: f'{{"id":"{n + 10000}"}}') if only_ids else issue
        more = f',"nextPageToken":"{end}"' if end < size["issues"] else ""
        body = f'{{"issues":[{",".join(render(n) for n in range(start, end))}]{more}}}'
        return Response(body, media_type="application/json")

    async def changelogs(request: Request) -> Response:
        asked = await request.json()
        logs = (
            f'{{"issueId":"{i}","changeHistories":[{",".join(histories(int(i) - 10000))}]}}'
            for i in asked["issueIdsOrKeys"]
        )
        return Response(f'{{"issueChangeLogs":[{",".join(logs)}]}}', media_type="application/json")

    async def advance(request: Request) -> Response:
        size["issues"] += PER_DAY * int(request.query_params["days"])
        return JSONResponse(size)

    def fixed(body: object):  # type: ignore[no-untyped-def]
        return lambda request: JSONResponse(body)

    def page(values: list[object]):  # type: ignore[no-untyped-def]
        return fixed({"values": values, "isLast": True, "total": len(values), "startAt": 0, "maxResults": 50})

    api, agile = "/rest/api/3", "/rest/agile/1.0"
    category = {"id": 2, "key": "new", "name": "To Do"}
    worklogs = {"values": [], "since": 0, "until": 1, "lastPage": True}
    return Starlette(
        routes=[
            Route(f"{api}/myself", fixed({"accountId": "u0", "timeZone": "UTC", "displayName": "Bench"})),
            Route(f"{api}/field", fixed([{"id": "summary", "key": "summary", "name": "Summary", "custom": False}])),
            Route(f"{api}/project/search", page([{"id": "1", "key": "BEN", "name": "Bench"}])),
            Route(
                f"{api}/status", fixed([{"id": str(n), "name": f"S{n}", "statusCategory": category} for n in (1, 2, 3)])
            ),
            Route(f"{api}/users/search", lambda r: JSONResponse([])),
            Route(f"{api}/worklog/updated", fixed(worklogs)),
            Route(f"{api}/worklog/deleted", fixed(worklogs)),
            Route(f"{api}/search/jql", search, methods=["GET", "POST"]),
            Route(f"{api}/changelog/bulkfetch", changelogs, methods=["POST"]),
            Route(f"{agile}/board", page([])),
            Route("/_bench/advance", advance, methods=["POST"]),
            Route("/_bench/ready", fixed({})),
        ]
    )


if __name__ == "__main__":
    uvicorn.run(site(int(sys.argv[2])), port=int(sys.argv[1]), log_level="error", access_log=False)
