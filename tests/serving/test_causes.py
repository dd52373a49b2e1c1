"""What landed since a pack, by cause, and landing zones that hold some of it.

A failure here blames the wrong cause for a change of a figure, or makes a figure again from what was not there.
"""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.compaction import compact
from ingestion.landing import Landing, Record
from ingestion.lines import LineFile
from ingestion.manifests import Zone, read_manifest, zone_of
from ingestion.sources import SOURCES, streams_by_source
from serving.causes import OF_STREAMS, Cause, Composed, composed, write
from serving.frozen import Frozen, FrozenError, measured, reading
from tests.dbt.usage_world import event
from tests.ingestion.file_packages import written_by

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
HOURS = [datetime(2026, 1, 14, hour, tzinfo=UTC) for hour in range(3)]
Files = Mapping[str, Mapping[str, object]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    os.environ["PRODOPS_HOME"] = str(tmp_path / "home")
    (tmp_path / "home" / "restricted" / "spill").mkdir(parents=True)
    return tmp_path / "home"


def land(source: str, stream: str, records: Mapping[str, object]) -> None:
    """A load of records, payloads by id; None where one is gone."""
    made = [
        Record(key, None if payload is None else json.dumps(payload), AT, is_deleted=payload is None)
        for key, payload in records.items()
    ]
    with written_by("files"), Landing(source, SOURCES[source].streams) as landing:
        landing.land(stream, made)


def frozen() -> Frozen:
    """What landed so far, as a pack keeps it."""
    with reading() as connection:
        streams = {
            f"{source}/{stream.name}": measured(connection, stream, manifest, manifest.load_ids)
            for source, its in streams_by_source().items()
            for stream in its
            if (manifest := read_manifest(zone_of(stream), source, stream.name)) and manifest.load_ids
        }
    return Frozen("S-1", "1", "code", "mapping", "definition", streams)


def since(of: Frozen, stream: str, home: Path) -> Composed:
    (one,) = composed(of, {stream}, home / "restricted" / "composed")
    return one


def held(one: Composed, home: Path, *causes: Cause) -> list[tuple[object, ...]]:
    """What a home's landing zone says that holds these causes, as dbt finds it: the newest payload of each record."""
    scratch = home / "restricted" / f"scratch-{'-'.join(causes)}"
    write(scratch, [one], causes)
    zone = Zone(str(scratch / ("restricted/landing" if one.stream.is_restricted else "landing")))
    manifest = read_manifest(zone, one.source, one.stream.name)
    assert manifest is not None
    files = [zone.path(file.path) for file in manifest.files]
    loads = duckdb.execute("select distinct _dlt_load_id from read_parquet($files)", {"files": files}).fetchall()
    assert {load for (load,) in loads} == {*manifest.load_ids} == {one for f in manifest.files for one in f.load_ids}
    if one.stream.is_events:
        query = (
            "select hour(export_hour at time zone 'UTC')::varchar, uuid, payload from (select *, "
            "max(_dlt_load_id) over (partition by project_id, export_hour) as newest from read_parquet($files)) "
            "where payload is not null and _dlt_load_id = newest order by all"
        )
        rows = duckdb.execute(query, {"files": files}).fetchall()
        return [(hour, uuid, json.loads(payload)["event_type"]) for hour, uuid, payload in rows]
    query = (
        "select record_id, arg_max_null(payload, (_dlt_load_id, sequence)) from read_parquet($files) group by 1 "
        "having not arg_max(is_deleted, (_dlt_load_id, sequence)) order by 1"
    )
    return [(key, json.loads(payload)) for key, payload in duckdb.execute(query, {"files": files}).fetchall()]


def test_new_records_are_late_and_newer_versions_and_deletions_are_edits(home: Path) -> None:
    land("jira", "issues", {"1": "a", "2": "b", "3": "c"})
    of = frozen()
    land("jira", "issues", {"1": "A", "4": "d"})
    land("jira", "issues", {"2": None, "4": "D"})
    one = since(of, "jira/issues", home)
    assert [(it.cause, it.records, it.ids) for it in one.changed] == [
        (Cause.LATE, 1, ("4",)),
        (Cause.EDIT, 2, ("1", "2")),
    ]
    assert held(one, home) == [("1", "a"), ("2", "b"), ("3", "c")]
    assert held(one, home, Cause.LATE) == [("1", "a"), ("2", "b"), ("3", "c"), ("4", "D")]
    assert held(one, home, Cause.EDIT) == [("1", "A"), ("3", "c")]
    assert held(one, home, Cause.LATE, Cause.EDIT, Cause.FX) == [("1", "A"), ("3", "c"), ("4", "D")]


def test_what_was_there_stays_the_same_when_files_are_compacted(home: Path) -> None:
    """A failure here makes every pack that is older than a night's compaction irreproducible."""
    for number in range(5):
        land("jira", "issues", {"1": f"a{number}", f"x{number}": number})
    of = frozen()
    for number in range(5):
        land("jira", "issues", {"1": f"b{number}"})
    compact("jira", SOURCES["jira"].streams, grace=timedelta(0))
    assert frozen().streams["jira/issues"].rows == 15
    one = since(of, "jira/issues", home)
    assert held(one, home)[0] == ("1", "a4")
    assert len(held(one, home)) == 6
    assert held(one, home, Cause.EDIT)[0] == ("1", "b4")


def test_each_file_of_the_company_is_of_one_cause_and_customers_of_two(home: Path) -> None:
    """Another segment or other days are another mapping; another parent, or none any more, is another identity."""

    def customer(name: str, parent: str, segment: str) -> dict[str, str]:
        return {"customer_id": name, "parent_id": parent, "segment": segment}

    before = {"A/1": customer("A", "", "SMB"), "B/1": customer("B", "", "SMB"), "C/1": customer("C", "A", "ENT")}
    land("files", "customers", before)
    land("files", "products", {"web": {"parent_id": "shop"}})
    land("files", "policy", {"policy": {"trials_count": "false"}})
    of = frozen()
    land("files", "customers", {"A/1": customer("A", "", "MID"), "B/1": None, "B/2": customer("B", "A", "SMB")})
    land("files", "customers", {"C/1": None})
    land("files", "products", {"web": {"parent_id": "office"}, "app": {"parent_id": "shop"}})
    land("files", "policy", {"policy": {"trials_count": "true"}})
    one = since(of, "files/customers", home)
    assert {it.cause: it.ids for it in one.changed} == {
        Cause.IDENTITY: ("B/1", "B/2", "C/1"),
        Cause.MAPPING: ("A/1",),
    }
    assert dict(held(one, home, Cause.MAPPING)) == before | {"A/1": customer("A", "", "MID")}
    assert dict(held(one, home, Cause.IDENTITY)) == {"A/1": before["A/1"], "B/2": customer("B", "A", "SMB")}
    assert since(of, "files/products", home).causes == {Cause.REORG}
    assert since(of, "files/policy", home).causes == {Cause.DEFINITION}


def test_every_stream_with_a_cause_of_its_own_is_one_that_lands() -> None:
    there = {f"{source}/{stream.name}" for source, its in streams_by_source().items() for stream in its}
    assert OF_STREAMS.keys() - there == set()


def land_events(home: Path, first: int, last: int, lines: Sequence[str]) -> None:
    with LineFile(home / "lines") as file:
        for line in lines:
            file.write(line.encode())
            file.end()
    with written_by("files"), Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        landing.land_lines("events", "p", HOURS[first], HOURS[last], [home / "lines"] if lines else [])


def test_an_hour_that_landed_again_is_put_together_for_each_cause(home: Path) -> None:
    """A failure here loses the events of a whole hour, or counts them twice, because one of them came late."""

    def line(uuid: str, hour: int, kind: str = "Opened") -> str:
        return event(uuid, f"2026-01-14T0{hour}:10:00", "u", event_type=kind)

    land_events(home, 0, 1, [line("a", 0), line("b", 0), line("c", 0), line("d", 1)])
    of = frozen()
    # of hour 0: a stays, b is another, c is gone, e came late; of hour 1 all is gone; hour 2 is new
    land_events(home, 0, 2, [line("a", 0), line("b", 0, "Closed"), line("e", 0), line("f", 2)])
    one = since(of, "amplitude/events", home)
    assert {it.cause: it.ids for it in one.changed} == {Cause.LATE: ("e", "f"), Cause.EDIT: ("b", "c", "d")}
    then = [("0", "a", "Opened"), ("0", "b", "Opened"), ("0", "c", "Opened"), ("1", "d", "Opened")]
    late, edited = [("0", "e", "Opened"), ("2", "f", "Opened")], [("0", "a", "Opened"), ("0", "b", "Closed")]
    assert held(one, home) == then
    assert held(one, home, Cause.LATE) == sorted([*then, *late])
    assert held(one, home, Cause.EDIT) == edited
    assert held(one, home, Cause.LATE, Cause.EDIT) == sorted([*edited, *late])


def test_a_month_of_the_ledger_with_new_lines_alone_is_late_data(home: Path) -> None:
    def month(*lines: str) -> dict[str, object]:
        data = [{"ColData": [{"value": line}], "type": "Data"} for line in lines]
        return {"Rows": {"Row": [{"Rows": {"Row": data}, "Summary": {"ColData": [{"value": str(len(lines))}]}}]}}

    land("quickbooks", "general_ledgers", {"01": month("a", "a"), "02": month("b"), "03": month("c")})
    of = frozen()
    land("quickbooks", "general_ledgers", {"01": month("a", 'z]} "', "a"), "02": month("b2"), "04": month()})
    land("quickbooks", "general_ledgers", {"03": None})
    one = since(of, "quickbooks/general_ledgers", home)
    assert {it.cause: it.ids for it in one.changed} == {Cause.LATE: ("01", "04"), Cause.EDIT: ("02", "03")}


def test_records_of_people_are_counted_and_pay_lies_in_the_restricted_zone(home: Path) -> None:
    land("bamboohr", "compensation", {"1": {"rate": 52123}})
    land("bamboohr", "employees", {"77": {"name": "Ada"}})
    of = frozen()
    land("bamboohr", "compensation", {"1": {"rate": 61234}})
    land("bamboohr", "employees", {"78": {"name": "Bo"}})
    pay, people = since(of, "bamboohr/compensation", home), since(of, "bamboohr/employees", home)
    assert [(it.records, it.ids) for it in (*pay.changed, *people.changed)] == [(1, ()), (1, ())]
    assert "bamboohr/compensation" not in of.summary["streams"]
    assert held(pay, home, Cause.EDIT) == [("1", {"rate": 61234})]
    made = list((home / "restricted" / "composed").rglob("*.parquet"))
    assert made
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert list((home / "restricted" / "scratch-").rglob("*compensation*")) == []


def test_a_landing_zone_that_lost_rows_is_refused(home: Path) -> None:
    land("jira", "issues", {"1": "a"})
    land("jira", "issues", {"2": "b"})
    of = frozen()
    zone = Zone()
    manifest = read_manifest(zone, "jira", "issues")
    assert manifest is not None
    lost = zone.path(manifest.files[-1].path)
    other = f"select * replace (payload_hash + 1 as payload_hash) from '{lost}'"
    duckdb.execute(f"copy ({other}) to '{lost}.new' (format parquet)")
    os.replace(f"{lost}.new", lost)
    with pytest.raises(FrozenError, match="jira/issues: landing no longer holds the 2 rows that snapshot S-1"):
        since(of, "jira/issues", home)
