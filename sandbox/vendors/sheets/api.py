"""The paths of Google's API that a reader of one spreadsheet uses: a token, the tabs, the values of several ranges.

Belongs here: the behaviour behind each path. Does not: the nature of cells (grid.py).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from sandbox.company import Company
from sandbox.company.goals import LISTS
from sandbox.company.structure import HEADERS
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.sheets.grid import cut, rendered, typed

SPREADSHEET_ID = "1sandboxPlanningOfTheMadeUpCompany0000000000"
EMAIL = "prodops@sandbox.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever address a key file names
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOTES = "Notes"
WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
}


def refused(status: int, message: str) -> Refusal:
    return Refusal(status, document={"error": {"code": status, "message": message, "status": WORDS[status]}})


class Sheets:
    """One spreadsheet, shared with one service account."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company = company
        self.is_shared = True
        self.merges: dict[str, list[dict[str, int]]] = {}
        self.typed_over: dict[tuple[str, int, int], Any] = {}
        """Cells that somebody changed, by tab, row and column, both from 0."""
        self._tokens: set[str] = set()

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {}  # the company keeps its files in a folder until somebody shares the spreadsheet with a key

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_file(self, url: str) -> dict[str, str]:
        """What Google gives out once when a key of the account is made; ``url`` is the sandbox's."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": EMAIL,
            "token_uri": f"{url}/sheets/token",
        }

    def reply(self, call: Call) -> Reply:
        try:
            if call.path == "/token":
                return self._token(call)
            return answer(self._document(call))
        except Refusal as refusal:
            return answer(refusal.document, refusal.status)

    def _token(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.raw.decode()).items()}
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            claims = jwt.decode(form["assertion"], certs=public, audience=AUDIENCE)
        except (KeyError, ValueError):
            claims = {}
        if call.method != "POST" or form.get("grant_type") != GRANT or claims.get("iss") != EMAIL:
            return answer({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        if claims.get("scope") != SCOPE:
            return answer({"error": "invalid_scope", "error_description": "Invalid OAuth scope."}, 400)
        token = f"ya29.sandbox-{len(self._tokens)}"
        self._tokens.add(token)
        return answer({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _document(self, call: Call) -> dict[str, Any]:
        if (call.authorization or "").removeprefix("Bearer ") not in self._tokens:
            raise refused(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")
        if not call.path.startswith(f"/v4/spreadsheets/{SPREADSHEET_ID}"):
            raise refused(404, "Requested entity was not found.")
        if not self.is_shared:
            raise refused(403, "The caller does not have permission")
        rest = call.path.removeprefix(f"/v4/spreadsheets/{SPREADSHEET_ID}")
        if rest == "":
            return {"sheets": [self._properties(number, name) for number, name in enumerate(self._tabs())]}
        if rest != "/values:batchGet":
            raise refused(404, "Requested entity was not found.")
        ranges = [self._range(call, asked) for asked in call.query.get("ranges", [])]
        return {"spreadsheetId": SPREADSHEET_ID, "valueRanges": ranges}

    def _tabs(self) -> list[str]:
        return [NOTES, *(name for name in HEADERS if name != "fx_rates"), *LISTS]

    def _properties(self, number: int, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = {"properties": {"sheetId": number, "title": name, "index": number, "sheetType": "GRID"}}
        return shown | ({"merges": self.merges[name]} if name in self.merges else {})

    def _range(self, call: Call, asked: str) -> dict[str, Any]:
        name = asked.strip("'")
        if name not in self._tabs():
            raise refused(400, f"Unable to parse range: {asked}")
        unformatted = call.one("valueRenderOption") == "UNFORMATTED_VALUE"
        serial = call.one("dateTimeRenderOption") != "FORMATTED_STRING"
        values = cut([[rendered(cell, unformatted, serial) for cell in line] for line in self._grid(name, call.now)])
        shown: dict[str, Any] = {"range": f"{name}!A1:Z1000", "majorDimension": "ROWS"}
        return shown | ({"values": values} if values else {})

    def _grid(self, name: str, now: int) -> list[list[Any]]:
        if name == NOTES:
            return [["Ask Hana before you change weights"]]
        header = HEADERS[name] if name in HEADERS else LISTS[name][1]
        rows = self.company.rows(name, now)
        grid: list[list[Any]] = [list(header), *([typed(row[column]) for column in header] for row in rows)]
        for (tab, row, column), cell in self.typed_over.items():
            if tab == name:
                grid += [[] for _ in range(row + 1 - len(grid))]
                grid[row] += [None] * (column + 1 - len(grid[row]))
                grid[row][column] = cell
        return grid
