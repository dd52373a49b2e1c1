"""What QuickBooks may answer instead of what was asked for: recovered, or an error that says what to do."""

import logging
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from ingestion.errors import SettingsError, SourceErrors
from ingestion.settings import resolve
from ingestion.sources.quickbooks.api import QuickBooksSettings
from ingestion.sources.quickbooks.ledger import CutOffError
from ingestion.sources.quickbooks.load import ENTITIES, SOURCE
from ingestion.sources.quickbooks.reports import REPORTS
from tests.ingestion.conftest import landed_rows
from tests.ingestion.scripted_server import answer, scripted
from tests.ingestion.sources.quickbooks_books import CANARY, FIRST_REFRESH_TOKEN, STREAMS, Books, alive
from tests.ingestion.sources.quickbooks_books import REPORTS as REPORT_NAMES
from tests.runbook import drill

QUIETLY = {"census": False}
ALWAYS = 99


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Books:
    books = Books(tmp_path / "home", monkeypatch)
    for key in range(1, 5):
        books.put("Account", key, Name=f"Account {key}")
        books.put("Invoice", key, TotalAmt=100)
    return books


@pytest.fixture
def dated(books: Books) -> Books:
    """With a document that has a day, so that there are reports."""
    books.put("Invoice", 5, TxnDate="2026-10-01", TotalAmt=100)
    return books


def fault(code: str, status: int = 200) -> Response:
    """A fault whose text repeats the token, as those that come with a 401 do."""
    error = {"Message": "Refused", "Detail": "Refused for CANARY-access-1", "code": code, "element": "Query"}
    return JSONResponse(
        {"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "2026-10-01T05:00:00-07:00"}, status
    )


SAID = "the vendor says: ValidationFault, {}, param Query: Refused for …"


def failed(books: Books) -> dict[str, str]:
    return {error.stream: str(error) for error in books.failures()}


# -- tokens


def test_an_access_token_that_ends_while_reading_is_renewed_and_the_page_asked_for_again(books: Books) -> None:
    books.requests_to_live = 7
    books.load()
    books.assert_whole()
    refused = books.refreshes - 1
    asked = [line for line in books.log if not line.startswith("/tokens")]
    assert refused >= 3
    assert len(asked) == len(set(asked)) + refused  # each refused page twice, and none but those


def test_a_token_that_is_never_good_is_renewed_once_and_then_said_to_be_useless(books: Books) -> None:
    books.requests_to_live = 0
    (error,) = books.failures()
    assert "(status 401): refused even with a new access token; check REALM_ID" in str(error)
    assert books.refreshes == 2


def test_a_company_that_refuses_all_from_somewhere_on_is_not_renewed_for_each_stream(dated: Books) -> None:
    def refuse(asked: str) -> None:
        if "FROM Bill " in asked:
            dated.requests_to_live = 0

    dated.between = refuse
    streams = [stream.name for stream in SOURCE.streams]
    assert list(failed(dated)) == streams[streams.index("bills") :]
    assert dated.refreshes == 2


def test_no_token_is_ever_reported(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    books.requests_to_live = 5
    books.load()
    books.requests_to_live = 0
    books.failures()
    assert CANARY not in caplog.text
    shown = [path for path in books.home.rglob("*") if path.is_file() and "tokens" not in path.parts]
    assert len(shown) > 50
    assert not [path for path in shown if b"CANARY-" in path.read_bytes()]


def test_a_connection_that_was_ended_is_one_error_that_says_to_connect_again(books: Books) -> None:
    books.set(REFRESH_TOKEN="CANARY-refresh-of-last-year")
    (error,) = books.failures()
    assert (error.stream, error.status) == ("tokens", 400)
    assert "connect the app to the company again and set SOURCES__QUICKBOOKS__REFRESH_TOKEN" in error.hint
    books.set(REFRESH_TOKEN=FIRST_REFRESH_TOKEN)
    books.load()
    books.assert_whole()


def test_the_token_follows_no_redirect_to_another_place(books: Books) -> None:
    with scripted(answer()) as elsewhere:
        moved = Response(status_code=307, headers={"location": f"{elsewhere.url}/api"})
        books.answers["FROM Bill "] = [moved]
        assert "leads to another place" in failed(books)["bills"]
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("REALM_ID", "acme", "digits alone"),
        ("TOKEN_URL", "http://oauth.platform.intuit.com/oauth2", "use https"),
        ("PAGE_SIZE", "1", "greater than or equal to 2"),
        ("PAGE_SIZE", "1001", "less than or equal to 1000"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(books: Books, name: str, value: str, words: str) -> None:
    books.set(**{name: value})
    with pytest.raises(SettingsError, match=f"SOURCES__QUICKBOOKS__{name}: .*{words}") as caught:
        resolve("quickbooks", QuickBooksSettings)
    assert CANARY not in str(caught.value)


# -- limits and failures that pass


def test_a_limit_and_a_failure_pass_and_nothing_is_lost(dated: Books) -> None:
    passing: list[Response] = [
        JSONResponse({"Fault": {}}, 429),
        Response("too many", 429, media_type="text/plain"),
        fault("003001", 429),
        fault("3001", 403),
        fault("003001", 400),
        fault("3001"),
        JSONResponse({"fault": {"error": [{"code": "3001"}]}}),
        Response("", 503),
        Response('{"QueryResponse": {"Invoice": [{"Id"', media_type="application/json"),
    ]
    reading = ("FROM CompanyInfo", "FROM Account", "FROM Invoice", "FROM Bill ", "FROM Item", "FROM Purchase")
    dated.answers = {part: [one] for part, one in zip((*reading, *REPORT_NAMES), passing, strict=True)}
    dated.load()
    dated.later(hours=1)
    dated.put("Account", 9)
    dated.put("Invoice", 9, TxnDate="2026-10-01")
    changing = [f"entities={entity.name}&" for entity in ENTITIES]
    dated.answers = {part: [one] for part, one in zip(changing, passing, strict=False)}
    dated.load(**QUIETLY)
    assert not any(dated.answers.values())
    dated.assert_whole()


def test_a_limit_that_does_not_clear_is_said(books: Books) -> None:
    books.answers["FROM Invoice"] = [fault("3001", 403)] * ALWAYS
    assert "the vendor could not answer for now; run again later; gave up after 2 attempts" in failed(books)["invoices"]


def test_the_waits_outlast_a_limit_of_requests_a_minute(books: Books) -> None:
    for name in ("RETRY_WAIT", "LONGEST_WAIT", "ATTEMPTS"):
        books.environment.delenv(f"SOURCES__QUICKBOOKS__{name}")
    limits = resolve("quickbooks", QuickBooksSettings).limits
    shortest = sum(min(limits.wait * 2**attempt * 0.5, limits.longest_wait) for attempt in range(limits.attempts - 1))
    assert shortest > 60


# -- failures that stay


def test_a_failure_is_no_empty_list(books: Books) -> None:
    given: dict[str, tuple[Response, str]] = {
        "Account": (
            fault("4001"),
            "(status 200): QuickBooks reports a fault inside a good answer; the vendor says: ValidationFault, 4001",
        ),
        "Class": (fault("4001", 400), "ValidationFault, 4001, param Query: Refused for …"),
        "Department": (fault("CANARY and more"), "the vendor says: ValidationFault, param Query"),
        "Customer": (JSONResponse({"Fault": "CANARY"}, 400), "(status 400): the request was refused"),
        "Invoice": (JSONResponse({"QueryResponse": {"Bill": [{"Id": "1"}]}}), "asked for Invoice, the answer has Bill"),
        "Payment": (JSONResponse({"error": "CANARY"}), "the answer has no QueryResponse"),
        "Deposit": (JSONResponse(["CANARY"]), "the answer is not a JSON object"),
        "Bill": (JSONResponse({"QueryResponse": {"Bill": {"Id": "1"}}}), "the answer holds no list of records"),
        "Transfer": (Response("<html>CANARY</html>", media_type="text/html"), "not JSON but text/html, a login page"),
        "Purchase": (Response("<IntuitResponse/>", media_type="application/xml"), "not JSON but application/xml"),
    }
    books.answers = {f"FROM {kind} ": [one] * ALWAYS for kind, (one, _) in given.items()}
    errors = failed(books)
    assert errors.keys() == {STREAMS[kind] for kind in given}
    assert [kind for kind, (_, words) in given.items() if words not in errors[STREAMS[kind]]] == []
    books.answers.clear()
    books.load(**QUIETLY)
    books.assert_whole()


def test_changes_that_are_none_move_no_cursor(books: Books) -> None:
    refused = {"Fault": {"Error": [{"code": "610"}]}}
    given: dict[str, tuple[Response, str]] = {
        "Account": (JSONResponse({"CDCResponse": [{"QueryResponse": [refused]}]}), "610"),
        "Class": (JSONResponse({"CDCResponse": [refused]}), "the answer has no QueryResponse"),
        "Item": (JSONResponse({"QueryResponse": {}}), "the answer has no CDCResponse"),
        "Invoice": (JSONResponse({"CDCResponse": [{"QueryResponse": [{"Bill": []}]}]}), "the answer has Bill"),
        "Payment": (fault("3100", 403), "(status 403): the credentials lack the permission"),
    }
    books.load()
    books.later(hours=1)
    for kind in given:
        books.put(kind, 1, reported_as="changed")
    books.put("Bill", 1)
    books.answers = {f"entities={kind}&": [one] * ALWAYS for kind, (one, _) in given.items()}
    errors = failed(books)
    assert errors.keys() == {STREAMS[kind] for kind in given}
    assert [kind for kind, (_, words) in given.items() if words not in errors[STREAMS[kind]]] == []
    assert alive("bills").keys() == {"1"}  # one that is refused stops itself alone
    books.answers.clear()
    books.later(days=1)
    books.load(**QUIETLY)
    books.assert_whole()


def report(rows: object, name: str = "GeneralLedger", last: str = "2026-10-31", basis: str = "Accrual") -> Response:
    header = {"ReportName": name, "StartPeriod": "2026-10-01", "EndPeriod": last, "ReportBasis": basis}
    return JSONResponse({"Header": header, "Columns": {}, "Rows": rows})


def test_a_report_that_is_none_does_not_land(dated: Books) -> None:
    other = "not the report that was asked for"
    too_large = {"Row": [{"ColData": [{"value": "Unable to display more data. Reduce it."}]}]}
    cash = report({}, "ProfitAndLoss", basis="Cash")
    html = Response("<html/>", media_type="text/html")
    rounds: list[dict[str, tuple[Response, str]]] = [
        {"ProfitAndLoss": (html, "not JSON but text/html"), "GeneralLedger": (report(too_large), "400,000 cells")},
        {
            "ProfitAndLoss": (fault("5020", 400), "ValidationFault, 5020"),
            "GeneralLedger": (JSONResponse({"Header": {"ReportName": "GeneralLedger"}}), other),
        },
        {
            "ProfitAndLoss": (report({}, "ProfitAndLoss", last="2026-10-01"), other),
            "GeneralLedger": (report({"Row": [{}]}), "lacks the columns tx_date, txn_type, debt_amt, credit_amt"),
        },
        {"ProfitAndLoss": (cash, other), "TrialBalance": (report({}), other)},
    ]
    for given in rounds:
        october = {
            name: "/GeneralLedger start_date=2026-10" if name == "GeneralLedger" else f"/{name}" for name in given
        }
        dated.answers = {f"reports{october[name]}": [one] * ALWAYS for name, (one, _) in given.items()}
        errors = failed(dated)
        refused = {REPORT_NAMES[name] for name in given}
        assert errors.keys() == refused | {"trial_balances"}
        assert [name for name, (_, words) in given.items() if words not in errors[REPORT_NAMES[name]]] == []
        if "400,000 cells" in errors.get("general_ledgers", ""):
            drill("CutOffError", CutOffError.exit_code, f"error: {errors['general_ledgers']}")
            drill("SourceErrors", SourceErrors.exit_code, "\n".join(f"error: {text}" for text in errors.values()))
        if "GeneralLedger" in given:
            assert "skipped, because general_ledgers failed" in errors["trial_balances"]
        assert [stream for stream in refused if alive(stream)] == []
    dated.answers.clear()
    dated.load(**QUIETLY)
    assert len(alive("general_ledgers")) == 1


def test_without_preferences_nobody_knows_what_is_closed_so_no_report_is_read(dated: Books) -> None:
    dated.answers["FROM Preferences"] = [fault("4001", 400)]
    errors = failed(dated)
    assert errors.keys() == {"preferences", *(report.stream for report in REPORTS)}
    assert "skipped, because preferences failed" in errors["general_ledgers"]
    dated.assert_whole()


def test_a_fiscal_year_that_starts_in_no_month_is_named(dated: Books) -> None:
    dated.company["FiscalYearStartMonth"] = "Brumaire"
    assert "FiscalYearStartMonth is not the name of a month" in failed(dated)["company_info"]


def test_a_record_without_an_id_lands_and_is_taken_for_no_other(books: Books) -> None:
    books.records["Invoice"]["2"]["Id"] = {"value": "2"}
    books.load()
    books.load()
    keys = [key for key, _, gone in landed_rows("quickbooks", "invoices") if not gone]
    assert sorted(key.partition("/")[0] for key in keys) == ["1", "3", "4", "unreadable"]


def test_doctor_names_what_is_not_permitted_and_goes_on(books: Books) -> None:
    books.answers = {"FROM Bill ": [fault("3100", 403)], "TrialBalance": [fault("4001", 400)]}
    with books.serving():
        findings = SOURCE.check()
    assert [(one.what, one.hint[:43], one.hint.split("; ")[-1]) for one in findings if not one.ok] == [
        ("read bills", "the credentials lack the permission for thi", SAID.format(3100)),
        ("read trial_balances", "the request was refused; it may name a fiel", SAID.format(4001)),
    ]


def test_doctor_says_what_is_missing_and_what_to_connect(books: Books) -> None:
    books.set(REFRESH_TOKEN="CANARY-refresh-of-last-year")
    with books.serving():
        ended = SOURCE.check()[-1]
    assert (ended.ok, ended.what, "connect the app" in ended.hint) == (False, "read tokens", True)
    for name in ("CLIENT_ID", "REALM_ID"):
        books.environment.delenv(f"SOURCES__QUICKBOOKS__{name}")
    (finding,) = SOURCE.check()
    assert (finding.ok, finding.what) == (False, "SOURCES__QUICKBOOKS__CLIENT_ID, SOURCES__QUICKBOOKS__REALM_ID")
