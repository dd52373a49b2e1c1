"""Amplitude on bad days: each fault is recovered from or named, nothing of a broken window lands."""

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing import Landed
from ingestion.sources import LoadOptions, load_source
from sandbox.faults.answers import RAW
from sandbox.faults.archives import GARBLED
from tests.ingestion import conftest
from tests.ingestion.sources.amplitude_site import EARLIER, STREAMS, UsageSite, alive, events, newest_lines

EXPORT = {"path": "export"}
ALWAYS = {"count": "always"}
UNREADABLE = "lone surrogate"  # DuckDB reads nothing of such a line, so its hour has to be found by asking
DAY = LoadOptions(days=(date(2026, 6, 17), date(2026, 6, 17)))
WEEKS = LoadOptions(days=(date(2026, 7, 2), date(2026, 7, 31)))


def uploaded(site: UsageSite, options: LoadOptions) -> dict[str, dict[str, Any]]:
    """The events of a project that were uploaded on the days."""
    assert options.days
    first, last = map(str, options.days)
    whole = site.expected("events")
    return {key: event for key, event in whole.items() if first <= event["server_upload_time"][:10] <= last}


def damaged(fault: str, **options: Any) -> dict[str, Any]:
    return {"fault": fault, **EXPORT, **options}


@pytest.mark.parametrize(
    "fault",
    [
        damaged("status", status=500, count=5),
        damaged("status", status=429, retry_after=0.01, nth=2, count=2),
        damaged("status", status=504, count=3),
        damaged("too_wide", hours=24, count=4),
        damaged("too_wide", hours=5, status=400, count=9),
        damaged("reset", count=4),
        damaged("cut", nth=2),
        damaged("short_length", at=900, nth=2),
        damaged("silence", count=2),
        damaged("invalid_utf8"),
        damaged("truncated_zip", nth=2, count=3),
        damaged("truncated_gz", nth=2),
        damaged("broken_crc", nth=3, member=1),
        damaged("broken_zip_crc", count=5),
        damaged("unknown_keys", **ALWAYS),
        damaged("dynamic_names", **ALWAYS),
        damaged("oversized_line"),
    ],
    ids=lambda fault: f"{fault['fault']} {fault.get('status', '')}".strip(),
)
def test_what_can_be_recovered_from_is(usage: UsageSite, fault: dict[str, Any]) -> None:
    """Faults 3–5, 9–11, 29, 34 and 36: asked for again, whole or in halves, or none at all for what takes any line."""
    if fault["fault"] == "silence":
        usage.set(EXPORT_READ_TIMEOUT="0.5")
    assert usage.load(fault, options=WEEKS)["events"] > 50
    assert any(line["fault"] for line in usage.sandbox.log)
    assert events() == uploaded(usage, WEEKS)


def test_a_range_that_is_always_too_wide_is_halved_down_to_the_hour(usage: UsageSite) -> None:
    """Fault 4: 504 on everything but single hours."""
    usage.load(damaged("too_wide", hours=1, **ALWAYS), options=DAY)
    answered = [(line["query"]["start"], line["status"]) for line in usage.asked("/export") if line["status"] != 504]
    assert [start for start, _ in answered] == [f"20260617T{hour:02d}" for hour in range(24)]
    assert len(events()) > 10
    assert events() == uploaded(usage, DAY)


@pytest.mark.parametrize("status", [400, 504])
def test_an_hour_that_is_too_large_is_named_with_the_way_around(usage: UsageSite, status: int) -> None:
    usage.set(ATTEMPTS="2", START="2026-10-14")
    errors = usage.failures(damaged("too_wide", hours=0, status=status, **ALWAYS))
    assert [(error.stream, error.status) for error in errors] == [("events", status)]
    assert "amplitude.events at 100001 2026-10-14T00 (status" in str(errors[0])
    assert "Amazon S3 export" in str(errors[0])


def test_what_came_before_a_failure_lands_and_is_not_asked_for_again(usage: UsageSite) -> None:
    usage.set(START="2026-07-02")
    (error,) = usage.failures(damaged("status", status=403, nth=3, **ALWAYS))
    assert "2026-07-05T00 to 2026-07-08T23" in str(error)
    assert events() == uploaded(usage, LoadOptions(days=(date(2026, 7, 2), date(2026, 7, 4))))
    usage.load(options=LoadOptions(census=False))
    assert usage.windows()[0][0] == "20260704T21"


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsageSite]:
    """A project that one failure after the other is tried on."""
    with pytest.MonkeyPatch.context() as environment:
        site = UsageSite(tmp_path_factory.mktemp("unlucky") / "home", environment)
        yield site


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (damaged("status", status=500), "the vendor's server failed; gave up after 3 attempts"),
        (damaged("status", status=403), "permission"),
        (damaged("html_login"), "not a file but text/html"),
        (damaged("error_body"), "a broken archive came: it is not a whole zip"),
        (damaged("redirect", to="https://id.amplitude.com/login"), "a redirect leads to another place"),
        (damaged("drip", pause=0.001), "took longer than 0.8 s"),
        (damaged("silence", seconds=5), "no answer in time"),
        (damaged("cut"), "cut short"),
        (damaged("truncated_zip"), "a broken archive came: it is not a whole zip; gave up after 3 attempts"),
        (damaged("truncated_gz"), "is gzip that is cut off; gave up after 3 attempts"),
        (damaged("broken_crc"), "is garbled gzip or its checksum is wrong; gave up after 3 attempts"),
        (damaged("broken_zip_crc"), "is cut off or its checksum is wrong; gave up after 3 attempts"),
        (damaged("zip_bomb"), "refused: it inflates to more than"),
        (damaged("plain_bomb"), "refused: member '100001/100001_2026-01-01_0#9.json' inflates"),
        (damaged("many_members"), "refused: it has more than 10000 members"),
        (damaged("member_named", name="../x"), "refused: member '../x' has a name that leads out of the archive"),
        (damaged("member_named", name="/etc/x"), "refused: member '/etc/x' has an absolute name"),
        (damaged("symlink_member"), "refused: member '100001/link.json.gz' is a link"),
        (damaged("nested_zip"), "refused: member '100001/more.zip' is an archive in an archive"),
        (damaged("nested_zip", name="a.json.gz"), "refused: member 'a.json.gz' is an archive in an archive"),
        (damaged("nested_gz"), "refused: member '100001/twice.json.gz' is an archive in an archive"),
        (damaged("encrypted_member"), "refused: member '100001/secret.json.gz' is encrypted"),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_can_not_is_named_and_nothing_of_it_lands(unlucky: UsageSite, fault: dict[str, Any], words: str) -> None:
    """Faults 3, 9–13, 36 and 37."""
    impatient = {"drip": {"EXPORT_TIMEOUT": "0.8"}, "silence": {"EXPORT_READ_TIMEOUT": "0.4"}}
    patient = {"ATTEMPTS": "3", "EXPORT_TIMEOUT": "20", "EXPORT_READ_TIMEOUT": "5"}
    unlucky.set(**patient | impatient.get(fault["fault"], {}))
    (error,) = unlucky.failures({**fault, **ALWAYS}, options=WEEKS)
    assert words in str(error)
    assert str(error).startswith("amplitude.events at 100001 2026-07-02T00 to 2026-07-02T23")
    is_final = error.status == 403 or any(word in words for word in ("refused", "redirect", "text/html"))
    assert len(unlucky.asked("/export")) == (1 if is_final else 3)
    assert newest_lines() == []
    assert not (unlucky.home / "dlt/amplitude-spool").exists()
    assert not Path("/etc/x").exists()


def test_after_all_that_one_clean_run_makes_it_whole(unlucky: UsageSite) -> None:
    unlucky.load()
    unlucky.assert_whole()


def test_lines_that_are_no_events_land_and_cost_their_neighbours_nothing(usage: UsageSite) -> None:
    """Faults 15, 27 and 35: lines that say no hour are asked for again, until the window is one hour."""
    usage.load(damaged("garbled_lines", **ALWAYS), options=DAY)
    rows = newest_lines("uuid, payload, export_hour")
    assert hours_of(rows) == {key[7:]: event["server_upload_time"][:13] for key, event in uploaded(usage, DAY).items()}
    unknown = {text for uuid, text, _ in rows if uuid is None}
    assert {line for line in GARBLED if line.isascii() and "uuid" not in line} <= unknown
    assert "\ufffd\ufffd" in unknown


def test_an_event_without_time_of_upload_lands_in_the_hour_that_it_was_served_for(usage: UsageSite) -> None:
    """Fault 30."""
    usage.load(damaged("drop_line_field", field="server_upload_time", line="all", **ALWAYS), options=DAY)
    rows = newest_lines("uuid, payload, export_hour")
    assert hours_of(rows) == {key[7:]: event["server_upload_time"][:13] for key, event in uploaded(usage, DAY).items()}


def hours_of(rows: list[Any]) -> dict[str, str]:
    return {uuid: f"{hour.astimezone(UTC):%Y-%m-%dT%H}" for uuid, _, hour in rows if uuid and len(uuid) > 1}


@pytest.mark.parametrize("names", [sorted(RAW.keys() - {UNREADABLE}), [UNREADABLE]], ids=", ".join)
def test_any_value_lands_as_it_came_beside_the_columns(usage: UsageSite, names: list[str]) -> None:
    """Faults 33 and 35: numbers beyond any type, NaN, lone surrogates, NUL, deep and wide values, emoji and RTL."""
    field = "event_properties.odd"
    usage.load(
        *(damaged("plant_line", field=field, raw=raw, line=n, **ALWAYS) for n, raw in enumerate(names)), options=DAY
    )
    texts = [text for (text,) in newest_lines()]
    assert len(texts) == len(uploaded(usage, DAY))
    for name in names:
        assert any(f'"odd":{RAW[name]}' in text for text in texts), name


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            {"fault": "status", "status": 202, "path": "request-status", **ALWAYS},
            "not ready after 0.05 s; the next load",
        ),
        (
            {"fault": "error_body", "document": {"async_status": "JOB FAILED"}, "path": "-status", "nth": 2},
            "could not make the file",
        ),
        ({"fault": "error_body", "document": {}, "path": "cohorts/request/"}, "gave no request_id"),
        ({"fault": "redirect", "to": "http://10.0.0.1/x", "path": "file$"}, "a place that is not https; refused"),
        ({"fault": "html_login", "path": "file$"}, "not a file but text/html"),
    ],
    ids=lambda value: str(value.get("status", value["fault"])) if isinstance(value, dict) else "",
)
def test_a_cohort_that_can_not_be_read_is_named_and_read_by_the_next_load(
    usage: UsageSite, fault: dict[str, Any], words: str
) -> None:
    usage.set(START="2026-10-14", COHORT_WAIT="0.05")
    if "count" in fault:  # no cohort is ever ready, so it is nothing odd about one of them
        (error,) = usage.failures(fault)
        assert (error.stream, words in str(error)) == ("cohort_members", True)
        usage.set(COHORT_WAIT="10")
    else:
        noted: list[Landed] = []
        with usage.serving(fault):
            load_source("amplitude", LoadOptions(), noted.append)
        (note,) = {one.note for one in noted if one.note}
        assert words in note
        assert "could not be read and stays as it landed: cohort 100001/" in note
        assert len({owner for owner, _ in conftest.alive("amplitude", "cohort_members").values()}) == 1
    usage.load()
    assert alive("cohort_members").keys() == usage.expected("cohort_members").keys()


@pytest.mark.parametrize(("path", "key"), [("events/list", "data"), ("api/3/cohorts", "cohorts")])
def test_an_empty_list_where_there_were_records_deletes_nothing(usage_later: UsageSite, path: str, key: str) -> None:
    """Fault 14."""
    before = {stream: set(alive(stream)) for stream in STREAMS[1:]}
    (error,) = usage_later.failures({"fault": "error_body", "document": {key: []}, "path": path}, now=EARLIER)
    assert "came back empty though" in str(error)
    assert before == {stream: set(alive(stream)) for stream in STREAMS[1:]}
