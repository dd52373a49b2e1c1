"""Jira on good days: what lands is what is there, however it is paged and cut into runs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingestion import records
from ingestion.clock import iso, parse
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES, LoadOptions
from ingestion.sources.jira.api import jql_time
from ingestion.sources.jira.load import IssueCursor
from sandbox.timestamps import ms
from sandbox.vendors.jira import jql_dates
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources.jira_site import STREAMS, TOKEN, Site, alive
from tests.ingestion.sources.vendor_site import NOW

NOTHING = dict.fromkeys(STREAMS, 0)


@pytest.mark.parametrize(("packages", "size"), [("files", "1"), ("files", "7"), ("dlt", "100")], indirect=["packages"])
def test_what_landed_is_what_is_there_and_a_second_run_lands_nothing(site: Site, size: str) -> None:
    site.set(PAGE_SIZE=size)
    with site.serving():
        first = site.run()
        assert all(first.values())
        site.assert_whole()
        assert site.run() == NOTHING


def test_however_the_period_is_cut_into_runs_the_same_is_alive(site: Site) -> None:
    for now in ("2026-03-01T12:00:00Z", "2026-08-30T06:00:00Z", NOW):
        site.load(now=now)
        site.assert_whole(now)


@over("dlt")
def test_a_new_container_without_working_files_goes_on_where_the_old_one_was(later: Site) -> None:
    assert not (later.home / "dlt").exists()
    assert later.load()["issues"] == 10
    later.assert_whole()


def test_a_full_resync_finds_the_changes_that_move_no_cursor_and_then_nothing(site: Site) -> None:
    site.load(now="2026-06-01T06:00:00Z")
    site.load()
    with site.serving():
        found = site.run(LoadOptions(resync=True))
        # a renamed sprint or person changes what issues and histories say, but not when they were updated
        assert 0 < found["issues"] < len(alive("issues"))
        assert 0 < found["changelogs"] < len(alive("changelogs"))
        assert site.run(LoadOptions(resync=True)) == NOTHING
    site.assert_whole()


def test_deletions_are_seen_by_the_census_alone(later: Site) -> None:
    victim = max(alive("issues"))
    later.company.delete_issue(ms("2026-10-14T00:00:00Z"), int(victim))
    later.load(options=LoadOptions(census=False))
    assert victim in alive("issues")
    assert later.load()["issues"] == 1
    later.assert_whole()


def test_a_killed_load_goes_on_from_its_last_chunk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 300_000)
    site.set(PAGE_SIZE="20")
    with site.serving():
        with Landing("jira", SOURCES["jira"].streams) as landing:
            chunks = 0
            for landed in SOURCES["jira"].load(landing, LoadOptions()):
                chunks += landed.stream == "issues"
                if chunks == 2:
                    break
        half = len(alive("issues"))
        asked = len(site.sandbox.log)
        again = site.run()
        repeated = [line for line in site.sandbox.log[asked:] if "search/jql" in line["path"]]
    assert 0 < half < again["issues"] + half == len(alive("issues"))
    assert "2000-01-01" not in str(repeated[0])
    site.assert_whole()


def test_pages_in_descending_order_lose_nothing_when_the_load_is_killed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 300_000)
    site.set(PAGE_SIZE="100")
    descending = {"fault": "reverse", "path": "search/jql", "count": "always"}
    with site.serving(descending), Landing("jira", SOURCES["jira"].streams) as landing:
        load_stream = SOURCES["jira"].load(landing, LoadOptions())
        next(landed for landed in load_stream if landed.stream == "issues")
        load_stream.close()
    site.load(options=LoadOptions(census=False))
    site.assert_whole()


def test_where_issues_do_not_ascend_the_cursor_waits_for_the_end_of_the_load() -> None:
    """A load that is killed after the newest issues would miss all older ones."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    newest, older, oldest = (
        Record(str(month), "{}", start, cursor=f"2025-0{month}-01T00:00:00.000+0100") for month in (6, 5, 4)
    )
    progress = IssueCursor(start, None)
    assert progress.during([newest, older]) == iso(start)
    assert progress.during([oldest]) == iso(start)
    assert progress.at_end([]) == iso(datetime(2025, 5, 31, 23, tzinfo=UTC))
    ascending = IssueCursor(start, None)
    assert ascending.during([oldest, older]) == iso(datetime(2025, 3, 31, 23, tzinfo=UTC))
    assert ascending.during([newest]) == iso(datetime(2025, 5, 31, 23, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe"])
def test_the_start_of_a_search_is_never_read_as_later_than_meant(zone: str) -> None:
    start = parse("2026-01-01T00:00:00Z")
    for quarter in range(365 * 96):
        instant = start + timedelta(minutes=15 * quarter, seconds=59)
        read = jql_dates.instant(jql_time(instant, ZoneInfo(zone)), zone, 0)
        assert ms(instant) - 2 * 3_600_000 <= read <= ms(instant)


@pytest.mark.parametrize("now", ["2026-10-12T06:05:00Z", "2030-01-01T00:00:00Z"])
def test_a_wrong_clock_of_this_machine_loses_nothing(later: Site, now: str) -> None:
    with later.serving(now="2026-10-13T06:05:00Z"):
        later.environment.setenv("PRODOPS_NOW", now)
        later.run()
    later.assert_whole("2026-10-13T06:05:00Z")
    later.load()
    later.assert_whole()


def test_every_version_is_kept_none_lands_twice_and_no_credential_lies_among_them(later: Site) -> None:
    later.load()
    rows = landed_rows("jira", "issues", "record_id, payload_hash")
    assert len(rows) == len(set(rows)) > len(alive("issues"))
    for path in later.home.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path


def test_the_doctor_says_what_works_and_what_does_not(site: Site) -> None:
    check = SOURCES["jira"].check
    with site.serving({"fault": "status", "path": "users/search", "status": 403, "count": "always"}):
        findings = check()
        assert [finding.what for finding in findings if not finding.ok] == ["read users"]
        assert "the newest changed at 2026-10-1" in findings[-1].what
        site.set(API_TOKEN="wrong")
        assert "credentials" in check()[-1].hint
    assert "can't reach" in check()[-1].hint
    site.environment.delenv("SOURCES__JIRA__API_TOKEN")
    assert check()[0].what == "SOURCES__JIRA__API_TOKEN"
