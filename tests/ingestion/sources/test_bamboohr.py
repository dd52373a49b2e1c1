"""What lands of a BambooHR account whose people come, change and go, or are only hidden from the key."""

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from ingestion.manifests import Zone
from ingestion.sources import print_load
from ingestion.sources.bamboohr.load import SOURCE
from tests.ingestion.conftest import over
from tests.ingestion.sources.hr_account import KEY, Given, People, alive, gone, refused

QUIETLY = {"census": False}
NOTHING: dict[str, int] = {}
PEOPLE = 12


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> People:
    """An account with some of everything, landed an hour ago."""
    with pytest.MonkeyPatch.context() as environment:
        account = People(tmp_path_factory.mktemp("staffed") / "home", environment)
        for number in range(1, PEOPLE + 1):
            account.hire(str(number))
        account.row("jobInfo", "1", date="2027-01-01", **dict.fromkeys(("location", "department"), "new"), **REST)
        account.ask_for_leave(1, "2026-03-02", "2026-03-06", status="approved")
        account.ask_for_leave(2, "2026-10-05", "2026-10-09")
        account.ask_for_leave(3, "2026-12-21", "2027-01-08")
        account.holidays = [holiday(9, "2026-05-01"), holiday(10, "2026-12-25"), holiday(11, "2027-05-01")]
        account.load()
        account.later(hours=1)
        return account


REST = {"division": "some", "jobTitle": "some", "reportsTo": None, "customFTE": "0.8"}


@pytest.fixture
def people(staffed: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    return staffed.copy(tmp_path / "home", monkeypatch)


def holiday(number: int, day: str) -> Given:
    return {"id": number, "type": "holiday", "name": "A day off", "start": day, "end": day}


def without(field: str, table: str, *keys: str) -> Any:
    """Leaves a field out, of everybody or of some."""

    def shown(what: str, given: Given) -> Given:
        is_meant = what == table and (not keys or given["employeeId"] in keys)
        return {name: value for name, value in given.items() if name != field or not is_meant}

    return shown


def emptied(field: str, table: str, *keys: str) -> Any:
    def shown(what: str, given: Given) -> Given:
        is_meant = what == table and (not keys or given["employeeId"] in keys)
        return {**given, field: None} if is_meant else given

    return shown


# -- what lands


@over("dlt")
def test_the_first_load_lands_everything_and_a_second_nothing(people: People) -> None:
    people.assert_whole()
    assert {one.stream for one in people.load(**QUIETLY)} == {stream.name for stream in SOURCE.streams}
    assert people.landed(**QUIETLY) == NOTHING
    assert people.landed() == NOTHING
    assert people.landed(resync=True) == NOTHING
    people.assert_whole()


def test_an_empty_date_and_a_future_row_land_as_they_came(people: People) -> None:
    assert {row["date"] for key, row in alive("job_info").items() if key.startswith("1/")} == {
        "0000-00-00",
        "2027-01-01",
    }


def test_pay_is_asked_for_in_its_table_alone_and_lands_in_the_restricted_zone_alone(people: People) -> None:
    people.load()
    asked = [line for line in people.log if "compensation" in line or "pay" in line.lower()]
    assert asked == ["/api/v1/employees/all/tables/compensation"]
    assert not [
        path for path in Zone().fs.find(str(people.home)) if "compensation" in path and "restricted" not in path
    ]
    assert len(alive("compensation")) == PEOPLE


def test_notes_of_absence_are_not_asked_for(people: People) -> None:
    assert all("notes" not in request for request in alive("time_off_requests").values())


# -- changes


def test_a_change_is_seen_without_reading_everybody(people: People) -> None:
    people.rows["compensation"]["3"][0]["rate"] = {"value": "4000.00", "currency": "EUR"}
    people.row("jobInfo", "4", date="2026-10-01", **dict.fromkeys(("location", "department"), "new"), **REST)
    people.touch("3")
    assert people.landed(**QUIETLY) == {"compensation": 1, "job_info": 1}
    assert not [line for line in people.log if "/all/" in line]
    assert people.landed(**QUIETLY) == NOTHING
    people.assert_whole()


def test_a_row_that_was_taken_back_gets_a_tombstone(people: People) -> None:
    del people.rows["jobInfo"]["1"][0]
    people.touch("1")
    assert people.landed(**QUIETLY) == {"job_info": 1}
    assert gone("job_info") == ["1/1010"]
    assert people.landed(**QUIETLY) == people.landed() == NOTHING
    people.assert_whole()


@pytest.mark.parametrize("options", [QUIETLY, {}], ids=["changes", "census"])
def test_an_employee_who_lost_the_last_row_is_reported_of(people: People, options: dict[str, Any]) -> None:
    people.rows["compensation"]["2"] = []
    people.touch("2")
    note = next(one.note for one in people.load(**options) if one.stream == "compensation")
    assert note == "compensation: 1 employees are without a row, though they had some; their rows count as deleted"
    assert gone("compensation") == ["2/1020"]
    people.assert_whole()


def test_rows_that_do_not_show_their_id_are_read_by_employee(people: People) -> None:
    people.has_row_ids = False
    people.rows["compensation"]["5"][0]["paidPer"] = "Month"
    people.touch("5")
    assert people.landed(**QUIETLY) == {"compensation": 1}
    assert "/api/v1/employees/5/tables/compensation" in people.log
    people.assert_whole()


def test_an_employee_who_is_deleted_meanwhile_keeps_the_rows_until_the_feed_reports(people: People) -> None:
    people.has_row_ids = False
    people.touch("5")
    people.answers["/employees/5/tables/jobInfo"] = refused(404, "Employee not found")
    people.load(**QUIETLY)
    people.assert_whole()


@pytest.mark.parametrize("options", [QUIETLY, {}], ids=["changes", "census"])
def test_a_deleted_employee_gets_a_tombstone_and_so_do_the_rows(people: People, options: dict[str, Any]) -> None:
    people.delete("7")
    assert people.landed(**options) == dict.fromkeys(
        ("employees", "job_info", "employment_statuses", "compensation"), 1
    )
    assert (gone("employees"), gone("compensation")) == (["7"], ["7/1070"])
    people.later(days=1)
    assert people.landed(**options) == NOTHING
    people.assert_whole()


def test_a_load_killed_between_rows_and_employee_is_reported_again(people: People) -> None:
    people.delete("7")
    people.load(commits=1, **QUIETLY)
    assert gone("employees") == []
    people.load(**QUIETLY)
    assert gone("employees") == ["7"]
    people.assert_whole()


def test_the_list_is_read_again_where_an_employee_at_a_page_edge_goes(people: People) -> None:
    people.answers["page%5Bafter%5D=4"] = refused(400, "BadPage")
    failed = people.failures(**QUIETLY)
    assert [error.stream for error in failed] == ["employees"]
    assert "the list changed each of the 5 times" in str(failed[0])
    del people.answers["page%5Bafter%5D=4"]
    assert people.landed(**QUIETLY) == NOTHING


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"meta": {"page": {"nextCursor": "4"}}}, "the same page token twice"),
        ({}, "does not say whether more employees follow"),
    ],
)
def test_a_list_that_leads_nowhere_is_no_end_and_no_loop(people: People, meta: Given, words: str) -> None:
    people.answers["/employees?"] = JSONResponse({"data": [], **meta})
    failed = people.failures(**QUIETLY)
    assert [error.stream for error in failed] == ["employees"]
    assert words in str(failed[0])
    people.assert_whole()


# -- absence


def test_a_request_is_seen_to_be_decided_moved_and_taken_back(people: People) -> None:
    people.time_off[2]["status"]["status"] = "approved"
    people.time_off[3] |= {"start": "2029-01-01", "end": "2029-01-02"}
    assert people.landed(**QUIETLY) == {"time_off_requests": 2}
    del people.time_off[2]
    assert people.landed(**QUIETLY) == {"time_off_requests": 1}
    assert gone("time_off_requests") == ["2"]


def test_a_request_that_was_filed_and_over_between_two_loads_is_found(people: People) -> None:
    people.later(days=200)
    people.ask_for_leave(4, "2026-11-02", "2026-11-03", status="approved")
    assert people.landed(**QUIETLY) == {"time_off_requests": 1}
    people.assert_whole()


def test_a_request_of_long_ago_is_left_to_the_census(people: People) -> None:
    people.time_off[1]["status"]["status"] = "superceded"
    assert people.landed(**QUIETLY) == NOTHING
    assert people.landed() == {"time_off_requests": 1}
    people.assert_whole()


def test_a_holiday_to_come_may_be_dropped_and_a_past_one_stays(people: People) -> None:
    people.holidays = [holiday(11, "2027-05-01")]
    assert people.landed() == {"holidays": 1}
    assert (gone("holidays"), sorted(alive("holidays"))) == (["10/2026-12-25"], ["11/2027-05-01", "9/2026-05-01"])


def test_an_account_that_hides_who_is_out_has_no_holidays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: People
) -> None:
    people.answers["whos_out"] = refused(403, "Who's Out is disabled")
    assert "holidays: came back empty though 3 are landed" in str(people.failures()[0])
    fresh = People(tmp_path / "fresh", monkeypatch)
    fresh.hire("1")
    fresh.answers = people.answers
    assert "does not show who is out" in next(one.note for one in fresh.load() if one.stream == "holidays")


# -- permissions that were lost


@pytest.mark.parametrize("options", [QUIETLY, {}], ids=["changes", "census"])
@pytest.mark.parametrize("lose", [without, emptied])
def test_pay_that_is_suddenly_hidden_stops_its_stream_and_nothing_else(
    people: People, lose: Any, options: dict[str, Any]
) -> None:
    for key in people.employees:
        people.touch(key)
    people.employees["1"]["workEmail"] = "new@example.com"
    people.shown = lose("rate", "compensation", "3")
    before = len(alive("compensation"))
    failed = people.failures(**options)
    assert [(error.stream, "may not see rate " in str(error)) for error in failed] == [("compensation", True)]
    assert (len(alive("compensation")), gone("compensation")) == (before, [])
    assert alive("employees")["1"]["workEmail"] == "new@example.com"
    assert not any(f"{key}.10" in str(failed[0]) for key in people.employees)
    people.shown = lambda what, given: given
    people.load(**options)
    people.assert_whole()


def test_pay_that_is_hidden_from_the_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(tmp_path / "home", monkeypatch)
    people.hire("1")
    people.shown = emptied("rate", "compensation")
    assert [(error.stream, "may not see rate " in str(error)) for error in people.failures()] == [
        ("compensation", True)
    ]


def test_a_table_that_nobody_has_a_row_of_is_reported_of_at_first_and_refused_later(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.shown = lambda what, given: None if what == "compensation" else given
    assert [error.stream for error in people.failures()] == ["compensation"]
    assert len(alive("compensation")) == PEOPLE
    fresh = People(tmp_path / "fresh", monkeypatch)
    fresh.hire("1")
    fresh.shown = people.shown
    assert "nobody has a row" in next(one.note for one in fresh.load() if one.stream == "compensation")


@pytest.mark.parametrize("options", [QUIETLY, {}], ids=["changes", "census"])
def test_people_who_are_hidden_are_no_tombstones(people: People, options: dict[str, Any]) -> None:
    hidden = {str(number) for number in range(1, 7)}
    for key in people.employees:
        people.touch(key)
    people.shown = lambda what, given: None if str(given["employeeId"]) in hidden else given
    failed = people.failures(**options)
    assert [error.stream for error in failed] == ["employees"]
    assert "6 employees are missing, though BambooHR does not say that they were deleted" in str(failed[0])
    people.assert_whole()


@pytest.mark.parametrize("options", [QUIETLY, {}], ids=["changes", "census"])
def test_a_few_who_are_hidden_stay_as_they_landed_and_are_reported_of(people: People, options: dict[str, Any]) -> None:
    people.shown = lambda what, given: None if str(given["employeeId"]) in ("1", "2") else given
    notes = {one.note for one in people.load(**options)} - {""}
    assert notes == {"employees: 2 employees are missing, though BambooHR does not say that they were deleted"}
    people.assert_whole()


def test_rows_of_many_who_are_there_are_hidden(people: People) -> None:
    people.shown = lambda what, given: None if what == "jobInfo" and int(given["employeeId"]) < 7 else given
    failed = people.failures()
    assert [error.stream for error in failed] == ["job_info"]
    assert "6 employees are without a row" in str(failed[0])
    people.assert_whole()


@pytest.mark.parametrize(
    ("stream", "table", "field"),
    [
        ("employees", "employee", "workEmail"),
        ("employees", "employee", "reportsToId"),
        ("job_info", "jobInfo", "department"),
        ("job_info", "jobInfo", "customFTE"),
        ("employment_statuses", "employmentStatus", "employmentStatus"),
        ("compensation", "compensation", "paidPer"),
    ],
)
def test_a_field_that_is_left_out_is_named(people: People, stream: str, table: str, field: str) -> None:
    people.shown = without(field, table)
    failed = people.failures()
    assert [error.stream for error in failed] == [stream]
    assert f"may not see {field} " in str(failed[0])
    people.assert_whole()


def test_a_field_that_is_listed_as_restricted_is_named(people: People) -> None:
    restricted = {"hireDate": None, "_restrictedFields": ["hireDate", "photoUrl"]}
    people.shown = lambda what, given: given | restricted if what == "employee" else given
    assert "may not see hireDate of everybody" in str(people.failures()[0])


def test_a_field_may_be_empty_in_a_few_rows_but_not_suddenly_in_all(people: People) -> None:
    people.shown = emptied("reportsTo", "jobInfo", "1", "2", "3")
    assert people.landed() == {"job_info": 3}
    people.shown = emptied("reportsTo", "jobInfo")
    assert "may not see reportsTo " in str(people.failures()[0])


def test_one_run_can_be_reported_to_believe_it(people: People) -> None:
    people.set(MAX_DELETED_SHARE="1")
    del people.employees["1"], people.changed["1"]
    for rows in people.rows.values():
        del rows["1"]
    people.rows["compensation"]["2"][0]["rate"] = None
    people.load()
    people.assert_whole()


# -- the way


def test_errors_without_a_body_say_in_their_header_why_and_never_with_the_key(people: People) -> None:
    people.answers["/employees?"] = refused(401, f"API key {KEY} not provided or invalid")
    people.answers["/reports/custom"] = refused(401, f"API key {KEY} not provided or invalid")
    people.answers["jobInfo"] = refused(403, f"Kein Zugriff für {KEY}")
    people.answers["requests"] = refused(400, "Invalid or missing start/end date")
    people.answers["meta/lists"] = refused(418, "Teapot of ann@example.com")
    failed = {error.stream: str(error) for error in people.failures()}
    assert failed.keys() == {"lists", "employees"}
    assert failed["employees"].endswith(
        "(status 401): the credentials are wrong or expired; make a new token and set it"
    )
    assert failed["lists"].endswith("refused the request; the vendor says: Teapot of …")
    del people.answers["/employees?"]
    failed = {error.stream: str(error) for error in people.failures()}
    assert "lack the permission" in failed["job_info"]
    assert "the vendor says: Kein Zugriff" in failed["job_info"]
    assert "the vendor says: Invalid or missing start/end date" in failed["time_off_requests"]


def test_an_error_of_the_stream_of_pay_shows_no_sentence_of_the_vendor(people: People) -> None:
    """Pay is in no message: a sentence may repeat what stands in a record."""
    people.answers["tables/compensation"] = refused(400, "rate 85000 of Ann Lee is not a number")
    (error,) = people.failures()
    assert (error.stream, error.status) == ("compensation", 400)
    assert "85000" not in str(error)
    assert "Ann" not in str(error)
    assert "the vendor says" not in str(error)


@pytest.mark.parametrize("status", [429, 503])
def test_both_statuses_of_the_limit_are_named(people: People, status: int) -> None:
    people.answers["meta/fields"] = refused(status, "Limit exceeded", Retry_After="0")
    failed = people.failures()[0]
    assert (failed.stream, failed.status) == ("fields", status)
    assert "the rate limit did not clear" in str(failed)
    assert len([line for line in people.log if "meta/fields" in line]) == 2


def test_doctor_says_of_each_field_whether_the_key_may_read_it(people: People) -> None:
    def found() -> dict[str, bool]:
        with people.serving():
            return {finding.what: finding.ok for finding in SOURCE.check()}

    assert all(found().values())
    people.shown = without("rate", "compensation")
    people.answers["time_off/requests"] = refused(403, "no permission")
    assert {what for what, ok in found().items() if not ok} == {"read compensation.rate", "read time_off_requests"}
    people.shown = lambda what, given: None if what == "compensation" else given
    assert "read compensation: nobody has a row to see" in found()
    people.set(SUBDOMAIN="acme.bamboohr.com")
    assert found() == {"SOURCES__BAMBOOHR__SUBDOMAIN": False}


def test_alone_it_says_what_landed(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    with people.serving():
        assert print_load("bamboohr") == 0
        people.answers["meta/lists"] = refused(403, "no permission")
        assert print_load("bamboohr") == 3
    reported = capsys.readouterr()
    assert f"bamboohr.compensation: {PEOPLE} seen, 0 landed, 0 deleted" in reported.out
    assert "bamboohr.lists (status 403)" in reported.err
    assert KEY not in reported.out + reported.err
