"""BambooHR over HTTP: whom it lists, what it calls changed, rows in no order, leave, refusals, lost permissions.

Rows of pay are compared into a truth value: an assertion that fails shows whatever it compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sandbox.company import DEFAULT_NOW, Company
from sandbox.timestamps import ms
from sandbox.truth.staff import bamboohr_records
from sandbox.vendors.bamboohr.api import API_KEY
from tests.sandbox.conftest import Client, Serve

TABLES = {"job_info": "jobInfo", "employment_statuses": "employmentStatus", "compensation": "compensation"}
FIELDS = "workEmail,hireDate,departmentName,reportsToName,reportsToId"


def ask(client: Client, path: str, accept: str | None = "application/json", **query: Any) -> requests.Response:
    headers = {} if accept is None else {"accept": accept}
    url = f"{client.url}/bamboohr/api/v1/{path}"
    return requests.get(url, params=query, headers=headers, auth=(API_KEY, "x"), timeout=10)


def get(client: Client, path: str, **query: Any) -> Any:
    answer = ask(client, path, **query)
    assert answer.status_code == 200, answer.headers
    return answer.json()


def post(client: Client, path: str, body: Any, content: str | None = "application/json", **query: Any) -> Any:
    """A report, defined in JSON or in XML."""
    url = f"{client.url}/bamboohr/api/v1/{path}"
    data = body if isinstance(body, str) else json.dumps(body)
    headers = {"accept": "application/json"} | ({} if content is None else {"content-type": content})
    return requests.post(url, data=data, params=query, headers=headers, auth=(API_KEY, "x"), timeout=10)


def pages(client: Client, limit: int, **query: Any) -> Iterator[list[dict[str, Any]]]:
    following: dict[str, str] = {}
    for _ in range(1_000):
        page = get(client, "employees", **{"page[limit]": limit, **query, **following})
        yield page["data"]
        if page["meta"]["page"]["nextCursor"] is None:
            return
        following = {"page[after]": page["meta"]["page"]["nextCursor"]}
    raise AssertionError("the pages do not end")


# -- employees


@pytest.mark.parametrize("limit", [1, 3, 25, 26, 2_500])
def test_the_list_is_whole_in_pages_of_any_size(client: Client, company: Company, limit: int) -> None:
    found = [employee for page in pages(client, limit, fields=FIELDS) for employee in page]
    assert [employee["employeeId"] for employee in found] == sorted(
        bamboohr_records(company, ms(DEFAULT_NOW))["employees"], key=int
    )
    for employee in found:
        true = bamboohr_records(company, ms(DEFAULT_NOW))["employees"][employee["employeeId"]]
        names = ("firstName", "lastName", "workEmail", "status", "hireDate", "jobTitleName")
        assert [employee[name] for name in names] == [
            true[name] for name in ("first_name", "last_name", "email", "status", "hired", "title")
        ]


def test_the_list_shows_leavers_and_who_is_to_come_and_only_fields_it_knows(client: Client) -> None:
    found = {one["employeeId"]: one for page in pages(client, 100, fields=f"{FIELDS},payRate") for one in page}
    assert found["110"]["status"] == found["167"]["status"] == "Inactive"  # left in January; to come in November
    assert found["167"]["departmentName"] is None
    assert not any("payRate" in one or "terminationDate" in one for one in found.values())
    assert all(one["_restrictedFields"] == [] for one in found.values())
    active = [one for page in pages(client, 7, **{"filter[status]": "active"}) for one in page]
    assert [one["employeeId"] for one in active] == [n for n, one in found.items() if one["status"] == "Active"]
    assert [one["employeeId"] for page in pages(client, 2, **{"filter[ids]": "101,110"}) for one in page] == [
        "101",
        "110",
    ]


def test_pages_lead_back_as_they_led_on(client: Client) -> None:
    first = get(client, "employees", **{"page[limit]": 5})
    second = get(client, "employees", **{"page[limit]": 5, "page[after]": first["meta"]["page"]["nextCursor"]})
    back = get(client, "employees", **{"page[limit]": 5, "page[before]": second["meta"]["page"]["prevCursor"]})
    assert back["data"] == first["data"] != second["data"]
    assert back["meta"]["page"]["prevCursor"] is None
    assert second["_links"].keys() == {"self", "next"}


def test_a_cursor_whose_employee_is_gone_is_refused(serve: Serve) -> None:
    client = serve(now="2026-02-19T00:00:00Z")
    before = [employee["employeeId"] for page in pages(client, 100) for employee in page]
    place = before.index("164")
    page = get(client, "employees", **{"page[limit]": place + 1})
    assert page["data"][-1]["employeeId"] == "164"  # is deleted on 20 February
    client.advance(to="2026-02-21T00:00:00Z")
    refused = ask(client, "employees", **{"page[after]": page["meta"]["page"]["nextCursor"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BadPage")


@pytest.mark.parametrize(
    "query", [{"page[limit]": 0}, {"page[limit]": 2_501}, {"filter[status]": "gone"}, {"page[after]": "bm90IGpzb24="}]
)
def test_the_new_list_refuses_in_json(client: Client, query: dict[str, Any]) -> None:
    refused = ask(client, "employees", **query)
    assert refused.status_code == 400
    assert refused.json()["error"].keys() == {"code", "message"}


def test_the_directory_hides_who_left_and_is_404_when_empty(serve: Serve, client: Client) -> None:
    listed = {employee["id"] for employee in get(client, "employees/directory")["employees"]}
    status = {one["employeeId"]: one["status"] for page in pages(client, 100) for one in page}
    assert listed == {number for number, now in status.items() if now == "Active"}
    to_come = {employee["id"] for employee in get(client, "employees/directory", onlyCurrent="false")["employees"]}
    assert {"167"} <= to_come - listed
    assert "110" not in to_come
    before = serve(now="2024-12-20T00:00:00Z")
    assert ask(before, "employees/directory").status_code == 404
    assert len(get(before, "employees")["data"]) > 10


def test_one_employee_has_the_fields_that_are_asked_for_in_old_words(client: Client) -> None:
    here = get(client, "employees/104", fields="displayName,employeeNumber,supervisor,terminationDate,unheardOf")
    assert here == {
        "id": "104",
        "displayName": here["displayName"],
        "employeeNumber": "00104",
        "supervisor": here["supervisor"],
        "terminationDate": "0000-00-00",
    }
    manager = get(client, "employees/101")
    assert here["supervisor"] == f"{manager['lastName']}, {manager['firstName']}"
    assert get(client, "employees/110", fields="terminationDate")["terminationDate"] == "2026-01-16"
    assert ask(client, "employees/164").status_code == 404
    assert ask(client, "employees/104", fields=",".join(["status"] * 401)).status_code == 400


# -- tables


def rows(client: Client, stream: str) -> dict[str, dict[str, Any]]:
    return {f"{r['employeeId']}/{r['id']}": r for r in get(client, f"employees/all/tables/{TABLES[stream]}")}


@pytest.mark.parametrize("stream", TABLES)
@pytest.mark.parametrize("now", ["2025-04-02T00:00:00Z", "2026-02-10T00:00:00Z", "2026-06-08T00:00:00Z", DEFAULT_NOW])
def test_tables_hold_all_rows_that_are_known_in_no_order(serve: Serve, company: Company, stream: str, now: str) -> None:
    client = serve(now=now)
    found = rows(client, stream)
    assert found.keys() == bamboohr_records(company, ms(now))[stream].keys()
    of_one = get(client, f"employees/155/tables/{TABLES[stream]}")
    holds = [row for row in found.values() if row["employeeId"] == "155"] == of_one
    assert holds
    assert {type(row[name]) for row in found.values() for name in ("id", "employeeId")} == {str}


def test_rows_are_future_dated_undated_and_unsorted(client: Client) -> None:
    jobs, pay = rows(client, "job_info"), rows(client, "compensation")
    assert any(row["date"] > "2026-10-15" for row in jobs.values())
    assert any(row["startDate"] > "2026-10-15" for row in pay.values())
    assert [row["employeeId"] for row in jobs.values() if row["date"] == "0000-00-00"] == ["152"]
    by_employee: dict[str, list[str]] = {}
    for row in jobs.values():
        by_employee.setdefault(row["employeeId"], []).append(row["date"])
    assert any(days != sorted(days) for days in by_employee.values())
    assert {row["customFTE"] for row in jobs.values()} >= {"1", "0.8", "0.6"}
    rates = {row["paidPer"]: row["rate"] for row in pay.values()}
    assert rates.pop(None) is None, "who is paid by commission alone has no rate"
    assert all(rate.keys() == {"currency", "value"} for rate in rates.values())
    assert rates.keys() == {"Year", "Quarter", "Month", "Pay Period", "Week", "Day", "Hour"}
    assert {row["paySchedule"] for row in pay.values() if row["paidPer"] == "Pay Period"} == {"Twice a month"}
    assert all(row["rate"]["value"].count(".") == 1 for row in pay.values() if row["rate"])


def test_unknown_tables_and_employees_are_404(client: Client) -> None:
    for path in ("employees/all/tables/shoes", "employees/9/tables/jobInfo", "employees/9", "shoes"):
        refused = ask(client, path)
        assert (refused.status_code, refused.content) == (404, b"")


# -- changes


def test_changed_is_a_map_by_number_and_a_list_when_empty(client: Client) -> None:
    found = get(client, "employees/changed", since="2026-09-20T00:00:00Z")
    assert found["employees"]["167"] == {
        "id": "167",
        "action": "Inserted",
        "lastChanged": "2026-09-21T08:00:00+00:00",
    }
    assert found["employees"]["140"]["action"] == "Updated"
    assert found["latest"] == max(one["lastChanged"] for one in found["employees"].values())
    assert get(client, "employees/changed", since=found["latest"])["employees"].keys() == {
        "140"
    }  # the instant itself too
    assert get(client, "employees/changed", since="2026-10-14T00:00:00Z")["employees"] == []
    deleted = get(client, "employees/changed", since="2025-01-01T00:00:00Z", type="deleted")
    assert [(n, one["action"]) for n, one in deleted["employees"].items()] == [("164", "Deleted")]


def test_a_row_that_takes_effect_touches_its_employee(serve: Serve) -> None:
    client = serve(now="2026-12-02T00:00:00Z")
    found = get(client, "employees/changed", since="2026-11-28T12:00:00Z")["employees"]
    assert found["140"]["lastChanged"].startswith("2026-12-01T")  # a raise that was written in October


def test_any_change_gives_all_rows_of_the_employee(serve: Serve) -> None:
    """So a row that was taken back is gone from them: a client that merges row by row keeps it."""
    client = serve(now="2026-08-04T00:00:00Z")
    before = get(client, "employees/changed/tables/jobInfo", since="2026-08-03T00:00:00Z")["employees"]["155"]
    client.advance(to="2026-08-13T00:00:00Z")
    after = get(client, "employees/changed/tables/jobInfo", since="2026-08-11T00:00:00Z")["employees"]["155"]
    assert len(after["rows"]) == len(before["rows"]) - 1
    assert after["rows"] == get(client, "employees/155/tables/jobInfo")
    pay = get(client, "employees/changed/tables/compensation", since="2026-08-11T00:00:00Z")["employees"]
    holds = pay["155"]["rows"] == get(client, "employees/155/tables/compensation")
    assert holds
    assert get(client, "employees/changed/tables/jobInfo", since="2026-08-13T00:00:00Z")["employees"] == []


@pytest.mark.parametrize("path", ["employees/changed", "employees/changed/tables/jobInfo"])
@pytest.mark.parametrize("since", [None, "yesterday", "2026-10-01T00:00:00"])
def test_changes_need_an_instant_with_a_zone(client: Client, path: str, since: str | None) -> None:
    assert ask(client, path, since=since).status_code == 400


# -- leave


def test_requests_need_both_days_and_have_every_status(client: Client, company: Company) -> None:
    for query in ({}, {"start": "2026-01-01"}, {"end": "2026-01-01"}, {"start": "2026-01-01", "end": "soon"}):
        assert ask(client, "time_off/requests", **query).status_code == 400
    found = get(client, "time_off/requests", start="2025-01-01", end="2027-12-31")
    true = bamboohr_records(company, ms(DEFAULT_NOW))["time_off_requests"]
    assert {str(request["id"]): str(request["employeeId"]) for request in found} == {
        key: fact["employee"] for key, fact in true.items()
    }
    assert {request["status"]["status"] for request in found} == {
        "approved", "denied", "superceded", "requested", "canceled"
    }  # fmt: skip
    unpaid = next(request for request in found if request["start"] == "2026-02-09" and request["employeeId"] == 128)
    assert (len(unpaid["dates"]), sum(unpaid["dates"].values()), unpaid["amount"]["amount"]) == (26, 20, 20)
    one_day = get(client, "time_off/requests", start="2026-03-06", end="2026-03-06", status="approved")
    assert unpaid in one_day
    assert unpaid not in get(client, "time_off/requests", start="2026-03-07", end="2026-03-07")
    named = get(client, "time_off/requests", start="2025-01-01", end="2027-12-31", id=unpaid["id"], excludeNote="1")
    assert named == [{name: value for name, value in unpaid.items() if name != "notes"}]


def test_who_is_out_has_holidays_too(client: Client) -> None:
    found = get(client, "time_off/whos_out", start="2025-08-01", end="2025-12-31")
    assert {"Christmas Day (DE)", "Day of German Unity (DE)"} <= {e["name"] for e in found if e["type"] == "holiday"}
    assert any(entry["type"] == "timeOff" and entry["start"] == "2025-08-04" for entry in found)
    assert [entry["start"] for entry in found] == sorted(entry["start"] for entry in found)
    ids = [entry["id"] for entry in get(client, "time_off/whos_out", start="2025-01-01", end="2027-12-31")]
    assert len(ids) == len(set(ids))
    two_weeks = get(client, "time_off/whos_out")
    assert all(entry["start"] <= "2026-10-29" and entry["end"] >= "2026-10-14" for entry in two_weeks)


# -- the account


def test_fields_and_lists_name_what_rows_hold(client: Client, company: Company) -> None:
    fields = {field["alias"]: field for field in get(client, "meta/fields")}
    assert fields["customFTE"]["id"] == "4047.1"
    assert len({str(field["id"]) for field in fields.values()}) == len(fields)
    lists = {one["alias"]: {option["name"] for option in one["options"]} for one in get(client, "meta/lists")}
    jobs = bamboohr_records(company, ms(DEFAULT_NOW))["job_info"].values()
    for name in ("department", "division", "location"):
        assert {job[name] for job in jobs} <= lists[name]
    columns = {one["alias"]: {field["alias"] for field in one["fields"]} for one in get(client, "meta/tables")}
    for stream, table in TABLES.items():
        assert all(row.keys() == columns[table] | {"id", "employeeId"} for row in rows(client, stream).values())
    places = [
        place["label"]
        for page in range(3)
        for place in get(client, "hris/org/locations", page=page, pageSize=2)["data"]
    ]
    assert set(places) == lists["location"]


def test_old_endpoints_speak_xml_unless_asked_for_json(client: Client) -> None:
    for path in ("employees/directory", "employees/101/tables/jobInfo", "meta/fields", "employees/101"):
        for accept in (None, "*/*", "application/xml"):
            answer = ask(client, path, accept)
            assert answer.headers["content-type"].startswith("text/xml")
            assert len(ElementTree.fromstring(answer.content))
    assert ask(client, "employees", None).json()["data"]


def in_xml(client: Client, path: str, **query: Any) -> ElementTree.Element:
    answer = ask(client, path, None, **query)
    assert answer.status_code == 200
    return ElementTree.fromstring(answer.content)


def test_xml_says_what_json_says_in_elements_of_its_own(client: Client) -> None:
    row = get(client, "employees/101/tables/jobInfo")[0]
    (shown,) = (one for one in in_xml(client, "employees/101/tables/jobInfo") if one.get("id") == row["id"])
    assert (shown.tag, shown.get("employeeId")) == ("row", "101")
    assert {one.get("id"): one.text for one in shown} == {
        name: value for name, value in row.items() if name not in ("id", "employeeId")
    }
    shown_ids = [(one.get("employeeId"), one.get("id")) for one in in_xml(client, "employees/all/tables/jobInfo")]
    assert shown_ids == [(one["employeeId"], one["id"]) for one in get(client, "employees/all/tables/jobInfo")]
    wanted = {"since": "2026-08-11T00:00:00Z"}
    changed = get(client, "employees/changed", **wanted)
    root = in_xml(client, "employees/changed", **wanted)
    assert (root.get("latest"), [dict(one.attrib) for one in root]) == (
        changed["latest"],
        [*changed["employees"].values()],
    )
    touched = in_xml(client, "employees/changed/tables/jobInfo", **wanted)
    assert {one.get("id"): len(one) for one in touched} == {
        number: len(one["rows"])
        for number, one in get(client, "employees/changed/tables/jobInfo", **wanted)["employees"].items()
    }
    root = in_xml(client, "employees/directory")
    assert [one.get("id") for one in root.iterfind("employees/employee")] == [
        one["id"] for one in get(client, "employees/directory")["employees"]
    ]
    years = {"start": "2025-01-01", "end": "2027-12-31"}
    (first, *_) = get(client, "time_off/requests", **years)
    asked = in_xml(client, "time_off/requests", **years)[0]
    assert (asked.findtext("employee"), asked.find("status").attrib["lastChanged"]) == (  # type: ignore[union-attr]
        *(first["name"], first["status"]["lastChanged"]),
    )
    assert {one.get("ymd"): int(one.get("amount", "")) for one in asked.iterfind("dates/date")} == first["dates"]
    kinds = [one.get("type") for one in in_xml(client, "time_off/whos_out", **years)]
    assert kinds == [one["type"] for one in get(client, "time_off/whos_out", **years)]
    for path, tag in (
        ("meta/fields", "field"),
        ("meta/lists", "list"),
        ("meta/tables", "table"),
        ("meta/users", "user"),
    ):
        assert [one.tag for one in in_xml(client, path)] == [tag] * len(get(client, path))


def test_an_amount_of_money_has_its_currency_beside_it_in_xml(client: Client) -> None:
    for row in in_xml(client, "employees/all/tables/compensation"):
        fields = {one.get("id"): one for one in row}
        rate, has_rate = fields["rate"], fields["type"].text != "Commission Only"
        holds = (len(rate.get("currency", "")) == 3 and "." in (rate.text or "")) is has_rate
        assert holds
        assert has_rate or not rate.text


@pytest.mark.parametrize(
    "path", ["employees/directory", "employees/101", "meta/fields", "meta/users", "employees/all/tables/jobInfo"]
)
def test_an_account_is_reached_at_its_host_and_at_the_gateway_with_or_without_a_slash(
    client: Client, path: str
) -> None:
    def at(base: str) -> requests.Response:
        url = f"{client.url}/bamboohr/api/{base}/{path}"
        return requests.get(url, headers={"accept": "application/json"}, auth=(API_KEY, "x"), timeout=10)

    usual = get(client, path)
    assert get(client, f"{path}/") == usual
    assert at("gateway.php/sandbox/v1").json() == usual
    assert get(client, f"../gateway.php/sandbox/v1/{path}/") == usual
    assert at("gateway.php/another/v1").status_code == 404


def test_users_are_everybody_with_a_record(client: Client) -> None:
    users = get(client, "meta/users")
    assert {user["employeeId"] for user in users.values()} == {
        int(one["employeeId"]) for page in pages(client, 100) for one in page
    }
    assert all(key == str(user["id"]) for key, user in users.items())
    active = {one["id"] for one in get(client, "employees/directory")["employees"]}
    enabled = get(client, "meta/users", status="enabled")
    assert {str(user["employeeId"]) for user in enabled.values()} == active
    assert get(client, "meta/users", status="disabled").keys() == users.keys() - enabled.keys()
    assert get(client, "meta/users", status="asleep") == users
    asked = {one["status"]["lastChangedByUserId"] for one in get(
        client, "time_off/requests", start="2025-01-01", end="2027-12-31")}  # fmt: skip
    (own,) = (user for user in users.values() if user["id"] in asked)
    assert get(client, "employees/0", fields="workEmail") == {
        "id": str(own["employeeId"]),
        "workEmail": own["email"],
    }


def test_requests_are_chosen_by_employee_and_type(client: Client) -> None:
    years = {"start": "2025-01-01", "end": "2027-12-31"}
    found = get(client, "time_off/requests", **years)
    one = found[0]
    own = get(client, "time_off/requests", **years, employeeId=one["employeeId"])
    assert own == [each for each in found if each["employeeId"] == one["employeeId"]]
    of_type = get(client, "time_off/requests", **years, type=one["type"]["id"])
    assert of_type == [each for each in found if each["type"] == one["type"]] != found


# -- reports

WANTED = ("firstName", "hireDate", "department", "unheardOf")
FIELDS_IN_XML = "".join(f"<field id='{name}'/>" for name in WANTED)
DEFINED = {
    "json": ({"title": "Who", "fields": WANTED}, "application/json"),
    "xml": (f"<report output='json'><title>Who</title><fields>{FIELDS_IN_XML}</fields></report>", None),
}


@pytest.mark.parametrize("defined", DEFINED)
def test_a_report_shows_everybody_in_the_columns_that_are_asked_for(client: Client, defined: str) -> None:
    body, content = DEFINED[defined]
    report = post(client, "reports/custom/", body, content, format="json").json()
    assert (report["title"], [field["id"] for field in report["fields"]]) == ("Who", [*WANTED[:-1]])
    assert [field["name"] for field in report["fields"]] == ["First Name", "Hire Date", "Department"]
    listed = {one["employeeId"]: one for page in pages(client, 100, fields="departmentName") for one in page}
    assert {one["id"]: (one["firstName"], one["department"]) for one in report["employees"]} == {
        number: (one["firstName"], one["departmentName"]) for number, one in listed.items()
    }


def test_a_report_is_limited_to_whom_it_names_or_who_was_touched(client: Client) -> None:
    def shown(**filters: Any) -> set[str]:
        asked = {"fields": ["firstName"], "filters": filters}
        return {one["id"] for one in post(client, "reports/custom", asked, format="json").json()["employees"]}

    since = "2026-09-20T00:00:00+0000"
    changed = get(client, "employees/changed", since="2026-09-20T00:00:00Z", type="all")["employees"]
    alive = {number for number, one in changed.items() if one["action"] != "Deleted"}
    assert shown(lastChanged={"value": since}) == alive
    assert shown(employeeIds=[101, 110, 9]) == {"101", "110"}
    body = (
        "<report><fields><field id='1'/></fields><filters><lastChanged includeNull='no'>2026-09-20T00:00:00Z"
        "</lastChanged></filters></report>"
    )
    report = post(client, "reports/custom", body, None, format="json").json()
    assert {one["id"] for one in report["employees"]} == alive
    assert all(one.keys() == {"id", "1"} for one in report["employees"])


def test_a_report_comes_in_the_format_that_is_named_and_else_in_the_one_accepted(client: Client) -> None:
    body = {"title": "Who", "fields": ["firstName", "lastName"]}
    usual = post(client, "reports/custom", body).json()
    assert usual == post(client, "reports/custom", body, format="Json").json()
    root = ElementTree.fromstring(post(client, "reports/custom", body, format="xml").content)
    assert [one.get("id") for one in root.iterfind("employees/employee")] == [one["id"] for one in usual["employees"]]
    lines = post(client, "reports/custom", body, format="csv").text.splitlines()
    assert (lines[0], len(lines) - 1) == ("First Name,Last Name", len(usual["employees"]))
    assert post(client, "reports/custom", body, format="bogus").status_code == 404
    assert ask(client, "reports/1", "*/*").status_code == 404
    assert post(client, "reports/custom", "{", format="json").status_code == 400
    assert post(client, "reports/custom", body, "application/json; charset=UTF-8", format="json").status_code == 400
    many = {"fields": [f"field{number}" for number in range(401)]}
    assert post(client, "reports/custom", many, format="json").status_code == 400


def test_a_report_leaves_out_what_may_not_be_seen(serve: Serve) -> None:
    poorer = serve(faults=[{"fault": "lose_field", "field": "workEmail", "count": "always"}])
    report = post(poorer, "reports/custom", {"fields": ["firstName", "workEmail"]}, format="json").json()
    assert [field["id"] for field in report["fields"]] == ["firstName"]
    assert all(one.keys() == {"id", "firstName"} for one in report["employees"])


def test_saved_reports_are_listed_and_read_in_pages(client: Client, serve: Serve) -> None:
    listed = get(client, "custom-reports")["reports"]
    assert [one["id"] for one in listed] == [1, 2]
    whole = get(client, "reports/1", format="json")
    assert whole["title"] == listed[0]["name"]
    found, page = [], 1
    while page:
        part = get(client, "custom-reports/1", page=page, page_size=7)
        assert part["pagination"]["current_page"] == page
        found += part["data"]
        page = page + 1 if part["pagination"]["next_page"] else 0
    assert found == [{name: value for name, value in one.items() if name != "id"} for one in whole["employees"]]
    assert get(client, "custom-reports/1", page=99, page_size=7)["pagination"]["current_page"] > 1
    assert ask(client, "custom-reports/9").json()["error"]["code"] == 404
    assert ask(client, "reports/9", format="json").status_code == 404


# -- refusals


@pytest.mark.parametrize("auth", [None, ("wrong", "x"), ("", API_KEY)])
def test_a_wrong_key_is_refused_in_a_header(client: Client, auth: tuple[str, str] | None) -> None:
    session = requests.Session()
    session.trust_env = False
    refused = session.get(f"{client.url}/bamboohr/api/v1/employees", auth=auth, timeout=10)
    assert (refused.status_code, refused.content) == (401, b"")
    assert refused.headers["content-type"].startswith("text/html")
    assert refused.headers["www-authenticate"].startswith("Basic realm=")
    for name in ("X-BambooHR-Error-Message", "X-BambooHR-Error-Messsage"):
        assert refused.headers[name] == "API key not provided or invalid"


@pytest.mark.parametrize(("now", "status"), [("2026-09-15T23:59:00Z", 503), ("2026-09-16T00:00:00Z", 429)])
def test_the_limit_has_changed_its_status(serve: Serve, now: str, status: int) -> None:
    client = serve(now=now, faults=[{"fault": "bamboohr_limited", "retry_after": 2}])
    limited = ask(client, "employees")
    assert (limited.status_code, limited.headers["retry-after"], limited.content) == (status, "2", b"")
    assert ask(client, "employees").status_code == 200


def test_an_error_has_no_body_and_its_reason_in_two_headers(serve: Serve) -> None:
    failed = ask(serve(faults=[{"fault": "status", "status": 500}]), "meta/fields")
    assert (failed.status_code, failed.content) == (500, b"")
    assert failed.headers["X-BambooHR-Error-Message"] == failed.headers["X-BambooHR-Error-Messsage"]


# -- permissions that are lost without a word


def test_a_lost_field_is_missing_or_null(serve: Serve) -> None:
    for as_null in (False, True):
        faults = [
            {
                "fault": "lose_field",
                "field": "rate",
                "as_null": as_null,
                "path": "tables/compensation",
                "count": "always",
            }
        ]
        client = serve(faults=faults)
        for row in get(client, "employees/all/tables/compensation"):
            is_there, is_shown = "rate" in row, row.get("rate") is not None
            assert (is_there, is_shown, "paidPer" in row) == (as_null, False, True)
    client = serve(faults=[{"fault": "lose_field", "field": "workEmail", "count": "always"}])
    for one in get(client, "employees", fields=FIELDS)["data"]:
        assert (one["workEmail"], one["_restrictedFields"]) == (None, ["workEmail"])


def test_lost_people_look_as_if_they_were_not_there(serve: Serve, client: Client) -> None:
    poorer = serve(faults=[{"fault": "lose_people", "department": "Sales", "count": "always"}])
    everybody, seen = (
        {one["employeeId"]: one for one in get(of, "employees", fields=FIELDS)["data"]} for of in (client, poorer)
    )
    gone = everybody.keys() - seen.keys()
    assert gone
    assert {everybody[number]["departmentName"] for number in gone} == {"Sales"}
    assert not gone & {row["employeeId"] for row in rows(poorer, "compensation").values()}
    assert get(poorer, "employees/changed", since="2025-01-01T00:00:00Z", type="deleted")["employees"].keys() == {"164"}
    assert not gone & get(poorer, "employees/changed", since="2025-01-01T00:00:00Z")["employees"].keys()


def test_canaries_are_what_the_api_shows(serve: Serve) -> None:
    company = Company(1, "tiny")
    planted = company.staff.plant_canaries()
    client = serve(company=company)
    numbers = {company.staff.by_id[name].bamboo_ids[0][0]: amount for name, amount in planted.items()}
    shown = rows(client, "compensation").values()
    for number, amount in numbers.items():
        values = {row["rate"]["value"] for row in shown if row["employeeId"] == number}
        holds = values == {f"{amount // 100}.{amount % 100:02d}"}
        assert holds
