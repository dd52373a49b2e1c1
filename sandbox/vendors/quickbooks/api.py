"""QuickBooks' endpoints: sign-in, what a query finds, what changed in thirty days, reports, refusals.

Belongs here: the behaviour behind each path that a loader uses. Does not: the JSON of an object (render.py), the words
of the query language (query.py), tokens (tokens.py), reports (reports.py).
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from sandbox.company import Company
from sandbox.company.books.facts import DOCUMENTS, KINDS, NAMES, Books
from sandbox.timestamps import DAY, ms
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup
from sandbox.vendors.quickbooks.query import MOST, fault, parse
from sandbox.vendors.quickbooks.render import QuickBooksRenderer, time_of, timestamp
from sandbox.vendors.quickbooks.reports import Reports
from sandbox.vendors.quickbooks.tokens import CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, REALM, TokenServer

LOOKS_BACK = 30 * DAY
ENTITIES = ("CompanyInfo", "Preferences", *NAMES, *DOCUMENTS)
ANSWERED = {"CreditCardPayment": "CreditCardPaymentTxn"}
"""What the list of a kind is called in answers, where that is not its name."""
MOST_CELLS = 400_000
"""Of a report."""
JSON, NUMBERS = "application/json;charset=utf-8", msgspec.json.Encoder(decimal_format="number")
Document = dict[str, Any]


class QuickBooks:
    """One company, behind one app. `page_cap` is the most objects that a page of a query holds, whatever is asked."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP, rotates_after: int = DAY) -> None:
        self.company, self.page_cap = company, setup.page_cap or MOST
        self.tokens = TokenServer(rotates_after)
        self.most_cells, self.language = MOST_CELLS, "en"
        self._documents: dict[str, tuple[int, list[Document]]] = {}
        self._counted: tuple[object, Reports] | None = None

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {
            "BASE_URL": url,
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "REALM_ID": REALM,
            "REFRESH_TOKEN": FIRST_REFRESH_TOKEN,
            "TOKEN_URL": f"{url}/oauth2/v1/tokens/bearer",
        }

    @cached_property
    def books(self) -> Books:
        """Made with the first question, as no other vendor needs them."""
        return self.company.bookkeeping.books(0)

    def reply(self, call: Call) -> Reply:
        if call.path == "/oauth2/v1/tokens/bearer":
            return self.tokens.refresh(call, dict(parse_qsl(call.raw.decode("latin-1"))))
        if not self.tokens.admits(call.authorization, call.now):
            given = (call.authorization or "").partition(" ")[2]
            return forbidden(call, 401, "AuthenticationFailed", "003200", f"Token expired: {given}")
        if not call.path.startswith(f"/v3/company/{REALM}/"):
            return forbidden(call, 403, "ApplicationAuthorizationFailed", "003100", "")
        try:
            document, status = self._document(call), 200
        except Refusal as refusal:
            document, status = refusal.document, refusal.status
        if "Header" not in document:
            document |= {"time": time_of(call.now)}
        if "json" not in call.headers.get("accept", ""):
            return Reply(status, xml(document), {"content-type": "application/xml;charset=utf-8"})
        return Reply(status, NUMBERS.encode(document), {"content-type": JSON})

    def _document(self, call: Call) -> Document:
        self.books.advance(call.now)
        path = call.path.strip("/").split("/")
        if call.method == "GET":
            match path[3:]:
                case ["query"]:
                    return self._query(call)
                case ["cdc"]:
                    return self._changes(call)
                case ["reports", name]:
                    return self._reports().report(name, call)
        raise fault("Unsupported Operation", f"Operation {call.path} is not supported.", "500")

    def _all(self, kind: str) -> list[Document]:
        """Every object of a kind in the order of ids, as rendered when the books last changed."""
        stamp = self.books.applied
        known = self._documents.get(kind)
        if known is None or known[0] != stamp:
            shown = QuickBooksRenderer(self.books)
            rows = [shown.document(kind, record) for record in self.books.records[kind].values()]
            known = self._documents[kind] = stamp, sorted(rows, key=lambda row: int(row["Id"]))
        return known[1]

    def _reports(self) -> Reports:
        stamp = self.books.applied, self.most_cells, self.language
        if self._counted is None or self._counted[0] != stamp:
            sold = {**self.books.records["Invoice"], **self.books.records["CreditMemo"]}
            chosen = {number: record["receivable"] for number, record in sold.items() if record["receivable"]}
            documents = {kind: self._all(kind) for kind in KINDS}
            self._counted = stamp, Reports(documents, chosen, self.most_cells, self.language)
        return self._counted[1]

    def _query(self, call: Call) -> Document:
        query = parse(call.one("query") or "", ENTITIES)
        # Hidden names are not found unless they are asked for.
        has_hidden = query.entity in NAMES and not query.asks("Active")
        rows = [row for row in self._all(query.entity) if not (has_hidden and not row["Active"]) and query.meets(row)]
        if query.is_count:
            return {"QueryResponse": {"totalCount": len(rows)}}
        most = min(query.most, self.page_cap)
        page = [query.shown(row) for row in query.sorted(rows)[query.start - 1 : query.start - 1 + most]]
        if not page:
            return {"QueryResponse": {}}
        found = {ANSWERED.get(query.entity, query.entity): page, "startPosition": query.start, "maxResults": len(page)}
        if query.entity in ("CompanyInfo", "Preferences"):
            del found["startPosition"]
        return {"QueryResponse": found}

    def _changes(self, call: Call) -> Document:
        """What changed since an instant, the newest thousand in all: what is more is left out and nobody says so. No
        more than thirty days are shown, whatever was asked (the recorded answer of 2020 still showed five years)."""
        since = max(instant(call.one("changedSince")), call.now - LOOKS_BACK)
        asked = (call.one("entities") or "").split(",")
        names = {name.lower(): name for name in ENTITIES}
        if any(name.strip().lower() not in names for name in asked):
            raise fault("Invalid Request", "The entities parameter names an unknown entity", "2170")
        found: list[tuple[int, str, Document]] = []
        for kind in (names[name.strip().lower()] for name in asked):
            updated = {record["id"]: record["updated"] for record in self.books.records[kind].values()}
            found += [(updated[row["Id"]], kind, row) for row in self._all(kind) if updated[row["Id"]] >= since]
            gone = self.books.gone[kind].items()
            found += [(at, kind, deleted(number, at)) for number, at in gone if at >= since]
        found.sort(key=lambda change: change[0])
        kept = found[-MOST:]
        answers: list[Document] = []
        for kind in dict.fromkeys(kind for _, kind, _ in kept):
            rows = [row for _, known, row in kept if known == kind]
            answers.append({ANSWERED.get(kind, kind): rows, "startPosition": 1, "maxResults": len(rows)})
        return {"CDCResponse": [{"QueryResponse": answers or [{}]}]}


def deleted(number: str, at: int) -> Document:
    return {"domain": "QBO", "status": "Deleted", "Id": number, "MetaData": {"LastUpdatedTime": timestamp(at)}}


def instant(text: str | None) -> int:
    try:
        return ms(datetime.fromisoformat(text or ""))
    except ValueError:
        raise fault("Invalid Request", "changedSince is not an instant with an offset", "2170") from None


def forbidden(call: Call, status: int, what: str, code: str, detail: str) -> Reply:
    """The refusal of a token, or of a company that it is not for. The first repeats the token word for word: nobody may
    log it."""
    message = f"message={what}; errorCode={code}; statusCode={status}"
    error = {"message": message, "detail": detail, "code": code.lstrip("0"), "element": None}
    document: Document = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": "AUTHENTICATION"},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": call.now,
        "status": None,
        "cdcresponse": [],
    }
    headers = {"content-type": "application/json"}
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return Reply(status, msgspec.json.encode(document), headers)


def xml(document: Document) -> bytes:
    """What an answer is for who does not ask for JSON."""
    root = Element("IntuitResponse", {"xmlns": "http://schema.intuit.com/finance/v3"})
    branch(root, document)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def branch(parent: Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            for one in part if isinstance(part, list) else [part]:
                branch(SubElement(parent, name), one)
    else:
        parent.text = str(value).lower() if isinstance(value, bool) else str(value)
