"""An app connected to the QuickBooks of the sandbox, as a test asks it.

Belongs here: signing in and asking. Does not: any expectation.
"""

from __future__ import annotations

from typing import Any

import requests

from sandbox.vendors.quickbooks import CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, REALM
from sandbox.vendors.quickbooks.api import ANSWERED
from tests.sandbox.conftest import Client


class App:
    """Signed in, on a company that is served."""

    def __init__(self, client: Client) -> None:
        self.sandbox, self.url = client.sandbox, f"{client.url}/quickbooks"
        self.session = requests.Session()
        self.session.headers["accept"] = "application/json"
        self.session.headers["authorization"] = f"Bearer {self.refresh().json()['access_token']}"

    def refresh(self, token: str = FIRST_REFRESH_TOKEN, secret: str = CLIENT_SECRET) -> requests.Response:
        return self.session.post(
            f"{self.url}/oauth2/v1/tokens/bearer",
            auth=(CLIENT_ID, secret),
            data={"grant_type": "refresh_token", "refresh_token": token},
            timeout=10,
        )

    def ask(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(f"{self.url}/v3/company/{REALM}/{path}", params=query, timeout=20)

    def query(self, text: str) -> dict[str, Any]:
        answer = self.ask("query", query=text, minorversion=75)
        assert answer.status_code == 200, answer.text[:300]
        found: dict[str, Any] = answer.json()["QueryResponse"]
        return found

    def all(self, kind: str, where: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.query(f"select * from {kind} {where} maxresults 1000").get(
            ANSWERED.get(kind, kind), []
        )
        return found

    def refused(self, path: str = "query", **query: Any) -> str:
        """The code of a refusal."""
        answer = self.ask(path, **query)
        assert answer.status_code == 400
        [error] = answer.json()["Fault"]["Error"]
        return str(error["code"])

    def changes(self, kinds: str, since: str) -> dict[str, list[dict[str, Any]]]:
        [whole] = self.ask("cdc", entities=kinds, changedSince=since).json()["CDCResponse"]
        return {
            name: rows
            for answer in whole["QueryResponse"]
            for name, rows in answer.items()
            if name not in ("startPosition", "maxResults")
        }

    def report(self, name: str, first: object, last: object, **more: str) -> dict[str, Any]:
        answer = self.ask(f"reports/{name}", start_date=str(first), end_date=str(last), **more)
        assert answer.status_code == 200, answer.text[:300]
        found: dict[str, Any] = answer.json()
        return found
