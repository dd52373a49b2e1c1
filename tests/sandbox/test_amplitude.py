"""Amplitude's behaviour, endpoint by endpoint: what a loader would get wrong if it believed the documentation."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections import Counter
from typing import Any

import pytest
import requests

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.usage.events import PROJECTS
from sandbox.truth import landed_from
from tests.sandbox.conftest import Client, Serve, made

UNDOCUMENTED = [
    "$insert_key", "$schema", "adid", "amplitude_event_type", "data_type", "device_brand", "device_manufacturer",
    "device_model", "global_user_properties", "idfa", "is_attribution_event", "partner_id", "plan", "source_id",
    "user_creation_time",
]  # fmt: skip
DOCUMENTED = [
    "server_received_time", "app", "device_carrier", "city", "user_id", "uuid", "event_time", "platform",
    "os_version", "amplitude_id", "processed_time", "version_name", "ip_address", "paying", "dma", "group_properties",
    "user_properties", "client_upload_time", "$insert_id", "event_type", "library", "amplitude_attribution_ids",
    "device_type", "start_version", "location_lng", "server_upload_time", "event_id", "location_lat", "os_name",
    "groups", "event_properties", "data", "device_id", "language", "country", "region", "session_id", "device_family",
    "client_event_time",
]  # fmt: skip
LAST_HOUR = "20261015T03"  # of the default now, 06:00


def ask(client: Client, path: str, project: int = 100001, **query: Any) -> requests.Response:
    auth = (f"key-{project}", f"secret-{project}")
    return requests.get(f"{client.url}/amplitude{path}", params=query, auth=auth, timeout=30, allow_redirects=False)


def export(client: Client, start: str, end: str, project: int = 100001) -> requests.Response:
    return ask(client, "/api/2/export", project, start=start, end=end)


def members(answer: requests.Response) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        return {
            name: [json.loads(line) for line in gzip.decompress(bundle.read(name)).splitlines()]
            for name in bundle.namelist()
        }


def lines(answer: requests.Response) -> list[dict[str, Any]]:
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200, answer.text[:300]
    return [line for own in members(answer).values() for line in own]


def all_lines(client: Client, project: int, end: str = LAST_HOUR) -> list[dict[str, Any]]:
    halves = (("20251001T00", "20260331T23"), ("20260401T00", end))
    return [line for first, last in halves for line in lines(export(client, first, last, project))]


@pytest.fixture(scope="module")
def exported(client: Client) -> dict[int, list[dict[str, Any]]]:
    return {project: all_lines(client, project) for project in PROJECTS}


# -- who may


@pytest.mark.parametrize("auth", [None, ("key-100001", "secret-100002"), ("key-1", "secret-1")])
def test_a_key_opens_its_own_project_and_nothing_else(client: Client, auth: Any) -> None:
    for path in ("/api/2/export?start=20260101T00&end=20260101T05", "/api/2/events/list", "/api/3/cohorts"):
        assert requests.get(f"{client.url}/amplitude{path}", auth=auth, timeout=10).status_code == 401


# -- the export


def test_the_export_is_what_happened(company: Company, exported: dict[int, list[dict[str, Any]]]) -> None:
    def instant(text: str) -> str:
        return text.replace(" ", "T") + "Z"

    found = {
        f"{project}/{line['uuid']}": {
            "event_type": line["event_type"],
            "event_time": instant(line["event_time"]),
            "server_upload_time": instant(line["server_upload_time"]),
            "user_id": line["user_id"],
            "device_id": line["device_id"],
            "insert_id": line["$insert_id"],
        }
        for project, own in exported.items()
        for line in own
    }
    assert len(found) == sum(map(len, exported.values()))
    assert found == landed_from("amplitude", company, DEFAULT_NOW)["events"]
    assert 2_000 < len(found) < 3_000


def test_a_line_has_54_keys_and_times_with_a_space(exported: dict[int, list[dict[str, Any]]]) -> None:
    sizes = []
    for project, own in exported.items():
        for line in own:
            assert set(line) == {*DOCUMENTED, *UNDOCUMENTED}
            assert line["app"] == project
            sizes.append(len(json.dumps(line)))
            for name in [name for name in line if name.endswith("_time")]:
                assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", line[name]), name
    assert len(line) == 54
    assert 1_000 < sum(sizes) / len(sizes) < 2_200


def test_what_a_server_sent_has_no_device_and_the_session_minus_one(exported: dict[int, list[dict[str, Any]]]) -> None:
    by_server = [line for line in exported[100001] if line["session_id"] == -1]
    assert {line["device_id"] for line in by_server if line["library"] == "http/2.0"} == {None}
    assert {"Wallet Topped Up"} <= {line["event_type"] for line in by_server}
    assert all(line["session_id"] > 0 for line in exported[100001] if line["device_id"] is not None)


def test_members_are_named_by_the_hour_of_the_upload_and_an_hour_has_several(client: Client) -> None:
    found = members(export(client, "20251001T00", "20260930T23"))
    parts: Counter[str] = Counter()
    for name, own in found.items():
        shape = re.fullmatch(r"100001/100001_(\d{4}-\d\d-\d\d)_(\d|1\d|2[0-3])#(\d+)\.json\.gz", name)
        assert shape is not None, name
        assert own
        hour = f"{shape[1]} {int(shape[2]):02d}"
        assert all(line["server_upload_time"].startswith(hour) for line in own)
        parts[hour] += 1
    assert max(parts.values()) >= 3
    assert any(int(hour[11:]) < 10 for hour in parts)


def test_both_ends_are_inclusive_and_windows_tile(client: Client, exported: dict[int, list[dict[str, Any]]]) -> None:
    hours = Counter(line["server_upload_time"][:13] for line in exported[100002])
    busiest, count = hours.most_common(1)[0]
    hour = busiest.replace("-", "").replace(" ", "T")
    assert len(lines(export(client, hour, hour, 100002))) == count
    next_hour = f"{hour[:9]}{int(hour[9:]) + 1:02d}"
    both = lines(export(client, hour, next_hour, 100002))
    assert len(both) == count + hours[f"{busiest[:11]}{int(busiest[11:]) + 1:02d}"]


def test_an_hour_shows_two_hours_after_its_end_and_not_before(serve: Serve) -> None:
    company = made(1)
    client = serve(company=company, now="2026-10-15T06:00:00Z")
    newest = company.usage.uploaded[company.usage.exported(int(client.sandbox.clock.now()))[-1]]
    assert lines(export(client, "20261015T04", "20261015T23")) == []
    before = len(all_lines(client, 100001, end="20261201T00"))
    client.advance(to="2026-10-15T06:59:59Z")
    assert len(all_lines(client, 100001, end="20261201T00")) == before
    client.advance(to="2026-10-17T12:00:00Z")
    later = all_lines(client, 100001, end="20261201T00")
    assert len(later) > before
    assert max(line["server_upload_time"] for line in later) < "2026-10-17 10:00:00"
    assert newest < max(company.usage.uploaded)


def test_no_events_is_404_and_odd_windows_are_400(client: Client) -> None:
    assert export(client, "20250101T00", "20250101T23").status_code == 404
    assert export(client, "20261101T00", "20261101T23").status_code == 404
    for start, end in (("20260101", "20260101T05"), ("20260102T00", "20260101T05"), ("x", "y"), ("20260101T25",) * 2):
        assert export(client, start, end).status_code == 400
    assert ask(client, "/api/2/export", start="20260101T00").status_code == 400
    assert export(client, "20251001T00", "20260930T23").status_code == 200
    assert export(client, "20251001T00", "20261001T00").status_code == 400


def test_an_answer_above_the_cap_is_400_and_a_smaller_window_is_not(serve: Serve) -> None:
    client = serve(export_cap=200_000)
    refused = export(client, "20251001T00", "20260930T23")
    assert refused.status_code == 400
    assert "too large" in refused.json()["error"]
    assert export(client, "20260101T00", "20260107T23").status_code == 200


@pytest.mark.parametrize("status", [504, 400])
def test_windows_that_are_too_wide_can_be_cut(serve: Serve, status: int) -> None:
    client = serve(faults=[{"fault": "too_wide", "path": "export", "hours": 24, "status": status, "count": "always"}])
    assert export(client, "20260112T00", "20260113T00").status_code == status
    assert export(client, "20260112T00", "20260112T23").status_code == 200


def test_late_events_and_repetitions_are_filed_by_their_upload(
    company: Company, exported: dict[int, list[dict[str, Any]]]
) -> None:
    known = {case.name: case.keys for case in company.cases}
    shown = {f"{project}/{line['uuid']}": line for project, own in exported.items() for line in own}
    late = [shown[key] for key in known["late_events"]]
    assert [line["event_time"][:10] for line in late[:3]] == ["2025-12-10", "2025-12-11", "2025-12-12"]
    assert [line["server_upload_time"][:10] for line in late[:3]] == ["2025-12-10", "2025-12-21", "2026-05-11"]
    (once,) = known["sent_twice_within_seven_days"]
    assert sum(line["$insert_id"] == shown[once]["$insert_id"] for line in shown.values()) == 1
    twice = [shown[key] for key in known["sent_twice_beyond_seven_days"][:3]]
    assert len({line["$insert_id"] for line in twice}) == len({line["event_time"] for line in twice}) == 1
    assert len({line["uuid"] for line in twice}) == 3


# -- the list of events, cohorts


def test_the_list_of_events_has_this_weeks_totals(client: Client, company: Company) -> None:
    expected = landed_from("amplitude", company, DEFAULT_NOW)["event_types"]
    found = {
        f"{project}/{row['value']}": {"totals": row["totals"]}
        for project in PROJECTS
        for row in ask(client, "/api/2/events/list", project).json()["data"]
    }
    assert found == expected
    assert 0 < sum(row["totals"] for row in found.values()) < 200


def fetched(client: Client, cohort: str, project: int) -> requests.Response:
    asked = ask(client, f"/api/5/cohorts/request/{cohort}", project)
    assert asked.status_code == 202
    request = asked.json()["request_id"]
    assert ask(client, f"/api/5/cohorts/request/{request}/file", project).status_code == 400
    states = [ask(client, f"/api/5/cohorts/request-status/{request}", project) for _ in range(2)]
    assert [(state.status_code, state.json()["async_status"]) for state in states] == [
        (202, "JOB INPROGRESS"),
        (200, "JOB COMPLETED"),
    ]
    return ask(client, f"/api/5/cohorts/request/{request}/file", project)


def test_cohorts_are_asked_for_awaited_and_fetched_some_by_a_link_elsewhere(serve: Serve) -> None:
    company = made(1)
    client, found, ways = serve(company=company), {}, set()
    for project in PROJECTS:
        for cohort in ask(client, "/api/3/cohorts", project).json()["cohorts"]:
            answer = fetched(client, cohort["id"], project)
            ways.add(answer.status_code)
            if answer.status_code == 302:
                link = answer.headers["location"]
                assert not link.startswith(client.url)
                assert requests.get(link, auth=("key", "secret"), timeout=10).status_code == 400
                answer = requests.get(link, timeout=10)
            header, *rows = answer.text.splitlines()
            assert (header, len(rows)) == ("amplitude_id,user_id", cohort["size"])
            if not cohort["archived"]:
                for number, user in (row.split(",") for row in rows):
                    key = f"{project}/{cohort['id']}/{number}"
                    found[key] = {"amplitude_id": int(number), "user_id": user or None}
    assert ways == {200, 302}
    assert found == landed_from("amplitude", company, DEFAULT_NOW)["cohort_members"]
    assert any(row["user_id"] is None for row in found.values())


def test_links_last_a_minute_and_requests_a_week(serve: Serve) -> None:
    client = serve()
    cohorts = [cohort["id"] for cohort in ask(client, "/api/3/cohorts").json()["cohorts"]]
    linked = next(a for a in (fetched(client, cohort, 100001) for cohort in cohorts) if a.status_code == 302)
    request = re.search(r"/s3/(.+)\.csv", linked.headers["location"])
    assert request is not None
    client.advance(seconds=61)
    assert requests.get(linked.headers["location"], timeout=10).status_code == 403
    fresh = ask(client, f"/api/5/cohorts/request/{request[1]}/file")
    assert requests.get(fresh.headers["location"], timeout=10).status_code == 200
    client.advance(seconds=7 * 86_400)
    assert ask(client, f"/api/5/cohorts/request/{request[1]}/file").status_code == 404
    assert ask(client, f"/api/5/cohorts/request/{cohorts[0]}", 100002).status_code == 404


def test_cohorts_are_computed_on_mondays_and_some_come_later(serve: Serve) -> None:
    client = serve()

    def shown() -> dict[str, int]:
        return {
            cohort["id"]: cohort["lastComputed"] for cohort in ask(client, "/api/3/cohorts", 100002).json()["cohorts"]
        }

    before = shown()
    client.advance(to="2026-10-19T01:59:59Z")
    assert before.items() < shown().items()
    client.advance(to="2026-10-19T02:00:00Z")
    assert all(shown()[cohort] == then + 7 * 86_400 for cohort, then in before.items())


def test_downloads_are_limited_by_the_month(serve: Serve) -> None:
    client = serve()
    cohort = ask(client, "/api/3/cohorts").json()["cohorts"][0]["id"]
    amplitude: Any = client.sandbox.vendors["amplitude"]
    amplitude.monthly[0, "2026-10"] = 499
    codes = [ask(client, f"/api/5/cohorts/request/{cohort}").status_code for _ in range(2)]
    client.advance(to="2026-11-01T00:00:00Z")
    assert [*codes, ask(client, f"/api/5/cohorts/request/{cohort}").status_code] == [202, 429, 202]
