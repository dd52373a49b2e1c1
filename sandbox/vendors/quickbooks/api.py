"""QuickBooks' endpoints: sign-in, what a query finds, objects by id, batches of queries, what changed in thirty days,
reports, refusals.

Belongs here: the behaviour behind each path that reads. Does not: the JSON of an object (render.py), the words of the
query language (query.py), tokens (tokens.py), reports (reports.py). Nothing is written here: what would is refused.
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
from sandbox.company.books.facts import KINDS, NAMES, Books
from sandbox.timestamps import DAY, ms
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.quickbooks.properties import ENTITIES, UNTRACKED, UNUSED
from sandbox.vendors.quickbooks.query import MOST, fault, parse
from sandbox.vendors.quickbooks.render import QuickBooksRenderer, time_of, timestamp
from sandbox.vendors.quickbooks.reports import Reports
from sandbox.vendors.quickbooks.tokens import CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, REALM, TokenServer

LOOKS_BACK = 30 * DAY
BY_NAME = {entity.lower(): entity for entity in ENTITIES}
SINGLE = ("CompanyInfo", "Preferences")
MOST_ITEMS = 30
"""Of a batch."""
ANSWERED = {"CreditCardPayment": "CreditCardPaymentTxn"}
"""What the list of a kind is called in answers, where that is not its name."""
MOST_CELLS = 400_000
"""Of a report."""
ATTRIBUTES = (
    *("time", "type", "code", "element", "group", "domain", "sparse", "status", "bId"),
    *("startPosition", "maxResults", "totalCount"),
)
"""In XML."""
JSON, NUMBERS = "application/json;charset=utf-8", msgspec.json.Encoder(decimal_format="number")
NOT_FOUND = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
PLATFORM = "https://oauth.platform.intuit.com"
DISCOVERY = {
    "issuer": f"{PLATFORM}/op/v1",
    "authorization_endpoint": "https://appcenter.intuit.com/connect/oauth2",
    "token_endpoint": f"{PLATFORM}/oauth2/v1/tokens/bearer",
    "userinfo_endpoint": "https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
    "revocation_endpoint": "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    "jwks_uri": f"{PLATFORM}/op/v1/jwks",
    "response_types_supported": ["code"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
}
"""The document that names where tokens are given: it names the vendor's hosts, whatever host it was asked on."""
Document = dict[str, Any]


class _Item(msgspec.Struct):
    """Of a batch: a statement, or something to write."""

    bId: str
    Query: str | None = None
    operation: str = "null"


class _Batch(msgspec.Struct):
    items: list[_Item] = msgspec.field(name="BatchItemRequest")


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
        if call.path.startswith("/.well-known/openid_"):
            return answer(DISCOVERY)
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
        match [call.method, *call.path.strip("/").split("/")[3:]]:
            case ["GET", "query"]:
                return self._query(call.one("query") or "")
            case ["POST", "query"]:  # the statement is the body, as application/text
                return self._query(call.raw.decode("utf-8", "replace"))
            case ["POST", "batch"]:
                return self._batch(call)
            case ["GET", "cdc"]:
                return self._changes(call)
            case ["GET", "reports", name]:
                return self._reports().report(name, call)
            case ["GET", "preferences"]:
                return {"Preferences": self._all("Preferences")[0]}
            case ["GET", name, number] if name.lower() in BY_NAME:
                return self._one(BY_NAME[name.lower()], number)
        resource = f"Could not find resource for relative : {call.path} of full path: {call.origin}{call.path}"
        raise fault("Unsupported Operation", f"Operation {resource} is not supported.", "500")

    def _all(self, kind: str) -> list[Document]:
        """Every object of a kind in the order of ids, as rendered when the books last changed."""
        if kind in UNUSED:
            return []
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

    def _one(self, kind: str, number: str) -> Document:
        """An object by its id, a hidden one too. The company's own is that of the realm."""
        if not number.isdigit():
            raise fault("Invalid ID", f"Id should be a valid number. Supplied value:{number}", "2030", element="Id")
        rows = self._all(kind)
        if kind == "CompanyInfo" and number == REALM:
            number = rows[0]["Id"]
        for row in rows:
            if row["Id"] == number:
                return {ANSWERED.get(kind, kind): row}
        raise fault("Object Not Found", NOT_FOUND, "610", element="")

    def _query(self, statement: str) -> Document:
        query = parse(statement)
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
        if query.entity in SINGLE:
            del found["startPosition"]
        return {"QueryResponse": found}

    def _batch(self, call: Call) -> Document:
        """Answers of queries, each by the id of its item; what would write is refused, item by item."""
        try:
            asked = msgspec.json.decode(call.raw, type=_Batch)
        except msgspec.DecodeError as problem:
            words = f"Property Name:failed to parse json object; {problem}"
            raise fault("Request has invalid or unsupported property", words, "2010") from None
        if len(asked.items) > MOST_ITEMS:  # documented; what stands in the refusal is not
            raise fault("Invalid Request", f"A batch holds {MOST_ITEMS} items at most", "2170")
        return {"BatchItemResponse": [self._item(item) | {"bId": item.bId} for item in asked.items]}

    def _item(self, item: _Item) -> Document:
        try:
            if item.Query is None:
                raise fault("Unsupported Operation", f"Operation {item.operation} is not supported.", "500")
            return self._query(item.Query)
        except Refusal as refusal:
            refused: Document = refusal.document
            return refused

    def _changes(self, call: Call) -> Document:
        """What changed since an instant, the newest thousand in all: what is more is left out and nobody says so. No
        more than thirty days are shown, whatever was asked (the recorded answer of 2020 still showed five years)."""
        since = max(instant(call.one("changedSince")), call.now - LOOKS_BACK)
        asked = (call.one("entities") or "").split(",")
        kinds = [BY_NAME.get(name.strip().lower(), "") for name in asked]
        if any(not kind or kind in UNTRACKED for kind in kinds):
            raise fault("Invalid Request", "The entities parameter names an entity without changes", "2170")
        found: list[tuple[int, str, Document]] = []
        for kind in kinds:
            if kind in UNUSED:
                continue
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
    """What an answer is for one that does not ask for JSON. Some names are attributes there, as in the vendor's own
    schema: <Fault type="…"><Error code="…">, <Invoice domain="QBO" status="Deleted">, <CustomerRef name="…">12."""
    root = Element("IntuitResponse", {"xmlns": "http://schema.intuit.com/finance/v3"})
    branch(root, document)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def branch(parent: Element, value: Any) -> None:
    if not isinstance(value, dict):
        parent.text = text_of(value)
        return
    is_reference = "value" in value and parent.tag != "ColData"
    for name, part in value.items():
        if is_reference and name == "value":
            parent.text = text_of(part)
        elif is_reference or parent.tag == "ColData" or name in ATTRIBUTES:
            parent.set(name, text_of(part))
        else:
            for one in part if isinstance(part, list) else [part]:
                branch(SubElement(parent, name), one)


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
