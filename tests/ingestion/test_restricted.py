"""The restricted zone: what lands there is nowhere else, for nobody else, and is landed, compacted and proven like the
rest."""

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.compaction import compact
from ingestion.home import PEOPLE
from ingestion.landing import Batch, Landing, Record
from ingestion.manifests import Stream, Zone, completed_loads, zone_of
from orchestration.warehouse import discard, files
from quality.reconciliation import landed_is_staged
from tests.ingestion.conftest import landed_rows, over

STAFF = Stream("staff", "", "id")
PAY = Stream("pay", "", "id", is_restricted=True)
SOURCE = "hr"
TIMESTAMP = datetime(2026, 10, 15, 6, tzinfo=UTC)


def record(key: str, payload: str | None = "{}") -> Record:
    return Record(key, payload, TIMESTAMP, is_deleted=payload is None)


def pay() -> list[tuple[str, str]]:
    return [row[:2] for row in landed_rows(SOURCE, PAY)]


def outside(home: Path) -> list[str]:
    """Files of the home that are not in its restricted folder."""
    found = (path.relative_to(home) for path in home.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.parts[0] != "restricted")


def land_in_turns() -> None:
    """Loads of both kinds, one after the other, in one process."""
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        for turn in range(3):
            landing.land("staff", [record(f"s{turn}")], through=f"s{turn}")
            landing.land("pay", [record(f"p{turn}", f'"{turn}"')], through=f"p{turn}")
        landing.land("pay", [record("p0", None)])


@over("dlt", "files")
def test_restricted_rows_markers_and_cursors_lie_in_their_own_zone(home: Path) -> None:
    land_in_turns()
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        assert (landing.through("staff"), landing.through("pay")) == ("s2", "p2")
        assert (landing.alive("staff"), landing.alive("pay")) == ({"s0", "s1", "s2"}, {"p1", "p2"})
        assert landing.payloads("pay", ["p1"]) == {"p1": '"1"'}
        assert landing.land("pay", [record("p1", '"1"')], through="p2").landed == 0
    assert pay() == [("p0", '"0"'), ("p1", '"1"'), ("p2", '"2"'), ("p0", None)]
    assert (len(completed_loads(Zone(), SOURCE)), len(completed_loads(zone_of(PAY), SOURCE))) == (3, 4)
    assert not [name for name in outside(home) if "pay" in name]
    assert not (home / "restricted/landing" / SOURCE / "staff").exists()


@over("dlt", "files")
def test_only_the_owner_may_look_whatever_the_umask_and_the_folder_were(home: Path) -> None:
    (home / "restricted").mkdir(parents=True)
    (home / "restricted").chmod(0o755)
    os.umask(0)
    land_in_turns()
    compact(SOURCE, [STAFF, PAY])
    found = [home / "restricted", *(home / "restricted").rglob("*")]
    assert len(found) > 20
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@over("dlt", "files")
def test_it_stays_on_this_machine_wherever_the_rest_lands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = home.parent.name
    monkeypatch.setenv("PRODOPS_LANDING", f"memory://{bucket}/landing")
    land_in_turns()
    assert len(landed_rows(SOURCE, STAFF)) == 3
    assert len(pay()) == 4
    assert not [path for path in Zone().fs.find(bucket) if "pay" in path]
    assert not (home / "landing").exists()


@over("dlt", "files")
def test_rows_and_cursor_of_a_load_without_its_marker_do_not_count(home: Path) -> None:
    land_in_turns()
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        killed = landing.land("pay", [record("p9")], through="p9")
    (home / f"restricted/landing/{SOURCE}/_dlt_loads/{SOURCE}__{killed.load_id}.jsonl").unlink()
    shutil.rmtree(home / f"restricted/landing/{SOURCE}/_manifests")
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        assert (landing.through("staff"), landing.through("pay")) == ("s2", "p2")
        assert landing.alive("pay") == {"p1", "p2"}
        landing.land("pay", [record("p9")], through="p9")
        assert landing.through("pay") == "p9"


@over("dlt", "files")
def test_streams_of_both_zones_land_together_as_a_package_each(home: Path) -> None:
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        both = landing.land_together([Batch("pay", [record("p1")], "p1"), Batch("staff", [record("s1")], "s1")])
        assert (landing.through("staff"), landing.through("pay")) == ("s1", "p1")
    assert [(one.stream, one.landed) for one in both] == [("pay", 1), ("staff", 1)]
    assert completed_loads(zone_of(PAY), SOURCE) == {both[0].load_id}
    assert completed_loads(Zone(), SOURCE) == {both[1].load_id}
    assert not [name for name in outside(home) if "pay" in name]


def test_a_killed_load_leaves_its_scratch_there_too(home: Path) -> None:
    script = """
import os
from datetime import UTC, datetime
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from ingestion.landing import Landing, Record
from ingestion.manifests import Stream

FilesystemClient.complete_load = lambda *_: os._exit(137)
with Landing("hr", [Stream("staff", "", "id"), Stream("pay", "", "id", is_restricted=True)]) as landing:
    landing.land("pay", [Record("p1", '"canary"', datetime.now(UTC))], through="p1")
"""
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert killed.returncode == 137
    assert list((home / "restricted/dlt/hr").rglob("*.parquet")), "the load was killed with its package open"
    assert not [name for name in outside(home) if "pay" in name or name.startswith("dlt/hr/")]
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        assert landing.through("pay") is None
        assert landing.alive("pay") == set()


@over("files")
def test_compaction_keeps_rows_and_cursors_of_both_zones(home: Path) -> None:
    for _ in range(3):
        land_in_turns()
    rows = landed_rows(SOURCE, PAY, "record_id, payload, is_deleted, sequence, _dlt_load_id")
    done = {(one.stream, one.before > one.after) for one in compact(SOURCE, [STAFF, PAY])}
    assert ("pay", True) in done
    assert landed_rows(SOURCE, PAY, "record_id, payload, is_deleted, sequence, _dlt_load_id") == rows
    with Landing(SOURCE, [STAFF, PAY]) as landing:
        assert (landing.through("staff"), landing.through("pay")) == ("s2", "p2")


@over("files")
def test_what_landed_there_is_proven_against_the_restricted_database(home: Path) -> None:
    land_in_turns()
    warehouse, people = files(home / "warehouse.duckdb")
    for file in (warehouse, people):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema staging; create table staging.built_loads (model text, load_id text)")
    landed = landed_rows(SOURCE, PAY, "record_id, _dlt_load_id, sequence, is_deleted")
    newest = {record_id: row for record_id, *row in sorted(landed, key=lambda row: row[1:3])}
    with duckdb.connect(str(people)) as connection:
        connection.execute(
            "create table staging.base_hr__pay "
            "(record_id text, load_id text, sequence bigint, is_deleted boolean, quarantine_reason text)"
        )
        for record_id in ("p1", "p0"):
            row = [record_id, *newest[record_id]]
            connection.execute("insert into staging.base_hr__pay values (?, ?, ?, ?, null)", row)
    short = landed_is_staged(warehouse, SOURCE, [PAY], {"pay": "9"})[0]
    assert (short.ties, short.landed, short.served, short.missing) == (False, 2, 1, ("p2",))
    with duckdb.connect(str(people)) as connection:
        connection.execute("insert into staging.base_hr__pay values ('p2', ?, ?, ?, 'date: no date')", newest["p2"])
    assert landed_is_staged(warehouse, SOURCE, [PAY], {"pay": "9"})[0].ties


def test_a_warehouse_is_discarded_with_what_is_restricted(tmp_path: Path) -> None:
    (tmp_path / PEOPLE).parent.mkdir()
    names = ["warehouse.duckdb", "warehouse.duckdb.wal", PEOPLE, f"{PEOPLE}.wal"]
    for name in names:
        (tmp_path / name).touch()
    discard(tmp_path / "warehouse.duckdb")
    assert not any((tmp_path / name).exists() for name in names)
