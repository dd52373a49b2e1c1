"""QuickBooks of the sandbox over HTTP: each behaviour that a loader meets.

Belongs here: sign-in, the query language, changes, refusals, faults. Does not: reports (test_quickbooks_reports.py),
shapes (test_quickbooks_shapes.py), what stands in the books (test_books.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sandbox.company import Company
from sandbox.company.books.facts import DOCUMENTS, NAMES, Booked
from sandbox.timestamps import DAY, HOUR, ms
from sandbox.vendors.quickbooks import CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, REALM, QuickBooks
from sandbox.vendors.quickbooks.api import ANSWERED
from sandbox.vendors.quickbooks.properties import PROPERTIES, UNUSED
from sandbox.vendors.quickbooks.tokens import token
from tests.sandbox.conftest import Serve, made
from tests.sandbox.quickbooks_app import App

NOW = "2026-10-15T06:00:00Z"


@pytest.fixture(scope="module")
def qb(serve_all: Serve) -> App:
    return App(serve_all(company=made(2), now=NOW))


@pytest.fixture
def later(request: pytest.FixtureRequest, serve: Serve) -> App:
    """A sandbox of one test's own, whose time may pass."""
    return App(serve(company=made(2), now=NOW, faults=getattr(request, "param", ())))


@pytest.fixture
def other(request: pytest.FixtureRequest, serve: Serve) -> App:
    """A company of one test's own."""
    return App(serve(company=Company(2, "tiny"), now=NOW, faults=getattr(request, "param", ())))


def ids(rows: list[dict[str, str]]) -> list[str]:
    return [row["Id"] for row in rows]


# -- sign-in


def test_a_refresh_token_becomes_another_one_once_a_day_and_the_old_one_dies(later: App) -> None:
    first = later.refresh()
    assert first.status_code == 400  # signing in has used the one of before
    assert first.json()["error"] == "invalid_grant"
    newest = token("AB", ms(NOW), 1)
    again = later.refresh(newest).json()
    assert again["refresh_token"] == newest
    assert (again["expires_in"], again["token_type"]) == (3_600, "bearer")
    assert again["x_refresh_token_expires_in"] > 100 * 86_400
    later.sandbox.clock.advance(ms(NOW) + DAY)
    tomorrow = later.refresh(newest).json()["refresh_token"]
    assert tomorrow != newest
    assert later.refresh(newest).status_code == 400
    assert later.refresh(tomorrow).status_code == 200


def test_another_process_takes_the_newest_token(later: App, serve: Serve) -> None:
    newest = later.refresh(token("AB", ms(NOW), 1)).json()["refresh_token"]
    fresh = App(serve(company=made(2), now=NOW))
    assert fresh.refresh(newest).status_code == 200
    fresh.sandbox.clock.advance(ms(NOW) + DAY)
    assert fresh.refresh(fresh.refresh(newest).json()["refresh_token"]).status_code == 200
    assert fresh.refresh(FIRST_REFRESH_TOKEN).status_code == 400


def test_tokens_may_be_for_one_use(serve: Serve) -> None:
    client = serve(company=made(2), now=NOW)
    client.sandbox.vendors["quickbooks"] = QuickBooks(client.sandbox.company, rotates_after=0)
    app = App(client)
    second = app.refresh(token("AB", ms(NOW), 1)).json()["refresh_token"]
    assert second == token("AB", ms(NOW), 2)
    assert app.refresh(token("AB", ms(NOW), 1)).status_code == 400


def test_who_is_not_the_app_gets_no_token(qb: App) -> None:
    assert qb.refresh(secret="guessed").status_code == 401
    assert qb.refresh(token=FIRST_REFRESH_TOKEN[:-1] + "0").json()["error"] == "invalid_grant"
    forged = token("AT", ms(NOW), 7)
    assert qb.refresh(token=forged).status_code == 400  # an access token is no refresh token


def test_the_apps_secret_may_be_in_the_form(later: App) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": token("AB", ms(NOW), 1)}
    url = f"{later.url}/oauth2/v1/tokens/bearer"

    def post(**more: str) -> requests.Response:
        return requests.post(url, data=form | more, timeout=10)

    assert post().status_code == 401
    assert post(client_id=CLIENT_ID, client_secret="guessed").json() == {"error": "invalid_client"}
    given = post(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    assert given.status_code == 200
    later.session.headers["authorization"] = f"Bearer {given.json()['access_token']}"
    assert later.ask("query", query="select * from Class").status_code == 200
    # one who signs in both ways is the one that the header names
    both = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert requests.post(url, data=form | both, auth=("somebody", "else"), timeout=10).status_code == 401


def test_openid_says_where_tokens_are_given_and_how(qb: App) -> None:
    for kind in ("configuration", "sandbox_configuration"):
        found = requests.get(f"{qb.url}/.well-known/openid_{kind}/", timeout=10).json()
        assert found["token_endpoint"] == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
        assert found["token_endpoint_auth_methods_supported"] == ["client_secret_post", "client_secret_basic"]


def test_an_access_token_lasts_an_hour_and_its_refusal_repeats_it(later: App) -> None:
    later.sandbox.clock.advance(ms(NOW) + HOUR - 1)
    assert later.ask("query", query="select * from Class").status_code == 200
    later.sandbox.clock.advance(ms(NOW) + HOUR)
    refused = later.ask("query", query="select * from Class")
    assert refused.status_code == 401
    [error] = refused.json()["fault"]["error"]
    assert error["detail"].endswith(str(later.session.headers["authorization"]).removeprefix("Bearer "))
    assert "invalid_token" in refused.headers["www-authenticate"]


# -- queries


def test_without_accept_it_is_xml(qb: App) -> None:
    space = "{http://schema.intuit.com/finance/v3}"

    def asked(path: str, **query: str) -> ElementTree.Element:
        url, headers = f"{qb.url}/v3/company/{REALM}/{path}", {"accept": "*/*"}
        answer = qb.session.get(url, params=query, headers=headers, timeout=10)
        assert answer.headers["content-type"].startswith("application/xml")
        return ElementTree.fromstring(answer.content)

    found = asked("query", query="select * from Class").find(f"{space}QueryResponse")
    assert found is not None
    assert len(found.findall(f"{space}Class")) == 10
    assert found.attrib == {"startPosition": "1", "maxResults": "10"}
    shown = qb.all("Invoice")[0]
    invoice = asked(f"invoice/{shown['Id']}").find(f"{space}Invoice")
    assert invoice is not None
    customer, total = invoice.find(f"{space}CustomerRef"), invoice.find(f"{space}TotalAmt")
    assert customer is not None
    assert total is not None
    assert {"value": customer.text, **customer.attrib} == shown["CustomerRef"]
    assert Decimal(total.text or "") == Decimal(str(shown["TotalAmt"]))
    refused = asked("query", query="select * from Custmoer").find(f"{space}Fault")
    assert refused is not None
    assert refused.attrib == {"type": "ValidationFault"}
    assert [error.attrib["code"] for error in refused] == ["4001"]
    gone = asked("cdc", entities="Bill", changedSince="2026-09-20T00:00:00Z").iter(f"{space}Bill")
    assert {row.get("status") for row in gone} == {None, "Deleted"}
    cells = asked("reports/BalanceSheet").iter(f"{space}ColData")
    assert next(cells).attrib == {"value": "ASSETS"}


def test_pages_start_with_1_and_an_empty_one_has_no_rows_at_all(qb: App) -> None:
    count = qb.query("select count(*) from Bill")["totalCount"]
    assert len(qb.all("Bill")) == count > 100
    first = qb.query("select * from Bill orderby Id")
    assert (len(first["Bill"]), first["startPosition"], first["maxResults"]) == (100, 1, 100)
    read = []
    for start in range(1, count + 1, 37):
        read += qb.query(f"SELECT * FROM Bill ORDERBY Id STARTPOSITION {start} MAXRESULTS 37")["Bill"]
    assert ids(read) == ids(qb.all("Bill", "orderby Id"))
    assert qb.query(f"select * from Bill startposition {count + 1}") == {}
    assert qb.query("select * from Bill where Id = '0'") == {}


def test_pages_shift_when_somebody_deletes(other: App) -> None:
    first = other.query("select * from Bill orderby Id maxresults 10")["Bill"]
    other.sandbox.company.bookkeeping.happen(Booked(ms(NOW), "Bill", first[0]["Id"], None))
    second = other.query("select * from Bill orderby Id startposition 11 maxresults 10")["Bill"]
    whole = ids(other.all("Bill", "orderby Id"))
    assert [*ids(first)[1:], *ids(second)] != whole[:19]
    assert first[0]["Id"] not in whole


def test_a_page_holds_what_it_is_capped_at(serve: Serve) -> None:
    page = App(serve(company=made(2), now=NOW, page_cap=7)).query("select * from Bill maxresults 1000")
    assert len(page["Bill"]) == page["maxResults"] == 7


def test_hidden_names_are_shown_only_when_asked_for(qb: App) -> None:
    for kind, count in {"Account": 2, "Class": 1, "Item": 1, "Employee": 1}.items():
        shown, hidden = qb.all(kind), qb.all(kind, "where Active = false")
        name = "DisplayName" if kind == "Employee" else "Name"
        assert [row[name].endswith(" (deleted)") for row in hidden] == [True] * count
        assert sorted(ids(qb.all(kind, "where Active in (true, false)"))) == sorted(ids(shown) + ids(hidden))
        # Also by its id a hidden name is not found.
        assert qb.query(f"select count(*) from {kind} where Id = '{hidden[0]['Id']}'") == {"totalCount": 0}
    [employee] = qb.all("Employee", "where Active = false")
    assert not employee["PrintOnCheckName"].endswith("(deleted)")


def test_conditions(qb: App) -> None:
    bills = qb.all("Bill")
    late = [bill["Id"] for bill in bills if bill["TxnDate"] >= "2026-09-01"]
    assert sorted(ids(qb.all("Bill", "where TxnDate >= '2026-09-01'"))) == sorted(late)
    both = "where TxnDate >= '2026-09-01' and TxnDate < '2026-10-01' orderby TxnDate desc, Id"
    days = [bill["TxnDate"] for bill in qb.all("Bill", both)]
    assert days
    assert days == sorted(days, reverse=True)
    two = ids(bills)[:2]
    assert ids(qb.all("Bill", f"where Id IN ('{two[0]}', '{two[1]}')")) == two
    assert ids(qb.all("Vendor", "where DisplayName like 'Sky%'")) == ids(
        qb.all("Vendor", "where DisplayName = 'Skyfield Cloud'")
    )
    assert [int(number) for number in ids(qb.all("Bill", "where Id > '700'"))] == sorted(
        int(number) for number in ids(bills) if int(number) > 700
    )


def test_instants_are_compared_as_such_whatever_their_offset(qb: App) -> None:
    newest = max(qb.all("Bill"), key=lambda bill: datetime.fromisoformat(bill["MetaData"]["LastUpdatedTime"]))
    reported = newest["MetaData"]["LastUpdatedTime"]
    same = (datetime.fromisoformat(reported) + timedelta(0)).astimezone().isoformat()
    for text in (reported, same, datetime.fromisoformat(reported).astimezone(tz=None).isoformat()):
        assert newest["Id"] in ids(qb.all("Bill", f"where MetaData.LastUpdatedTime >= '{text}'"))
        assert newest["Id"] not in ids(qb.all("Bill", f"where MetaData.LastUpdatedTime > '{text}'"))


def test_offsets_are_those_of_california(qb: App) -> None:
    offsets = {
        row["MetaData"]["CreateTime"][-6:]: row["MetaData"]["CreateTime"][5:7]
        for row in qb.all("Bill", "where TxnDate < '2025-03-01'") + qb.all("Bill", "where TxnDate > '2026-05-01'")
    }
    assert set(offsets) == {"-07:00", "-08:00"}
    assert offsets["-08:00"] in ("11", "12", "01", "02", "03")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select * from Bill where Id = '1' or Id = '2'", "4000"),
        ("select * from Bill group by Id", "4000"),
        ("select * from Bill maxresults 1001", "4001"),
        ("select * from Bill startposition 0", "4001"),
        ("select * from Bill maxresults many", "4000"),
        ("select * from Bill where Id = 1'", "4000"),
        ("select * from", "4000"),
        ("", "4000"),
        ("delete from Bill", "4000"),
        ("select * from Custmoer", "4001"),
        ("select * from Bill where MetaData.LastUpdatedTime > 'yesterday'", "4001"),
        ("select * from Bill where Balance > 'much'", "4001"),
        ("select * from Bill where Balance > 'NaN'", "4001"),
        ("select * from Bill where TxnDate > 'today'", "4001"),
        ("select * from Estimate where TxnDate > 'today'", "4001"),
        ("select * from Bill where Weather = 'fine'", "4001"),
        ("select Weather from Bill", "4001"),
        ("select * from Bill orderby Weather", "4001"),
        ("select * from Bill orderby VendorRef", "4001"),
        ("select * from Account orderby Active", "4001"),
        ("select count(*) from Bill where DepartmentRef = '1'", "4001"),
        ("select * from Purchase where EntityRef = '1'", "4001"),
        ("select * from Deposit where TotalAmt > '1'", "4001"),
    ],
)
def test_what_the_language_has_not_is_refused(qb: App, statement: str, code: str) -> None:
    assert qb.refused(query=statement) == code


def test_a_refusal_tells_what_is_unknown_from_what_can_not_be_asked(qb: App) -> None:
    def detail(statement: str) -> str:
        [error] = qb.ask("query", query=statement).json()["Fault"]["Error"]
        return str(error["Detail"])

    said = "QueryValidationError: Property NoSuchField not found for Entity Purchase"
    assert detail("select * from purchase where NoSuchField = '1'") == said
    said = "QueryValidationError: property 'DepartmentRef' is not queryable"
    assert detail("select * from JournalEntry where departmentref = '1'") == said
    said = "QueryValidationError: value 0 is too small. Min allowed value is 1"
    assert detail("select * from Bill startposition 0") == said


def test_names_have_no_case(qb: App) -> None:
    plain = "SELECT * FROM Bill WHERE MetaData.LastUpdatedTime >= '2026-08-01' ORDERBY TxnDate, Id MAXRESULTS 500"
    other = "select * from BILL where Metadata.LASTUPDATEDTIME >= '2026-08-01' order by txndate, id maxresults 500"
    assert qb.query(plain) == qb.query(other)
    assert len(qb.query(plain)["Bill"]) > 10
    # what is hidden is asked for by any writing of the name
    assert len(qb.all("Account", "where active = false")) == 2
    assert qb.query("select ID, displayname from vendor maxresults 1")["Vendor"][0].keys() >= {"Id", "DisplayName"}


def test_numbers_compare_as_numbers(qb: App) -> None:
    """As text '9' is more than '10000.00'."""
    amounts = {bill["Id"]: Decimal(str(bill["TotalAmt"])) for bill in qb.all("Bill")}
    for limit in ("9", "250", "9000.5"):
        more = {number for number, amount in amounts.items() if amount > Decimal(limit)}
        assert {row["Id"] for row in qb.all("Bill", f"where TotalAmt > '{limit}'")} == more
        assert {row["Id"] for row in qb.all("Bill", f"where TotalAmt > {limit}")} == more
        assert {row["Id"] for row in qb.all("Bill", f"where TotalAmt <= '{limit}'")} == amounts.keys() - more
    some = next(amount for amount in amounts.values() if amount)
    same = {number for number, amount in amounts.items() if amount == some}
    assert set(ids(qb.all("Bill", f"where TotalAmt IN ('{some}0', '-1')"))) == same
    paid = {row["Id"] for row in qb.all("Invoice") if row["Balance"] == 0}
    assert set(ids(qb.all("Invoice", "where Balance = '0.00'"))) == paid
    ordered = [row["TotalAmt"] for row in qb.all("Bill", "orderby TotalAmt desc")]
    assert ordered == sorted(ordered, reverse=True)


def test_references_compare_by_their_id(qb: App) -> None:
    invoices = qb.all("Invoice")
    first, second = sorted({row["CustomerRef"]["value"] for row in invoices})[:2]
    own = {row["Id"] for row in invoices if row["CustomerRef"]["value"] == first}
    both = {row["Id"] for row in invoices if row["CustomerRef"]["value"] in (first, second)}
    assert set(ids(qb.all("Invoice", f"where CustomerRef = '{first}'"))) == own
    assert set(ids(qb.all("Invoice", f"where customerref in ('{first}', '{second}')"))) == both
    assert own < both
    assert qb.query(f"select count(*) from Invoice where CustomerRef = '{first}'") == {"totalCount": len(own)}
    parents = [row["ParentRef"]["value"] for row in qb.all("Account") if row["SubAccount"]]
    beneath = qb.all("Account", f"where ParentRef in ('{parents[0]}') and SubAccount = true")
    assert len(beneath) == parents.count(parents[0]) > 0


def test_nothing_is_a_space_and_meets_no_other_test(qb: App) -> None:
    """No customer here has a company's name."""
    everybody = qb.query("select count(*) from Customer")["totalCount"]
    assert qb.query("select count(*) from Customer where CompanyName = ' '") == {"totalCount": everybody}
    for test in ("= 'x'", "< 'x'", ">= ''", "like '%'"):
        assert qb.query(f"select count(*) from Customer where CompanyName {test}") == {"totalCount": 0}
    assert qb.query("select count(*) from Customer where DisplayName = ' '") == {"totalCount": 0}
    assert qb.query("select count(*) from Customer where DisplayName like '%'") == {"totalCount": everybody}
    assert qb.query("select count(*) from Customer where DisplayName like '?%'") == {"totalCount": 0}


def test_an_instant_without_an_offset_is_californias(qb: App) -> None:
    [early] = qb.query("select * from Bill orderby MetaData.LastUpdatedTime maxresults 1")["Bill"]
    written = early["MetaData"]["LastUpdatedTime"]
    for text in (written[:-6], written[:-3] + written[-2:]):  # none, and one without a colon
        assert early["Id"] in ids(qb.all("Bill", f"where MetaData.LastUpdatedTime <= '{text}'"))
        assert early["Id"] not in ids(qb.all("Bill", f"where MetaData.LastUpdatedTime < '{text}'"))


def test_some_properties_are_selected(qb: App) -> None:
    [row, *_] = qb.query("select Id, TotalAmt, MetaData.CreateTime from Bill")["Bill"]
    assert row.keys() == {"domain", "sparse", "Id", "TotalAmt", "MetaData"}
    assert row["MetaData"].keys() == {"CreateTime"}
    whole = qb.query("select *, Sku from Item")["Item"]  # as a client asks for what is not in the star
    assert whole == qb.query("select * from Item")["Item"]


def test_every_name_that_is_shown_can_be_asked_for_or_selected(qb: App) -> None:
    for kind in NAMES + DOCUMENTS:
        for row in qb.all(kind):
            assert {name.lower() for name in row} <= PROPERTIES[kind].shown.keys(), kind
    for kind, properties in PROPERTIES.items():
        for name in properties.asked.values():
            assert qb.ask("query", query=f"select count(*) from {kind} where {name} = ' '").status_code == 200


def test_kinds_that_the_company_does_not_use_are_empty_and_not_unknown(qb: App) -> None:
    for kind in UNUSED:
        assert qb.query(f"select * from {kind} where MetaData.LastUpdatedTime > '2020-01-01'") == {}
        assert qb.query(f"select count(*) from {kind}") == {"totalCount": 0}
    assert qb.changes("Budget,Term", "2026-10-14T00:00:00Z") == {}
    assert qb.refused("cdc", entities="TaxCode", changedSince="2026-10-14T00:00:00Z") == "2170"


def test_a_statement_may_be_posted(qb: App) -> None:
    statement = "select * from Vendor where DisplayName like '%o%' orderby Id"
    headers = {"content-type": "application/text"}
    url = f"{qb.url}/v3/company/{REALM}/query"
    posted = qb.session.post(url, data=statement, params={"minorversion": 75}, headers=headers, timeout=10)
    assert posted.status_code == 200
    assert posted.json() == qb.ask("query", query=statement).json()
    wrong = qb.session.post(url, data="select * from", headers=headers, timeout=10)
    assert (wrong.status_code, wrong.json()["Fault"]["Error"][0]["code"]) == (400, "4000")


def test_objects_are_read_by_id(qb: App) -> None:
    read = 0
    for kind in NAMES + DOCUMENTS:
        where = "where Active in (true, false)" if kind in NAMES else ""
        for row in qb.all(kind, where)[:3]:
            answer = qb.ask(f"{kind.lower()}/{row['Id']}", minorversion=75)
            assert answer.status_code == 200
            assert answer.json() == {ANSWERED.get(kind, kind): row, "time": answer.json()["time"]}
            read += 1
    assert read > 40
    [company] = qb.all("CompanyInfo")
    for number in (REALM, company["Id"]):
        assert qb.ask(f"companyinfo/{number}").json()["CompanyInfo"] == company
    assert qb.ask("preferences").json()["Preferences"] == qb.all("Preferences")[0]


def test_what_is_gone_or_of_another_kind_is_not_found_by_id(qb: App) -> None:
    gone = next(row["Id"] for row in qb.changes("Bill", "2026-09-20T00:00:00-07:00")["Bill"] if "status" in row)
    invoice = qb.all("Invoice")[0]["Id"]
    for path in (f"bill/{gone}", f"bill/{invoice}", "estimate/1", "companyinfo/7", f"invoice/{10**9}"):
        assert qb.refused(path) == "610"
    assert qb.refused("bill/1.5") == "2030"
    assert qb.refused("bill/1/2") == qb.refused("salestaxpayment/1") == "500"


def batch(qb: App, *items: dict[str, Any]) -> requests.Response:
    url = f"{qb.url}/v3/company/{REALM}/batch"
    return qb.session.post(url, json={"BatchItemRequest": items}, timeout=10)


def test_a_batch_answers_queries_and_refuses_each_write_for_itself(qb: App) -> None:
    big = "select * from SalesReceipt where TotalAmt > '300.00'"
    answer = batch(
        qb,
        {"bId": "one", "Query": big},
        {"bId": "two", "operation": "create", "Vendor": {"DisplayName": "Boraski"}},
        {"bId": "three", "Query": "select * from Custmoer"},
        {"bId": "four", "Query": "select count(*) from Bill"},
    )
    assert answer.status_code == 200
    one, two, three, four = answer.json()["BatchItemResponse"]
    assert [item["bId"] for item in (one, two, three, four)] == ["one", "two", "three", "four"]
    assert one["QueryResponse"] == qb.query(big)
    assert [item["Fault"]["Error"][0]["code"] for item in (two, three)] == ["500", "4001"]
    assert four["QueryResponse"] == qb.query("select count(*) from Bill")
    assert qb.all("Vendor", "where DisplayName = 'Boraski'") == []
    assert batch(qb, *[{"bId": str(number), "Query": big} for number in range(30)]).status_code == 200
    assert batch(qb, *[{"bId": str(number), "Query": big} for number in range(31)]).status_code == 400
    assert batch(qb, {"Query": big}).json()["Fault"]["Error"][0]["code"] == "2010"


def test_lists_are_read_whole_as_published_loaders_ask(qb: App) -> None:
    """One batch of a statement a list, from page to page, until no list has more; and a list by the window of time."""
    kinds = NAMES + DOCUMENTS + tuple(UNUSED)[:9]
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    pages, has_more = 0, True
    while has_more:
        items = [
            {
                "bId": kind,
                "Query": f"SELECT * FROM {kind} WHERE Metadata.LastUpdatedTime >= '2024-01-01T00:00:00Z'"
                f"{' AND Active IN (true, false)' if kind in NAMES else ''} ORDER BY Metadata.LastUpdatedTime ASC "
                f"STARTPOSITION {len(found[kind]) + 1} MAXRESULTS 60",
            }
            for kind in kinds
        ]
        answered = batch(qb, *items).json()["BatchItemResponse"]
        for item in answered:
            found[item["bId"]] += ids(item["QueryResponse"].get(ANSWERED.get(item["bId"], item["bId"]), []))
        pages, has_more = pages + 1, any(item["QueryResponse"] for item in answered)
    assert pages > 5
    for kind in kinds:
        whole = ids(qb.all(kind, "where Active in (true, false)" if kind in NAMES else ""))
        assert sorted(found[kind], key=int) == whole
    edges = ["2024-01-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00", NOW.replace("Z", "+00:00")]
    windows = [
        ids(
            qb.all(
                "Bill",
                f"where Metadata.LastUpdatedTime > '{begun}' and Metadata.LastUpdatedTime <= '{ended}' "
                "order by Metadata.LastUpdatedTime asc",
            )
        )
        for begun, ended in pairwise(edges)
    ]
    assert all(windows)
    assert sorted(windows[0] + windows[1]) == sorted(found["Bill"])


def test_another_company_and_another_path_are_refused(qb: App) -> None:
    wrong = qb.session.get(f"{qb.url}/v3/company/1/query", params={"query": "select * from Class"}, timeout=10)
    assert wrong.status_code == 403
    assert wrong.json()["fault"]["error"][0]["code"] == "3100"
    assert qb.refused("invoices") == "500"


# -- change


def test_a_change_is_a_newer_version_and_a_balance_is_not(later: App) -> None:
    """A payment moves its invoice and the balance of its customer; only what somebody edits gets a new version."""
    [payment] = later.all("Payment", "where TxnDate > '2026-09-01' orderby TxnDate desc")[:1]
    [invoice] = later.all("Invoice", f"where Id = '{payment['Line'][0]['LinkedTxn'][0]['TxnId']}'")
    assert invoice["Balance"] == 0
    assert invoice["SyncToken"] == "1"
    assert invoice["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert invoice["MetaData"]["LastUpdatedTime"] > invoice["MetaData"]["CreateTime"]
    [customer] = later.all("Customer", f"where Id = '{payment['CustomerRef']['value']}'")
    assert customer["SyncToken"] == "0"
    assert customer["MetaData"]["LastUpdatedTime"] > customer["MetaData"]["CreateTime"]


def test_a_void_stays_with_nothing_in_it(qb: App) -> None:
    [void] = [row for row in qb.all("Invoice") if row.get("PrivateNote") == "Voided"]
    assert (void["TotalAmt"], void["Balance"]) == (0, 0)
    assert all(line["Amount"] == 0 for line in void["Line"])


def test_changes_hold_what_was_deleted_and_queries_do_not(qb: App) -> None:
    reported = qb.changes("Bill", "2026-09-20T00:00:00-07:00")["Bill"]
    [stub] = [row for row in reported if row.get("status") == "Deleted"]
    assert set(stub) == {"domain", "status", "Id", "MetaData"}
    assert qb.all("Bill", f"where Id = '{stub['Id']}'") == []
    later = qb.changes("Bill", stub["MetaData"]["LastUpdatedTime"])["Bill"]
    assert stub["Id"] in ids(later)
    assert len(later) < len(reported)
    assert qb.changes("RefundReceipt", "2026-10-14T00:00:00-07:00") == {}


def test_changes_are_reported_for_thirty_days(qb: App) -> None:
    """Older ones are not shown, and nothing says so."""
    asked = qb.changes("Bill", "2026-01-01T00:00:00Z")["Bill"]
    edge = ms(NOW) - 30 * DAY
    assert min(ms(datetime.fromisoformat(row["MetaData"]["LastUpdatedTime"])) for row in asked) >= edge
    assert ids(asked) == ids(qb.changes("Bill", "2026-09-15T06:00:00Z")["Bill"])
    assert {row.get("status") for row in asked} == {None, "Deleted"}


def test_hidden_names_are_among_the_changes(other: App) -> None:
    number = other.all("Class")[0]["Id"]
    values = {"name": "Payments (deleted)", "active": False}
    other.sandbox.company.bookkeeping.happen(Booked(ms(NOW), "Class", number, values))
    [row] = other.changes("class", "2026-10-14T00:00:00Z")["Class"]
    assert (row["Id"], row["Active"], row["SyncToken"]) == (number, False, "1")


def test_changes_are_cut_at_a_thousand_over_all_kinds_without_a_word(other: App) -> None:
    happen, since = other.sandbox.company.bookkeeping.happen, "2026-10-15T05:00:00Z"
    known = other.sandbox.company.bookkeeping.books(NOW).records["Transfer"]
    values = {name: value for name, value in next(iter(known.values())).items() if name not in ("id", "created")}
    bill = other.all("Bill")[0]["Id"]
    happen(Booked(ms(NOW), "Bill", bill, {"note": "Edited"}))
    happen(Booked(ms(NOW), "Purchase", "970000", None))  # what nobody knew is no change
    for number in range(998):
        happen(Booked(ms(NOW), "Transfer", str(950_000 + number), values))
    reported = other.changes("Transfer,Bill,Purchase", since)
    assert {kind: len(rows) for kind, rows in reported.items()} == {"Bill": 1, "Transfer": 998}
    for number in range(998, 1_400):
        happen(Booked(ms(NOW), "Transfer", str(950_000 + number), values))
    reported = other.changes("Transfer,Bill,Purchase", since)
    assert sum(map(len, reported.values())) == 1_000
    assert other.query("select count(*) from Transfer where Id >= '950000'") == {"totalCount": 1_400}


@pytest.mark.parametrize("since", ["", "yesterday", "2026-10-14T00:00:00"])
def test_changes_since_no_instant_are_refused(qb: App, since: str) -> None:
    assert qb.refused("cdc", entities="Bill", changedSince=since) == "2170"
    assert qb.refused("cdc", entities="Bil", changedSince="2026-10-14T00:00:00Z") == "2170"


# -- faults


@pytest.mark.parametrize("later", [[{"fault": "status", "path": "query", "status": 429}]], indirect=True)
def test_too_many_requests_come_without_a_word_on_when_to_come_again(later: App) -> None:
    answer = later.ask("query", query="select * from Class")
    assert answer.status_code == 429
    assert not [name for name in answer.headers if "limit" in name.lower() or "retry" in name.lower()]
    assert answer.json()["Fault"]["Error"][0]["code"] == "003001"
    assert later.ask("query", query="select * from Class").status_code == 200


@pytest.mark.parametrize(
    "other",
    [[{"fault": "mutate_books", "path": "query", "what": what, "kind": "Bill"}] for what in ("insert", "delete")],
    indirect=True,
)
def test_somebody_books_while_we_read(other: App) -> None:
    before = set(other.sandbox.company.bookkeeping.books(NOW).records["Bill"])
    assert len(before ^ set(ids(other.all("Bill")))) == 1


def test_ids_of_documents_are_of_one_sequence(qb: App) -> None:
    numbers = [number for kind in DOCUMENTS for number in ids(qb.all(kind))]
    assert len(numbers) == len(set(numbers)) > 600
