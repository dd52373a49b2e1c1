"""The spreadsheet as Google serves it: signing in, how a day is sent, what is left out, refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from sandbox.vendors.sheets import SPREADSHEET_ID, Sheets, typed
from sandbox.vendors.sheets.api import SCOPE
from tests.sandbox.conftest import Client, Serve, made

NOW = "2026-10-15T06:00:00Z"
RAW = {"valueRenderOption": "UNFORMATTED_VALUE"}


class Google:
    """Signed in to the spreadsheet of a company that is served."""

    def __init__(self, client: Client) -> None:
        sheets = client.sandbox.vendors["sheets"]
        assert isinstance(sheets, Sheets)
        self.url, self.sheets = client.url, sheets
        account = Credentials.from_service_account_info(sheets.key_file(self.url), scopes=[SCOPE])
        account.refresh(Request())
        self.headers = {"Authorization": f"Bearer {account.token}"}

    def get(self, path: str, **asked: Any) -> requests.Response:
        at = f"{self.url}/sheets/v4/spreadsheets/{path}"
        return requests.get(at, params=asked, headers=self.headers, timeout=10)

    def values(self, name: str, **asked: str) -> list[list[Any]]:
        answer = self.get(f"{SPREADSHEET_ID}/values:batchGet", ranges=[f"'{name}'"], **asked)
        [found] = answer.json()["valueRanges"]
        assert found["majorDimension"] == "ROWS"
        return list(found.get("values", []))


@pytest.fixture(scope="module")
def google(serve_all: Serve) -> Google:
    return Google(serve_all(now=NOW))


def test_days_are_numbers_or_texts_and_everything_is_a_text_unless_asked_otherwise(google: Google) -> None:
    row = made(1).rows("products", NOW)[0]
    [header, numbers, *_] = google.values("products", **RAW)
    assert header == list(row)
    assert row["valid_from"] == "2024-10-01"
    assert (numbers[header.index("valid_from")], date(2024, 10, 1).toordinal()) == (45_566, 45_566 + 693_594)
    [_, texts, *_] = google.values("products", **RAW, dateTimeRenderOption="FORMATTED_STRING")
    assert texts[header.index("valid_from")] == "10/1/2024"
    weights = google.values("product_map", **RAW)
    assert {type(line[5]) for line in weights[1:]} == {int, float}
    assert {type(line[5]) for line in google.values("product_map")[1:]} == {str}


def test_empty_cells_are_left_out_at_the_end_and_texts_in_between(google: Google) -> None:
    header, *lines = google.values("products", **RAW)
    assert {len(line) for line in lines} == {len(header) - 1, len(header)}, "most are valid for good"
    portfolio = next(line for line in lines if line[2] == "portfolio")
    assert portfolio[3] == ""
    google.sheets.typed_over[("products", 900, 3)] = ""
    assert len(google.values("products", **RAW)) == len(lines) + 1


def test_what_people_type_becomes_what_it_says() -> None:
    reported = {"2025-01-01": date(2025, 1, 1), "0.6": 0.6, "12": 12, "": None, "0.60": "0.60", "007": "007"}
    assert {text: typed(text) for text in reported} == reported
    assert typed("5000000000000001100") == "5000000000000001100", "as a number it would lose digits"


def test_who_is_not_let_in_is_reported_in_googles_words(google: Google) -> None:
    without_credentials = requests.get(f"{google.url}/sheets/v4/spreadsheets/{SPREADSHEET_ID}", timeout=10)
    assert (without_credentials.status_code, without_credentials.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert google.get("another").json()["error"] == {
        "code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND",
    }  # fmt: skip
    unknown = google.get(f"{SPREADSHEET_ID}/values:batchGet", ranges="'team'")
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (400, "Unable to parse range: 'team'")
    google.sheets.is_shared = False
    assert google.get(SPREADSHEET_ID).json()["error"]["status"] == "PERMISSION_DENIED"
    google.sheets.is_shared = True


def test_a_key_of_another_account_or_for_other_scopes_gets_no_token(google: Google) -> None:
    other = Sheets(made(1)).key_file(google.url)
    for info, scope in ((other, SCOPE), (google.sheets.key_file(google.url), "https://www.googleapis.com/auth/drive")):
        with pytest.raises(RefreshError, match="invalid_"):
            Credentials.from_service_account_info(info, scopes=[scope]).refresh(Request())
