"""A QuickBooks company of a few records that a test makes, changes and deletes, also between two requests of a load.

Belongs here: books small enough to see what lands of them record by record, and tokens that end. Does not: a company's
whole ledger (sandbox).
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingestion.clock import iso
from ingestion.sources.quickbooks.load import ENTITIES
from sandbox.server import serve_in_thread
from tests.ingestion import conftest
from tests.ingestion.sources.small_account import SmallAccount
from tests.ingestion.sources.vendor_site import copy_home

REALM = "4620816365000000001"
FIRST_REFRESH_TOKEN = "CANARY-refresh-0"
CLIENT = ("CANARY-client", "CANARY-client-secret")
CANARY = "CANARY"
PACIFIC = timezone(timedelta(hours=-7))
ANSWERED = {"CreditCardPayment": "CreditCardPaymentTxn"}
STREAMS = {entity.name: entity.stream for entity in ENTITIES}
LISTS = {entity.name for entity in ENTITIES if entity.is_list}
REPORTS = {"TrialBalance": "trial_balances", "ProfitAndLoss": "profit_and_loss_by_class"}
REPORTS |= {"GeneralLedger": "general_ledgers"}
Given = dict[str, Any]


class Books(SmallAccount):
    """Serves its records as QuickBooks does; ``now`` is its clock and ``log`` what was asked."""

    source, secret = "quickbooks", CANARY

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.now = datetime(2026, 10, 1, 12, tzinfo=UTC)
        self.records: dict[str, dict[str, Given]] = {}
        self.stubs: list[tuple[str, Given]] = []
        self.company: Given = {"Id": "1", "CompanyName": "Books", "FiscalYearStartMonth": "February"}
        self.preferences: Given = {"Id": "1", "AccountingInfoPrefs": {}}
        self.between: Callable[[str], None] = lambda asked: None
        self.answers: dict[str, list[Response]] = {}
        """What requests that say so get first, one after the other."""
        self.most_rows, self.lacks = 100_000, set[str]()
        """Of a general ledger: how much of it an answer holds, and columns that the company does not have."""
        self.refreshes, self.requests_of_token, self.requests_to_live = 0, 0, 10_000
        environment.setenv("PRODOPS_COMPANY", str(home / "company"))
        self.set(CLIENT_ID=CLIENT[0], CLIENT_SECRET=CLIENT[1], REALM_ID=REALM, REFRESH_TOKEN=FIRST_REFRESH_TOKEN)
        self.set(PAGE_SIZE="3")

    def copy(self, home: Path, environment: pytest.MonkeyPatch) -> "Books":
        """The same company and what landed of it, in a home of its own."""
        twin = Books(copy_home(self.home, home), environment)
        for name in ("now", "records", "stubs", "company", "preferences"):
            setattr(twin, name, deepcopy(getattr(self, name)))
        return twin

    # -- what happens

    def put(self, kind: str, key: int, reported: bool = True, **members: Any) -> None:
        """A record comes, or some of it changes; untold, the changes do not say so."""
        known = self.records.setdefault(kind, {})
        before = known.get(str(key), {"MetaData": {"CreateTime": self._timestamp()}, "SyncToken": "-1"})
        reported_at = (
            self._timestamp() if reported else before["MetaData"].get("LastUpdatedTime", "2026-01-01T00:00:00-08:00")
        )
        head = {"domain": "QBO", "sparse": False, "Id": str(key), "SyncToken": str(int(before["SyncToken"]) + 1)}
        kept = {"Active": True} if kind in LISTS else {}
        meta = {"MetaData": before["MetaData"] | {"LastUpdatedTime": reported_at}}
        known[str(key)] = {**kept, **before, **head, **meta, **members}

    def delete(self, kind: str, key: int, reported: bool = True) -> None:
        del self.records[kind][str(key)]
        if reported:
            head = {"domain": "QBO", "status": "Deleted", "Id": str(key)}
            self.stubs.append((kind, {**head, "MetaData": {"LastUpdatedTime": self._timestamp()}}))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def _timestamp(self) -> str:
        return self.now.astimezone(PACIFIC).isoformat(timespec="seconds")

    # -- loading

    @contextmanager
    def serving(self) -> Iterator[str]:
        """At another place each time, and what gives tokens at another place knows none that was given before."""
        self.refreshes = 0
        with serve_in_thread(self) as url:
            self.set(BASE_URL=f"{url}/api", TOKEN_URL=f"{url}/tokens/bearer")
            self.environment.setenv("PRODOPS_NOW", iso(self.now))
            yield url

    def notes(self, **options: Any) -> dict[str, str]:
        return {one.stream: one.note for one in self.load(**options) if one.note}

    def assert_whole(self) -> None:
        """What is alive in landing is what the company has, as it is now."""
        for kind, known in self.records.items():
            assert alive(STREAMS[kind]) == known, kind

    # -- answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        form = (await request.body()).decode()
        asked = f"{request.url.path} {request.query_params.get('query') or request.url.query or form}"
        self.log.append(asked)
        self.between(asked)
        scripted = next((given for part, given in self.answers.items() if part in asked and given), None)
        is_token = request.url.path.startswith("/tokens")
        answer = scripted.pop(0) if scripted else self._token(request, form) if is_token else self._api(request)
        answer.headers["date"] = format_datetime(self.now, usegmt=True)
        await answer(scope, receive, send)

    def _token(self, request: Request, form: str) -> Response:
        """A refresh token is good for one refresh, which is the hardest case."""
        if request.headers["authorization"] != "Basic " + b64encode(":".join(CLIENT).encode()).decode():
            return JSONResponse({"error": "invalid_client"}, 401)
        if form != f"grant_type=refresh_token&refresh_token=CANARY-refresh-{self.refreshes}":
            return JSONResponse({"error": "invalid_grant", "error_description": "Incorrect refresh token"}, 400)
        self.refreshes, self.requests_of_token = self.refreshes + 1, 0
        tokens = {
            "refresh_token": f"CANARY-refresh-{self.refreshes}",
            "access_token": f"CANARY-access-{self.refreshes}",
        }
        lives = {"expires_in": 3600, "x_refresh_token_expires_in": 8_726_400, "token_type": "bearer"}
        return JSONResponse(tokens | lives)

    def _api(self, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.requests_of_token += 1
        if token != f"CANARY-access-{self.refreshes}" or self.requests_of_token > self.requests_to_live:
            error = {"message": "message=AuthenticationFailed; errorCode=003200; statusCode=401", "code": "3200"}
            error["detail"] = f"Token expired: {token}"
            return JSONResponse({"fault": {"error": [error], "type": "AUTHENTICATION"}, "queryResponse": None}, 401)
        assert request.query_params["minorversion"] == "75"
        assert "json" in request.headers["accept"]
        path = request.url.path.removeprefix(f"/api/v3/company/{REALM}/")
        if path == "query":
            return self._queried(request.query_params["query"])
        if path == "cdc":
            return self._changed(request.query_params["entities"], request.query_params["changedSince"])
        return self._reported(path.removeprefix("reports/"), request)

    def _queried(self, query: str) -> Response:
        found = re.fullmatch(
            r"SELECT (\*|Id) FROM (\w+)(?: WHERE (.+?))?(?: ORDERBY (.+?) STARTPOSITION (\d+) MAXRESULTS (\d+))?", query
        )
        assert found, query
        fields, kind, where, order, start, size = found.groups()
        singles = {"CompanyInfo": self.company, "Preferences": self.preferences}
        if kind in singles:
            return self._page(kind, [singles[kind]])
        known = sorted(self.records.get(kind, {}).items(), key=lambda item: int(item[0]))
        records = [record for _, record in known if _is_met(record, where or "")]
        if order == "MetaData.LastUpdatedTime DESC":
            records.sort(key=_instant, reverse=True)
        page = records[int(start) - 1 :][: int(size)]
        return self._page(kind, page if fields == "*" else [{"domain": "QBO", "Id": one["Id"]} for one in page])

    def _page(self, kind: str, records: list[Given]) -> Response:
        reported = (
            {ANSWERED.get(kind, kind): records, "startPosition": 1, "maxResults": len(records)} if records else {}
        )
        return JSONResponse({"QueryResponse": reported, "time": self._timestamp()})

    def _changed(self, kind: str, since: str) -> Response:
        assert self.now - datetime.fromisoformat(since) < timedelta(days=30), "changes are kept for 30 days"
        reported = [*self.records.get(kind, {}).values(), *(stub for name, stub in self.stubs if name == kind)]
        reported = [record for record in reported if _instant(record) >= datetime.fromisoformat(since)][:1000]
        response = (
            {ANSWERED.get(kind, kind): reported, "startPosition": 1, "maxResults": len(reported)} if reported else {}
        )
        return JSONResponse({"CDCResponse": [{"QueryResponse": [response]}], "time": self._timestamp()})

    def _reported(self, name: str, request: Request) -> Response:
        """A total of all documents to the end of the period; of a ledger, of those of the period, if there are any."""
        asked = request.query_params
        assert asked["accounting_method"] == "Accrual"
        total = sum(
            record.get("TotalAmt", 0)
            for records in self.records.values()
            for record in records.values()
            if record.get("TxnDate", "9999") <= asked["end_date"]
        )
        header = {"Time": self._timestamp(), "ReportName": name, "StartPeriod": asked["start_date"]}
        if name == "GeneralLedger":
            return self._ledger(header | {"EndPeriod": asked["end_date"]}, asked.get("columns", "tx_date").split(","))
        columns = {"Column": [{"ColTitle": "", "ColType": "Account"}, {"ColTitle": "Total", "ColType": "Money"}]}
        rows = {"Row": [{"ColData": [{"value": "TOTAL"}, {"value": f"{total}.00"}], "type": "Data"}]}
        return JSONResponse(
            {"Header": header | {"EndPeriod": asked["end_date"]}, "Columns": columns, "Rows": rows},
        )

    def _ledger(self, header: Given, keys: list[str]) -> Response:
        """A row a document, up to ``most_rows`` of them; a column that the company lacks is refused."""
        if self.lacks & set(keys):
            return JSONResponse(
                {"Fault": {"Error": [{"Message": "x", "code": "2170"}], "type": "ValidationFault"}}, 400
            )
        documents = [
            (record["TxnDate"], record["Id"], record.get("TotalAmt", 0))
            for records in self.records.values()
            for record in records.values()
            if header["StartPeriod"] <= record.get("TxnDate", "9999") <= header["EndPeriod"]
        ]
        rows: list[Given] = []
        for day, key, amount in sorted(documents, key=str)[: self.most_rows]:
            cells = {"tx_date": {"value": day}, "txn_type": {"value": "Document", "id": str(key)}}
            cells["debt_amt"] = {"value": f"{amount}.00"}
            rows.append({"ColData": [cells.get(name, {"value": ""}) for name in keys], "type": "Data"})
        if len(documents) > self.most_rows:
            rows.append({"ColData": [{"value": "Unable to display more data. Please reduce the date range."}]})
        columns = [{"ColTitle": name, "MetaData": [{"Name": "ColKey", "Value": name}]} for name in keys]
        reported = {"Row": rows} if rows else {}
        return JSONResponse({"Header": header, "Columns": {"Column": columns}, "Rows": reported})


def _is_met(record: Given, where: str) -> bool:
    if not record.get("Active", True) and "Active IN (true, false)" not in where:
        return False
    if named := re.search(r"(?<!\w)Id IN \((.*?)\)", where):
        return f"'{record['Id']}'" in named[1].split(", ")
    since = re.search(r"LastUpdatedTime >= '(.*?)'", where)
    return since is None or _instant(record) >= datetime.fromisoformat(since[1])


def _instant(record: Given) -> datetime:
    return datetime.fromisoformat(record["MetaData"]["LastUpdatedTime"])


def alive(stream: str) -> dict[str, Given]:
    return {key: json.loads(text) for key, (_, text) in conftest.alive("quickbooks", stream).items()}
