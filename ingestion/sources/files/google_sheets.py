"""Company files that are kept in one Google spreadsheet: a tab a table, named like the table.

Belongs here: signing in, the API's calls, telling days from numbers. Does not: what cells may hold (company_cells.py).

A service account signs in with its key file and reads only what was shared with its address. An API key would read only
spreadsheets that the whole world may read; a person's access token dies within the hour.

With `UNFORMATTED_VALUE` a day is a serial number, as any number is. So the tabs are read twice, once with days as
numbers and once as text: what is a number here and a text there is a day. Rows and cells that are empty at the end are
left out by the API, those between come as empty text. Merged cells are refused as in a workbook. Tabs in which people
write percentages are read a third time, as they are shown: 0.45 there may be 45%.

Limits: 60 reads a minute and account, refilled each minute, 429 without Retry-After: waits add up to more than that.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials
from pydantic import AfterValidator, Field
from requests.auth import AuthBase

from ingestion.errors import FileError, SettingsError, SourceError
from ingestion.http import Answer, Client
from ingestion.records import NotAPageError, parse_object
from ingestion.settings import BaseUrl, Patience, ProjectPath, base_url, private, variable
from ingestion.sources.files.cells import Cell, Percentage
from ingestion.sources.files.rows import GOALS, SHEETS, AsPercent

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's days have no zone)
AFTER_LAST = 2_958_466  # the day after 9999-12-31
REFUSED = frozenset({403, 404})
WITH_PERCENTAGES = {
    name
    for name, sheet in [*SHEETS.items(), *((stream, listed) for stream, (_, listed) in GOALS.items())]
    if any(isinstance(one, AsPercent) for field in sheet.row.columns().values() for one in field.metadata)
}
"""Tables whose percentages are meant as they are shown."""


def _key(value: str) -> str:
    if not re.fullmatch("[A-Za-z0-9_-]+", value):
        raise ValueError("give the long part of the spreadsheet's address alone, what stands between /d/ and /edit")
    return value


class SheetsSettings(Patience):
    """SPREADSHEET_ID: the long part of the spreadsheet's address. SERVICE_ACCOUNT: the key file of the account that it
    is shared with."""

    spreadsheet_id: Annotated[str, AfterValidator(_key)]
    service_account: ProjectPath
    base_url: BaseUrl = "https://sheets.googleapis.com"
    retry_wait: float = Field(default=4, ge=0)


def read_tabs(settings: SheetsSettings, tables: Sequence[str]) -> dict[str, list[list[Cell]]]:
    """The cells of the tabs that are tables. Raises ``SourceError``, ``SettingsError`` and ``FileError``."""
    account = _account(settings.service_account)
    token = _token(account)
    with closing(Client("files", settings.base_url, settings.limits, auth=_Bearer(token))) as client:
        spreadsheet = _Spreadsheet(client, settings.spreadsheet_id, str(account.service_account_email))
        names = spreadsheet.tabs(tables)
        return spreadsheet.cells(names) if names else {}


def _account(file: Path) -> Credentials:
    setting = variable("files", "service_account")
    if not file.is_file():
        raise SettingsError(setting, f"there is no file {file}")
    private(file, [file])
    try:
        account: Credentials = Credentials.from_service_account_file(str(file), scopes=[SCOPE])
        base_url(account._token_uri)
    except (GoogleAuthError, ValueError):
        raise SettingsError(setting, "is no key file of a service account, as Google gives it out in JSON") from None
    return account


def _token(account: Credentials) -> str:
    """Good for an hour. What Google says is not shown: it may hold what was sent."""
    try:
        account.refresh(Request())
    except TransportError:
        hint = "can't reach Google to sign in; check the network"
    except GoogleAuthError:
        hint = f"Google does not let {account.service_account_email} in; make a new key for it"
    else:
        return str(account.token)
    raise SourceError("files", "spreadsheet", hint)


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Spreadsheet:
    def __init__(self, client: Client, key: str, reader: str) -> None:
        self._client, self._path, self._reader = client, f"/v4/spreadsheets/{key}", reader

    def tabs(self, tables: Sequence[str]) -> list[str]:
        """Those named like a table; others are people's notes."""
        sheets = self._ask("", "sheets", {"fields": "sheets(properties.title,merges)"})
        found = [sheet for sheet in sheets if sheet["properties"]["title"] in tables]
        for sheet in found:
            for merge in sheet.get("merges", []):
                row, title = merge.get("startRowIndex", 0), sheet["properties"]["title"]
                raise FileError(f"tab {title}", row or None, None, None, "has merged cells; split and fill them")
        return [str(sheet["properties"]["title"]) for sheet in found]

    def cells(self, names: Sequence[str]) -> dict[str, list[list[Cell]]]:
        numbers, texts = (self._values(names, days) for days in ("SERIAL_NUMBER", "FORMATTED_STRING"))
        found = {
            name: [[_cell(*pair) for pair in zip_longest(*lines)] for lines in zip_longest(*both, fillvalue=())]
            for name, *both in zip(names, numbers, texts, strict=True)
        }
        if percentages := [name for name in names if name in WITH_PERCENTAGES]:
            shown = self._values(percentages, "FORMATTED_STRING", "FORMATTED_VALUE")
            for name, lines in zip(percentages, shown, strict=True):
                found[name] = [
                    [_percentage(*pair) for pair in zip_longest(*both)]
                    for both in zip_longest(found[name], lines, fillvalue=())
                ]
        return found

    def _values(self, names: Sequence[str], days: str, how: str = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        asked = {
            "ranges": [f"'{name}'" for name in names],
            "majorDimension": "ROWS",
            "valueRenderOption": how,
            "dateTimeRenderOption": days,
        }
        # the list of an empty tab is left out
        return [found.get("values", []) for found in self._ask("/values:batchGet", "valueRanges", asked)]

    def _ask(self, path: str, member: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        def read(answer: Answer) -> list[dict[str, Any]]:
            if answer.status in REFUSED:
                hint = f"share the spreadsheet with {self._reader}, to read; and see that the Sheets API is switched on"
                if answer.status == 404:
                    hint = f"there is no such spreadsheet; check {variable('files', 'spreadsheet_id')}"
                raise SourceError("files", "spreadsheet", hint, status=answer.status)
            found = parse_object(answer.body, answer.charset).member(member)
            if not isinstance(found, list):
                raise NotAPageError(f"the answer has no {member!r}")
            return found

        return self._client.ask("GET", self._path + path, read, stream="spreadsheet", params=asked, statuses=REFUSED)


def _percentage(cell: Cell, shown: Any) -> Cell:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and str(shown).rstrip().endswith("%"):
        return Percentage(cell)
    return cell


def _cell(number: Any, text: Any) -> Cell:
    """A cell as it came with days as numbers and as texts."""
    if type(number) is type(text) and number == text:
        cell: Cell = number
        return cell
    if not isinstance(number, int | float) or not isinstance(text, str):
        hint = "somebody edited the spreadsheet while it was read; nothing landed, run again"
        raise SourceError("files", "spreadsheet", hint)
    if not 0 <= number < AFTER_LAST:
        return number
    timestamp = EPOCH + timedelta(days=number)
    return timestamp if number >= 1 else timestamp.time()
