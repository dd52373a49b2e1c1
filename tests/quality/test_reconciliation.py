"""The proofs turn red for what they are there to find."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.landing import Landing, Record
from ingestion.lines import LineFile
from ingestion.manifests import EVENTS, Stream, Zone, read_manifest, zone_of
from quality.reconciliation import built_loads, landed_is_staged, published_is_warehouse

ISSUES = Stream("issues", "", "id")
BOARDS = Stream("boards", "", "id")
LINES = Stream("events", "", "uuid", EVENTS)

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
Spoil = Callable[[duckdb.DuckDBPyConnection], object]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Three live records and a deleted one in landing; a warehouse that holds them, one in quarantine."""
    os.environ["PRODOPS_HOME"] = str(tmp_path)
    with Landing("jira", [ISSUES, BOARDS]) as landing:
        load = landing.land("issues", [Record(key, "{}", NOW) for key in "1234"]).load_id
        gone = landing.land("issues", [Record("4", None, NOW, is_deleted=True)]).load_id
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging; create schema marts")
        connection.execute(
            "create table staging.built_loads as select 'base_jira__issues' as model, unnest([?, ?]) as load_id",
            [load, gone],
        )
        for stream in ("issues", "boards"):
            columns = "record_id text, load_id text, sequence bigint, is_deleted boolean, quarantine_reason text"
            connection.execute(f"create table staging.base_jira__{stream} ({columns})")
        connection.execute(
            "insert into staging.base_jira__issues values ('1', $load, 0, false, null), ('2', $load, 1, false, null), "
            "('3', $load, 2, false, 'created: not a timestamp'), ('4', $gone, 0, true, null)",
            {"load": load, "gone": gone},
        )
    return path


def staged(warehouse: Path) -> list[tuple[bool, int, int, int]]:
    newest = {"issues": str(built_loads(warehouse)["base_jira__issues"]["newest"])}
    counts = landed_is_staged(warehouse, "jira", [ISSUES, BOARDS], newest)
    return [(count.ties, count.landed, count.served, count.quarantined) for count in counts]


def test_landed_is_served_or_in_quarantine(warehouse: Path) -> None:
    assert staged(warehouse) == [(True, 3, 2, 1), (True, 0, 0, 0)]


def test_streams_in_an_object_store_are_proven_as_well(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure here holds back every mart of a company that lands in one."""
    monkeypatch.setenv("PRODOPS_LANDING", f"memory://{tmp_path.name}/landing")
    Zone().fs.put(f"{tmp_path}/landing/", f"/{tmp_path.name}/landing/", recursive=True)
    (tmp_path / "landing").rename(tmp_path / "elsewhere")
    assert staged(warehouse) == [(True, 3, 2, 1), (True, 0, 0, 0)]


@pytest.mark.parametrize(
    ("statement", "missing", "extra", "differing"),
    [
        pytest.param("delete from {} where record_id = '1'", ("1",), (), ("1",), id="lost"),
        pytest.param("delete from {} where record_id = '3'", ("3",), (), ("3",), id="lost from quarantine"),
        pytest.param("insert into {} values ('9', '1', 0, false, null)", (), ("9",), ("9",), id="invented"),
        pytest.param("update {} set is_deleted = false where record_id = '4'", (), ("4",), ("4",), id="not deleted"),
        pytest.param("delete from {} where record_id = '4'", (), (), ("4",), id="a tombstone lost"),
        pytest.param("update {} set record_id = '9' where record_id = '1'", ("1",), ("9",), ("1", "9"), id="other id"),
        pytest.param("update {} set load_id = '1' where record_id = '2'", (), (), ("2",), id="an older load"),
        pytest.param("update {} set sequence = 7 where record_id = '2'", (), (), ("2",), id="an older place in it"),
        pytest.param("insert into {0} from {0} where record_id = '2'", (), (), ("2",), id="twice"),
        pytest.param("insert into {0} from {0} where record_id = '4'", (), (), ("4",), id="a tombstone twice"),
        pytest.param("insert into {} (load_id) values ('1')", (), (), ("None",), id="no id"),
    ],
)
def test_a_difference_is_found_and_named(
    warehouse: Path, statement: str, missing: tuple[str, ...], extra: tuple[str, ...], differing: tuple[str, ...]
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(statement.format("staging.base_jira__issues"))
    newest = {"issues": "9"}
    count = landed_is_staged(warehouse, "jira", [ISSUES], newest)[0]
    assert not count.ties
    assert (count.missing, count.extra, count.differing) == (missing, extra, differing)


def test_a_load_after_the_build_began_is_not_yet_due(warehouse: Path) -> None:
    newest = str(built_loads(warehouse)["base_jira__issues"]["newest"])
    with Landing("jira", [ISSUES, BOARDS]) as landing:
        later = landing.land("issues", [Record("5", "{}", NOW)]).load_id
    assert landed_is_staged(warehouse, "jira", [ISSUES], {"issues": newest})[0].ties
    due = landed_is_staged(warehouse, "jira", [ISSUES], {"issues": str(later)})[0]
    assert due.missing == ("5",)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """An hour that landed twice, one line no JSON; an hour that lost its only line; a warehouse of it."""
    os.environ["PRODOPS_HOME"] = str(tmp_path)
    loads = []
    with Landing("amplitude", [LINES]) as landing:
        for hour, lines in ((10, ("a", "b", "?")), (11, ("d",)), (10, ("a", "c", "?")), (11, ())):
            with LineFile(tmp_path / "lines") as file:
                for line in lines:
                    file.write((f'{{"uuid": "{line}"}}' if line != "?" else "{").encode())
                    file.end()
            at = NOW.replace(hour=hour)
            landed = landing.land_lines("events", "p", at, at, [tmp_path / "lines"] if lines else [])
            loads.append(landed.load_id)
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging")
        connection.execute("create table staging.built_loads (model varchar, load_id varchar)")
        connection.executemany(
            "insert into staging.built_loads values ('base_amplitude__events', ?)", [[one] for one in loads]
        )
        connection.execute(
            "create table staging.stg_amplitude__events as select 'p' as project_id, unnest(['a', 'c']) as uuid"
        )
        landed = read_manifest(zone_of(LINES), "amplitude", "events")
        assert landed is not None
        connection.execute(
            "create table staging.base_amplitude__events as select project_id, export_hour::timestamp as export_hour, "
            "uuid, payload_hash, _dlt_load_id as load_id from read_parquet(?)",
            [[zone_of(LINES).readable(file.path) for file in landed.files]],
        )
        unread = duckdb.sql("select 'p/' || (hash('{') >> 1)::bigint").fetchone()
        connection.execute(
            "create table staging.stg_amplitude__quarantine as select 'events' as stream, ?::varchar as record_id",
            unread,
        )
    return path


@pytest.mark.parametrize(
    ("statement", "missing", "extra"),
    [
        pytest.param("select 1", 0, 0, id="all there"),
        pytest.param("delete from staging.stg_amplitude__events where uuid = 'a'", 1, 0, id="lost"),
        pytest.param("delete from staging.stg_amplitude__quarantine", 1, 0, id="lost from quarantine"),
        pytest.param("insert into staging.stg_amplitude__events values ('p', 'b')", 0, 1, id="an old landing served"),
        pytest.param("insert into staging.stg_amplitude__events values ('p', 'd')", 0, 1, id="an emptied hour served"),
        pytest.param("update staging.stg_amplitude__events set project_id = 'q'", 2, 2, id="another project's"),
    ],
)
def test_lines_of_the_newest_landing_of_each_hour_are_served(
    events: Path, statement: str, missing: int, extra: int
) -> None:
    with duckdb.connect(str(events)) as connection:
        connection.execute(statement)
    count = landed_is_staged(events, "amplitude", [LINES], {})[0]
    assert (count.landed, len(count.missing), len(count.extra)) == (3, missing, extra)
    assert count.ties == (missing == extra == 0)


@pytest.mark.parametrize(
    ("statement", "hour"),
    [
        pytest.param("delete from {} where uuid = 'b'", 10, id="a superseded line lost"),
        pytest.param("update {} set payload_hash = 7 where uuid = 'c'", 10, id="another line"),
        pytest.param("insert into {0} from {0} where uuid = 'd'", 11, id="a superseded line twice"),
        pytest.param("delete from {} where payload_hash is null", 11, id="no mark of an emptied hour"),
    ],
)
def test_every_landing_of_an_hour_is_held_as_it_landed(events: Path, statement: str, hour: int) -> None:
    with duckdb.connect(str(events)) as connection:
        connection.execute(statement.format("staging.base_amplitude__events"))
    count = landed_is_staged(events, "amplitude", [LINES], {})[0]
    assert (count.ties, count.differing) == (False, (f"p/2026-10-15 {hour}:00:00",))


def test_a_line_served_twice_does_not_tie(events: Path) -> None:
    with duckdb.connect(str(events)) as connection:
        connection.execute("insert into staging.stg_amplitude__events values ('p', 'a')")
    assert not landed_is_staged(events, "amplitude", [LINES], {})[0].ties


@pytest.mark.parametrize(
    ("spoil", "differing"),
    [
        pytest.param(lambda copy: None, 0, id="equal"),
        pytest.param(lambda copy: copy.execute("update mart_a set n = 7 where id = 1"), 2, id="a value"),
        pytest.param(lambda copy: copy.execute("insert into mart_a values (2, null)"), 1, id="a row twice"),
        pytest.param(lambda copy: copy.execute("delete from mart_a where id = 2"), 1, id="a row lost"),
    ],
)
@pytest.mark.parametrize("where", ["marts.duckdb", "parquet"])
def test_a_copy_is_compared_both_ways(tmp_path: Path, where: str, spoil: Spoil, differing: int) -> None:
    rows = "select * from (values (1, 5), (2, null)) as v(id, n)"
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(f"create schema marts; create table marts.mart_a as {rows}")
    parquet = tmp_path / "copy" / "parquet" / "mart_a" / "mart_a.parquet"
    parquet.parent.mkdir(parents=True)
    for form in ("marts.duckdb", "parquet"):
        with duckdb.connect(str(tmp_path / "copy" / form) if form == "marts.duckdb" else ":memory:") as copy:
            copy.execute(f"create table mart_a as {rows}")
            if form == where:
                spoil(copy)
            if form == "parquet":
                copy.execute(f"copy mart_a to '{parquet}' (format parquet)")
    found = published_is_warehouse(tmp_path / "warehouse.duckdb", tmp_path / "copy", ["mart_a"])
    assert {count.where: (count.rows, count.differing) for count in found} == {
        form: (2, differing if form == where else 0) for form in ("marts.duckdb", "parquet")
    }
