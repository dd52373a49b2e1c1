"""Answers against Atlassian's own OpenAPI documents.

They are a lower bound: real answers have fields the documents do not name, and nulls where they say string (as
recorded), so objects are opened and values may be null before anything is compared.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.sandbox.conftest import Client

FOLDER = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "contracts" / "jira"
PLATFORM, AGILE = "swagger-v3.v3.json", "software-swagger.v3.json"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="Atlassian's OpenAPI documents are not here (PRODOPS_SHARED)"
)


def opened(schema: Any) -> Any:
    """Objects take more fields than named, every typed value may be null; a history's `created` may be a number."""
    if isinstance(schema, list):
        return [opened(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name for name in ("additionalProperties",) if schema.get(name) is False}
    found = {name: opened(part) for name, part in schema.items() if name not in {"example", "nullable"} | closed}
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if found.get("format") == "date-time":
            found["type"].append("integer")
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


@cache
def document(name: str) -> Any:
    raw = json.loads((FOLDER / name).read_text("utf-8"))
    return {"paths": raw["paths"], "components": opened(raw.get("components", {}))}


def problems(name: str, method: str, path: str, answer: Any) -> list[str]:
    reported = document(name)
    schema = opened(reported["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"])
    validator = Draft202012Validator(schema | {"components": reported["components"]})
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answer)]


KEYS = [f"{project}-{number}" for project in ("PAY", "SHOP", "INS") for number in range(1, 40)]
ASKED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("get", "/rest/api/3/myself", "", {}),
    ("get", "/rest/api/3/serverInfo", "", {}),
    ("get", "/rest/api/3/mypermissions", "", {"permissions": "BROWSE_PROJECTS"}),
    ("get", "/rest/api/3/field", "", {}),
    ("get", "/rest/api/3/status", "", {}),
    ("get", "/rest/api/3/project/search", "", {"maxResults": 2}),
    ("get", "/rest/api/3/users/search", "", {}),
    ("get", "/rest/api/3/search/jql", "", {"jql": "project = PAY", "fields": "*all", "expand": "changelog"}),
    ("post", "/rest/api/3/search/jql", "", {"jql": "project in (INS, OPS)", "fields": ["*all"]}),
    ("post", "/rest/api/3/search/approximate-count", "", {"jql": "project = PAY"}),
    ("post", "/rest/api/3/issue/bulkfetch", "", {"issueIdsOrKeys": ["PAY-1", "SHOP-1", "PAY-99999"]}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}", "/rest/api/3/issue/PAY-1", {}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}/changelog", "/rest/api/3/issue/PAY-1/changelog", {"maxResults": 1}),
    ("post", "/rest/api/3/changelog/bulkfetch", "", {"issueIdsOrKeys": KEYS}),
    ("get", "/rest/api/3/worklog/updated", "", {"since": 0}),
    ("get", "/rest/api/3/worklog/deleted", "", {"since": 0}),
    ("post", "/rest/api/3/worklog/list", "", {"ids": list(range(50_001, 50_020))}),
    ("get", "/rest/agile/1.0/board", "", {}),
]


@pytest.mark.parametrize(("method", "path", "real", "asked"), ASKED, ids=[f"{a[0]} {a[1]}" for a in ASKED])
def test_answers_are_what_the_documents_promise(
    client: Client, method: str, path: str, real: str, asked: dict[str, Any]
) -> None:
    answer = client.get(real or path, **asked) if method == "get" else client.ask("POST", path, json=asked).json()
    assert problems(AGILE if "agile" in path else PLATFORM, method, path, answer) == []


def test_the_check_sees_a_wrong_answer(client: Client) -> None:
    answer = client.post("/rest/api/3/changelog/bulkfetch", issueIdsOrKeys=["PAY-1"])
    answer["issueChangeLogs"][0]["changeHistories"][0]["items"] = "none"
    assert problems(PLATFORM, "post", "/rest/api/3/changelog/bulkfetch", answer)


def test_issues_embedded_in_a_search_hold_valid_parts(client: Client) -> None:
    """The schema of an issue leaves its fields open; the parts it is made of have schemas of their own."""
    parts = {
        "status": "StatusDetails",
        "project": "Project",
        "creator": "User",
        "issuetype": "IssueTypeDetails",
        "priority": "Priority",
    }
    reported = document(PLATFORM)
    for issue in client.search("project in (PAY, INS)", fields=["*all"])[:30]:
        for name, schema in parts.items():
            validator = Draft202012Validator(
                {"$ref": f"#/components/schemas/{schema}", "components": reported["components"]}
            )
            assert [error.message for error in validator.iter_errors(issue["fields"][name])] == []
        for log in issue["fields"]["worklog"]["worklogs"]:
            validator = Draft202012Validator(
                {"$ref": "#/components/schemas/Worklog", "components": reported["components"]}
            )
            assert [error.message for error in validator.iter_errors(log)] == []
