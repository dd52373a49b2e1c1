"""Answers against BambooHR's own OpenAPI document.

It is a lower bound: real answers have fields it does not name, nulls where it says string, and `[]` for an empty map.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.sandbox.conftest import Client
from tests.sandbox.test_bamboohr import get, post
from tests.sandbox.test_openapi import opened

FILE = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "contracts" / "bamboohr" / "specs__public.yaml"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="BambooHR's OpenAPI document is not here (PRODOPS_SHARED)")
SINCE = {"since": "2026-02-01T00:00:00Z"}
YEARS = {"start": "2025-01-01", "end": "2027-12-31"}
FIELDS = "workEmail,hireDate,departmentName,divisionId,locationId,employmentStatusName,reportsToName,reportsToId"
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("/employees", "", {"page[limit]": 3, "fields": FIELDS}),
    ("/employees/{id}", "/employees/101", {"fields": "hireDate,terminationDate,supervisor,payRate,status"}),
    ("/employees/directory", "", {}),
    ("/employees/changed", "", SINCE),
    ("/employees/changed/tables/{table}", "/employees/changed/tables/jobInfo", SINCE),
    ("/employees/changed/tables/{table}", "/employees/changed/tables/compensation", SINCE),
    ("/employees/{id}/tables/{table}", "/employees/all/tables/jobInfo", {}),
    ("/employees/{id}/tables/{table}", "/employees/all/tables/compensation", {}),
    ("/employees/{id}/tables/{table}", "/employees/155/tables/employmentStatus", {}),
    ("/time_off/requests", "", YEARS),
    ("/time_off/whos_out", "", YEARS),
    ("/meta/fields", "", {}),
    ("/meta/lists", "", {}),
    ("/meta/tables", "", {}),
    ("/meta/users", "", {}),
    ("/reports/{id}", "/reports/1", {"format": "json"}),
    ("/custom-reports", "", {"page_size": 1}),
    ("/custom-reports/{reportId}", "/custom-reports/2", {"page_size": 7, "page": 2}),
    ("/hris/org/locations", "", {"pageSize": 2, "page": 1}),
]


@cache
def document() -> Any:
    raw = yaml.load(FILE.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return {"paths": raw["paths"], "components": opened({"schemas": raw["components"]["schemas"]})}


def names_of(schema: Any, reported: Any) -> set[str]:
    """The properties that a schema names, parts and references followed."""
    if "$ref" in schema:
        return names_of(reported["components"]["schemas"][schema["$ref"].rpartition("/")[2]], reported)
    parts = [names_of(part, reported) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*parts)


def problems(path: str, answer: Any) -> list[str]:
    reported = document()
    content = reported["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]["application/json"]
    validator = Draft202012Validator(opened(content["schema"]) | {"components": reported["components"]})
    # What an answer of pay says is not shown, not even by a failing test.
    return [f"{error.json_path}: {error.validator}" for error in validator.iter_errors(answer)]


@pytest.mark.parametrize(("path", "real", "asked"), ASKED, ids=[f"{real or path}" for path, real, _ in ASKED])
def test_answers_are_what_the_document_promises(client: Client, path: str, real: str, asked: dict[str, Any]) -> None:
    answer = get(client, (real or path).lstrip("/"), **asked)
    assert answer
    assert problems(path, answer) == []


def test_a_report_that_is_asked_for_is_what_the_document_promises(client: Client) -> None:
    reported = document()["paths"]["/api/v1/reports/custom"]["post"]["responses"]["200"]["content"]["application/json"]
    asked = {"title": "Who", "fields": ["firstName", "hireDate", "supervisorEId"]}
    answer = post(client, "reports/custom", asked, format="JSON").json()
    validator = Draft202012Validator(opened(reported["schema"]))
    assert answer["employees"]
    assert [error.message for error in validator.iter_errors(answer)] == []


def test_the_list_shows_no_name_that_the_document_lacks(client: Client) -> None:
    names = names_of({"$ref": "#/components/schemas/GetEmployeesEmployeeResponse"}, document())
    for employee in get(client, "employees", fields=FIELDS)["data"]:
        assert employee.keys() <= names
        assert employee.keys() >= set(FIELDS.split(","))


def test_the_check_sees_a_wrong_answer(client: Client) -> None:
    answer = get(client, "employees")
    del answer["data"][0]["_restrictedFields"]
    assert problems("/employees", answer)
    changed = get(client, "employees/changed", **SINCE)
    changed["employees"]["164"]["action"] = "Vanished"
    assert problems("/employees/changed", changed)
