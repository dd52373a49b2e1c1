"""Amplitude on good days: what lands is what is there, however the period is cut into loads and windows."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingestion.errors import SettingsError
from ingestion.landing import Landing
from ingestion.settings import resolve
from ingestion.sources import SOURCES, LoadOptions
from ingestion.sources.amplitude import api as amplitude_api
from ingestion.sources.amplitude.api import DAY, HOUR, AmplitudeSettings, Window
from ingestion.sources.amplitude.load import OVERLAP
from sandbox.timestamps import ms, utc
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources.amplitude_site import EARLIER, PROJECTS, STREAMS, UsageSite, alive, events, newest_lines
from tests.ingestion.sources.vendor_site import NOW

NOTHING = dict.fromkeys(STREAMS, 0)
DAILY = LoadOptions(census=False)


@over("dlt")
def test_what_landed_is_what_is_there_and_a_second_run_lands_nothing(usage: UsageSite) -> None:
    usage.open(*PROJECTS)
    with usage.serving():
        first = usage.run()
        assert all(first.values())
        usage.assert_whole()
        assert usage.run() == NOTHING
        assert usage.windows()[-1] == ("20261015T01", "20261015T03")


def test_however_the_period_is_cut_into_loads_the_same_is_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hour-cut law, and fault 26: events 2 hours, 10 days and 150 days late come in the hour of their upload."""
    site = UsageSite(tmp_path / "home", monkeypatch, seed=2)
    chance = random.Random(2)
    cuts = sorted(chance.randrange(ms("2025-12-01T00:00:00Z"), ms(NOW), 60_000) for _ in range(3))
    for cut in (*cuts, cuts[-1] + 3_600_000):
        now = utc(cut).isoformat()
        site.load(now=now, options=DAILY)
        assert events() == site.expected("events", now)
    site.load()
    site.assert_whole()


def test_windows_of_any_length_and_loads_of_any_size_land_the_same(
    usage: UsageSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"WORTH_A_LOAD": 150_000, "LONG_ENOUGH": 100_000, "TOO_LONG": 150_000}.items():
        monkeypatch.setattr(amplitude_api, name, size)
    usage.load()
    usage.assert_whole()
    windows = [(hour(first), hour(last)) for first, last in usage.windows()]
    assert windows[0] == (hour("20250915T00"), hour("20250915T23"))
    assert windows[-1][1] == hour("20261015T03")
    assert all(first == last + HOUR for (_, last), (first, _) in pairwise(windows))
    lengths = [(last - first + HOUR) // DAY for first, last in windows]
    assert {1, 2, 4, 8, 16} <= set(lengths)
    assert any(later < earlier for earlier, later in pairwise(lengths[:-1]))


def test_hours_that_are_not_closed_are_not_asked_for(usage_later: UsageSite) -> None:
    """Fault 6: 404 of an hour that is over is an empty hour; a fresh hour is asked for when it is over."""
    usage_later.load(now="2026-10-14T13:59:59Z", options=DAILY)
    assert usage_later.windows()[-1][1] == "20261014T10"
    assert usage_later.asked("/export")[-1]["status"] == 200
    assert landed_to() == "2026-10-14T10:00:00.000000Z"
    usage_later.load(now="2026-10-14T14:00:00Z", options=DAILY)
    assert usage_later.windows() == [("20261014T08", "20261014T11")]
    assert {line["status"] for line in usage_later.asked("/export")} == {404}
    assert landed_to() == "2026-10-14T11:00:00.000000Z"


@pytest.mark.parametrize("now", ["2026-10-12T05:00:00Z", "2031-01-01T00:00:00Z"])
def test_a_wrong_clock_of_this_machine_loses_nothing(usage_later: UsageSite, now: str) -> None:
    """Fault 39: ahead of the vendor's clock, hours that do not show yet would pass for empty ones."""
    with usage_later.serving(now="2026-10-13T06:05:00Z"):
        usage_later.environment.setenv("PRODOPS_NOW", now)
        usage_later.run(DAILY)
    assert (landed_to() or "") <= "2026-10-13T03:00:00.000000Z"
    usage_later.load()
    usage_later.assert_whole()


def test_days_are_read_again_and_no_cursor_moves(usage_later: UsageSite) -> None:
    before = landed_to()
    assert usage_later.load(options=LoadOptions(days=(date(2026, 3, 1), date(2026, 3, 2)))) == NOTHING
    assert usage_later.windows() == [("20260301T00", "20260301T23"), ("20260302T00", "20260302T23")]
    assert not usage_later.asked("cohorts") + usage_later.asked("events/list")
    assert usage_later.load(options=LoadOptions(days=(date(2026, 10, 11), date(2026, 12, 31))))["events"] > 0
    assert usage_later.windows()[-1][1] == "20261015T03"
    assert landed_to() == before
    usage_later.load()
    usage_later.assert_whole()


def test_a_resync_reads_all_and_lands_only_what_has_changed(usage_later: UsageSite) -> None:
    assert usage_later.load(now=EARLIER, options=LoadOptions(resync=True)) == NOTHING
    assert usage_later.windows()[0] == ("20250915T00", "20250915T23")
    assert landed_to() == "2026-10-12T03:00:00.000000Z"


def test_a_killed_load_goes_on_from_its_last_load_and_leaves_no_spool(
    usage: UsageSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amplitude_api, "WORTH_A_LOAD", 400_000)
    spool = usage.home / "dlt/amplitude-spool"
    with usage.serving():
        with Landing("amplitude", SOURCES["amplitude"].streams) as landing:
            load = SOURCES["amplitude"].load(landing, DAILY)
            next(load)
            next(load)
            assert spool.stat().st_mode & 0o077 == 0
            assert list(spool.rglob("*.ndjson"))
            load.close()
        assert not spool.exists()
        (spool / "left").mkdir(parents=True)
        reached = datetime.fromisoformat(landed_to() or "")
        asked = len(usage.windows())
        usage.run()
    assert hour(usage.windows()[asked][0]) == reached - OVERLAP
    assert not spool.exists()
    usage.assert_whole()


@over("dlt")
def test_a_new_container_without_working_files_goes_on_where_the_old_one_was(usage_later: UsageSite) -> None:
    assert not (usage_later.home / "dlt").exists()
    usage_later.load()
    assert usage_later.windows()[0] == ("20261012T01", "20261013T00")
    usage_later.assert_whole()


def test_members_come_with_the_census_once_for_each_computation_and_no_more_than_allowed(usage: UsageSite) -> None:
    usage.set(START="2026-10-01", COHORT_DOWNLOADS="1")
    usage.load(options=DAILY)
    assert alive("cohort_members") == {}
    for more in (1, 1, 0):
        usage.load()
        assert len(usage.asked("/request-status/")) == 2 * more
    assert keys("cohort_members") == usage.expected("cohort_members").keys()
    usage.set(COHORT_DOWNLOADS="9")
    usage.load(now="2026-10-20T06:00:00Z")
    assert keys("cohort_members") == usage.expected("cohort_members", "2026-10-20T06:00:00Z").keys()
    assert any(gone for *_, gone in landed_rows("amplitude", "cohort_members"))
    # a large file lies in another place, where credentials are nobody's business
    assert {line["authorization"] for line in usage.asked("/s3/")} == {False}
    assert {line["authorization"] for line in usage.asked("/api/")} == {True}


def test_each_project_stands_for_itself(usage_later: UsageSite) -> None:
    listed = [
        {"id": 100002, "api_key": "key-100002", "secret_key": "secret-1-wrong"},
        {"id": "100003", "api_key": "key-100003", "secret_key": "secret-100003"},
    ]
    usage_later.set(PROJECTS=json.dumps(listed), START="2026-10-01")
    errors = usage_later.failures()
    assert [(error.stream, error.status) for error in errors] == [
        ("events", 401),
        ("event_types", 401),
        ("cohorts", 401),
    ]
    assert "amplitude.events at 100002 2026-10-01T00 to 2026-10-01T23 (status 401)" in str(errors[0])
    assert {key[:6] for key in keys("event_types")} == {"100001", "100003"}
    assert {row[0] for row in newest_lines("project_id")} == {"100001", "100003"}


def test_no_credential_lies_among_what_a_load_leaves(usage_later: UsageSite) -> None:
    usage_later.load()
    for path in usage_later.home.rglob("*"):
        if path.is_file():
            assert b"secret-100001" not in path.read_bytes(), path


def test_the_doctor_says_what_works_and_what_does_not(usage: UsageSite) -> None:
    usage.open("100001", "100002")
    check = SOURCES["amplitude"].check
    with usage.serving({"fault": "status", "path": "api/3/cohorts", "status": 403, "count": "always"}):
        findings = check()
        refused = [finding.what for finding in findings if not finding.ok]
        assert refused == ["project 100001: read cohorts", "project 100002: read cohorts"]
        assert "signed in" in findings[1].what
        assert "up to the hour 2026-10-15T03" in findings[2].what
        usage.set(PROJECTS='[{"id": 1, "api_key": "a", "secret_key": "b"}]')
        assert [finding.hint[:25] for finding in check()[1:3]] == ["the credentials are wrong"] * 2
    assert "can't reach" in check()[-1].hint
    usage.set(PROJECTS="[]")
    assert check()[0].what == "SOURCES__AMPLITUDE__PROJECTS"


def keys(stream: str) -> set[str]:
    return set(alive(stream))


def landed_to() -> str | None:
    with Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        return landing.through("events/100001")


def hour(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H").replace(tzinfo=UTC)


def settings() -> AmplitudeSettings:
    return resolve("amplitude", AmplitudeSettings)


def test_projects_are_listed_or_one_has_its_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AMPLITUDE__API_KEY", "CANARY-a")
    with pytest.raises(SettingsError, match="setting SOURCES__AMPLITUDE__SECRET_KEY: missing"):
        settings().all_projects()
    monkeypatch.setenv("SOURCES__AMPLITUDE__SECRET_KEY", "CANARY-s")
    monkeypatch.setenv("SOURCES__AMPLITUDE__REGION", "eu")
    (only,) = settings().all_projects()
    assert (only.id, only.api_key, only.secret_key, only.region) == ("default", "CANARY-a", "CANARY-s", "eu")
    listed = '[{"id": 7, "api_key": "CANARY-1", "secret_key": "CANARY-2"}]'
    monkeypatch.setenv("SOURCES__AMPLITUDE__PROJECTS", listed)
    (one,) = settings().all_projects()
    assert (one.id, one.region) == ("7", "us")
    assert "CANARY" not in repr(settings()) + str(settings()) + repr(one) + str(one)


@pytest.mark.parametrize(
    "value",
    [
        "7",
        "CANARY",
        "{}",
        "[1]",
        '[{"id": "7"}]',
        '[{"id": "7", "api_key": "CANARY", "secret_key": ""}]',
        '[{"id": "7/8", "api_key": "CANARY", "secret_key": "s"}]',
        '[{"id": "7", "api_key": "CANARY", "secret_key": "s", "region": "CANARY"}]',
        '[{"id": 7, "api_key": "CANARY", "secret_key": "s"}, {"id": "7", "api_key": "a", "secret_key": "s"}]',
    ],
)
def test_a_list_of_projects_that_makes_no_sense_is_one_line_without_secrets(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCES__AMPLITUDE__PROJECTS", value)
    with pytest.raises(SettingsError) as caught:
        settings()
    assert str(caught.value).startswith("setting SOURCES__AMPLITUDE__PROJECTS: give a JSON list like [")
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "address"),
    [({}, "https://amplitude.com"), ({"REGION": "eu"}, "https://analytics.eu.amplitude.com")],
)
def test_each_region_has_its_own_address(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], address: str
) -> None:
    for name, value in {"API_KEY": "a", "SECRET_KEY": "s", **settings}.items():
        monkeypatch.setenv(f"SOURCES__AMPLITUDE__{name}", value)
    found = resolve("amplitude", AmplitudeSettings)
    assert amplitude_api.address(found, found.all_projects()[0]) == address
    monkeypatch.setenv("SOURCES__AMPLITUDE__BASE_URL", "https://proxy.example.com/amplitude/")
    found = resolve("amplitude", AmplitudeSettings)
    assert amplitude_api.address(found, found.all_projects()[0]) == "https://proxy.example.com/amplitude"


@pytest.mark.parametrize("hours", [2, 3, 24, 743])
def test_halves_share_no_hour_and_miss_none(hours: int) -> None:
    first = datetime(2026, 3, 28, 22, tzinfo=UTC)
    window = Window(first, first + (hours - 1) * HOUR)
    one, other = window.halves()
    assert (one.first, other.last) == (window.first, window.last)
    assert other.first - one.last == timedelta(hours=1)
    assert one.first <= one.last
    assert other.first <= other.last
