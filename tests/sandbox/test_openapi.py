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


EXPANDS = "renderedFields,names,schema,transitions,operations,editmeta,changelog"
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
    # what foreign clients ask for
    ("get", "/rest/api/3/issue/{issueIdOrKey}/worklog", "/rest/api/3/issue/PAY-1/worklog", {}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}/transitions", "/rest/api/3/issue/PAY-1/transitions", {}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}/editmeta", "/rest/api/3/issue/PAY-1/editmeta", {}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}/votes", "/rest/api/3/issue/PAY-1/votes", {}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}/watchers", "/rest/api/3/issue/PAY-1/watchers", {}),
    ("get", "/rest/api/3/search/jql", "", {"jql": "project = PAY", "fields": "*all", "expand": EXPANDS}),
    ("get", "/rest/api/3/issue/{issueIdOrKey}", "/rest/api/3/issue/PAY-1", {"expand": EXPANDS}),
    ("post", "/rest/api/3/comment/list", "", {"ids": [1]}),
    ("get", "/rest/api/3/configuration", "", {}),
    ("get", "/rest/api/3/field/search", "", {}),
    ("get", "/rest/api/3/label", "", {}),
    ("get", "/rest/api/3/status/{idOrName}", "/rest/api/3/status/10000", {}),
    ("get", "/rest/api/3/statuses/search", "", {}),
    ("get", "/rest/api/3/statuses", "", {"id": "10000"}),
    ("get", "/rest/api/3/statuscategory", "", {}),
    ("get", "/rest/api/3/issuetype", "", {}),
    ("get", "/rest/api/3/issuetype/project", "", {"projectId": "10100"}),
    ("get", "/rest/api/3/priority", "", {}),
    ("get", "/rest/api/3/priority/search", "", {}),
    ("get", "/rest/api/3/resolution", "", {}),
    ("get", "/rest/api/3/resolution/search", "", {}),
    ("get", "/rest/api/3/issueLinkType", "", {}),
    ("get", "/rest/api/3/project", "", {"expand": "lead,description,issueTypes,projectKeys"}),
    ("get", "/rest/api/3/project/type", "", {}),
    ("get", "/rest/api/3/projectCategory", "", {}),
    ("get", "/rest/api/3/role", "", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}", "/rest/api/3/project/PAY", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}/statuses", "/rest/api/3/project/PAY/statuses", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}/versions", "/rest/api/3/project/PAY/versions", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}/version", "/rest/api/3/project/PAY/version", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}/components", "/rest/api/3/project/PAY/components", {}),
    ("get", "/rest/api/3/project/{projectIdOrKey}/component", "/rest/api/3/project/PAY/component", {}),
    ("get", "/rest/api/3/user/search", "", {"query": "a"}),
    ("get", "/rest/api/3/users", "", {}),
    ("get", "/rest/api/3/group/bulk", "", {}),
    ("get", "/rest/api/3/group/member", "", {"groupname": "jira-software-users"}),
    ("get", "/rest/api/3/groups/picker", "", {}),
    ("get", "/rest/agile/1.0/board/{boardId}", "/rest/agile/1.0/board/1", {}),
    ("get", "/rest/agile/1.0/board/{boardId}/configuration", "/rest/agile/1.0/board/1/configuration", {}),
    ("get", "/rest/agile/1.0/board/{boardId}/issue", "/rest/agile/1.0/board/1/issue", {}),
    ("get", "/rest/agile/1.0/board/{boardId}/backlog", "/rest/agile/1.0/board/1/backlog", {}),
]


@pytest.mark.parametrize(("method", "path", "real", "asked"), ASKED, ids=[f"{a[0]} {a[1]}" for a in ASKED])
def test_answers_are_what_the_documents_promise(
    client: Client, method: str, path: str, real: str, asked: dict[str, Any]
) -> None:
    answer = client.get(real or path, **asked) if method == "get" else client.ask("POST", path, json=asked).json()
    assert problems(AGILE if "agile" in path else PLATFORM, method, path, answer) == []


BY_EXAMPLE = {
    "board/{boardId}/epic": ("board/1/epic", "values"),
    "board/{boardId}/version": ("board/1/version", "values"),
    "board/{boardId}/project": ("board/1/project", "values"),
    "board/{boardId}/sprint": ("board/1/sprint", "values"),
    "sprint/{sprintId}": ("sprint/20", ""),
}


@pytest.mark.parametrize("path", BY_EXAMPLE)
def test_where_the_document_has_an_example_alone_its_members_are_there(client: Client, path: str) -> None:
    """But for those that a record of this site has no value for."""
    real, rows = BY_EXAMPLE[path]
    reported = document(AGILE)["paths"][f"/rest/agile/1.0/{path}"]["get"]["responses"]["200"]
    example, answer = (
        json.loads(reported["content"]["application/json"]["example"]),
        client.get(f"/rest/agile/1.0/{real}"),
    )
    assert set(example) - set(answer) <= {"total", "expand"}
    if rows:
        example, answer = example[rows][0], answer[rows][0]
    # the project's own lists are no part of a brief project, and no project of this site has a category
    assert set(example) - set(answer) <= {"completeDate", "projectCategory", "insight"}
    same = set(example) & set(answer)
    assert {name: type(answer[name]) for name in same} == {name: type(example[name]) for name in same}


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
