"""Landing: what lands, when it counts, and what a killed, repeated or forbidden load leaves behind."""

import errno
import json
import re
import resource
import shutil
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dlt.common.configuration.providers.environ import EnvironProvider

from ingestion import landing as landings
from ingestion.errors import LeaseError, SourceError
from ingestion.landing import Batch, Landing, Record, source_lock
from ingestion.manifests import ENVELOPE, Stream, Zone, read_manifest
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.file_packages import written_by

ISSUES = Stream("issues", "", "id")
TIMESTAMP = datetime(2026, 10, 15, 6, tzinfo=UTC)


def record(key: str, payload: str | None = "{}", cursor: str | None = None) -> Record:
    return Record(key, payload, TIMESTAMP, cursor=cursor, is_deleted=payload is None)


@over("dlt", "files")
def test_a_record_lands_with_its_own_text_and_the_columns_of_the_contract(home: Path) -> None:
    text = '{"id":"1","amount":1.10,"big":9223372036854775808,"ü":"\\u0000"}'
    with Landing("jira", [ISSUES]) as landing:
        load = landing.land("issues", [record("1", text, cursor="2026-10-01T10:00:00.000+0200")])
    assert landed_rows("jira", "issues", "record_id, cursor, payload, extracted_at, sequence, _dlt_load_id") == [
        ("1", "2026-10-01T10:00:00.000+0200", text, TIMESTAMP, 0, load.load_id)
    ]
    manifest = read_manifest(Zone(), "jira", "issues")
    assert manifest is not None
    for file in manifest.files:
        assert pq.read_schema(Zone().path(file.path)).equals(ENVELOPE)


@over("dlt", "files")
def test_what_did_not_change_does_not_land_again(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1", "a"), record("2", "b")], through="c1")
    with Landing("jira", [ISSUES]) as landing:
        again = landing.land("issues", [record("1", "a"), record("2", "b")], through="c1")
        changed = landing.land("issues", [record("1", "a"), record("2", "B"), record("3", "c")], through="c2")
    assert (again.landed, again.load_id) == (0, None)
    assert (changed.seen, changed.landed) == (3, 2)
    assert [row[:2] for row in landed_rows("jira", "issues")] == [("1", "a"), ("2", "b"), ("2", "B"), ("3", "c")]


@over("dlt", "files")
def test_a_page_that_comes_twice_lands_once_and_the_later_version_counts(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1", "old"), record("2", "x"), record("1", "new")])
        assert landing.payloads("issues", ["1", "2", "9"]) == {"1": "new", "2": "x"}
    assert len(landed_rows("jira", "issues")) == 2


def test_a_tombstone_lands_once_and_only_for_a_record_that_is_alive(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        assert landing.land("issues", [record("7", None)]).landed == 0
        landing.land("issues", [record("1"), record("2")])
        assert landing.land("issues", [record("1", None), record("7", None)]).deleted == 1
        assert landing.land("issues", [record("1", None)]).landed == 0
        assert landing.alive("issues") == {"2"}
        assert landing.land("issues", [record("1")]).landed == 1, (
            "a record that comes back lands although its text is old"
        )
        assert landing.alive("issues") == {"1", "2"}


@over("dlt", "files")
def test_a_snapshot_marks_what_is_missing_as_deleted(home: Path) -> None:
    with Landing("jira", [Stream("users", "", "accountId")]) as landing:
        landing.land_snapshot("users", [record(str(n)) for n in range(40)])
        load = landing.land_snapshot("users", [record(str(n)) for n in range(1, 40)])
        assert (load.landed, load.deleted) == (1, 1)
        assert "0" not in landing.alive("users")


def test_a_snapshot_that_loses_too_much_is_refused_and_lands_nothing(home: Path) -> None:
    with Landing("jira", [Stream("users", "", "accountId")]) as landing:
        landing.land_snapshot("users", [record(str(n)) for n in range(40)])
        before = landed_rows("jira", "users")
        with pytest.raises(SourceError, match=r"jira\.users: 40 of 40 records would be marked deleted"):
            landing.land_snapshot("users", [])
    assert landed_rows("jira", "users") == before


@over("dlt", "files")
def test_rows_and_cursor_count_together_or_not_at_all(home: Path) -> None:
    """The window in which dlt's own state would lie: everything is written but the marker."""
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")], through="c1")
        killed = landing.land("issues", [record("2")], through="c2")
    (home / f"landing/jira/_dlt_loads/jira__{killed.load_id}.jsonl").unlink()
    shutil.rmtree(home / "landing/jira/_manifests")
    with Landing("jira", [ISSUES]) as landing:
        assert landing.through("issues") == "c1"
        assert landing.alive("issues") == {"1"}
        landing.land("issues", [record("2")], through="c2")
        assert landing.through("issues") == "c2"
    assert [row[0] for row in landed_rows("jira", "issues")] == ["1", "2"]


@over("dlt", "files")
def test_streams_that_land_together_are_one_package_and_count_together(home: Path) -> None:
    streams = [ISSUES, Stream("users", "", "id"), Stream("teams", "", "id")]
    with Landing("jira", streams) as landing:
        first = landing.land_together([Batch("issues", [record("1")], "c1"), Batch("users", [record("u1")])])
        again = landing.land_together([Batch("issues", [record("1")], "c1"), Batch("users", [record("u1")])])
        landed = landing.land_together(
            [Batch("issues", [record("2")]), Batch("users", [record("u1")], "c2"), Batch("teams", [])]
        )
        assert [landing.through(name) for name in ("issues", "users")] == ["c1", "c2"]
    assert [(one.stream, one.seen, one.landed) for one in first] == [("issues", 1, 1), ("users", 1, 1)]
    assert len({one.load_id for one in first} - {None}) == 1
    assert [one.load_id for one in again] == [None, None]
    assert [one.landed for one in landed] == [1, 0, 0]
    assert [one.load_id is None for one in landed] == [False, False, True]
    markers = sorted(path.name for path in (home / "landing/jira/_dlt_loads").glob("*.jsonl"))
    assert markers == sorted(f"jira__{one.load_id}.jsonl" for one in (first[0], landed[0]))
    (home / "landing/jira/_dlt_loads" / markers[1]).unlink()
    shutil.rmtree(home / "landing/jira/_manifests")
    with Landing("jira", streams) as landing:
        assert [landing.through(name) for name in ("issues", "users")] == ["c1", None]
        assert landing.alive("issues") == {"1"}


@over("dlt", "files")
def test_of_streams_that_land_together_none_counts_when_one_can_not_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landings, "_stamped", failing(landings._stamped, on="u2"))
    with Landing("jira", [ISSUES, Stream("users", "", "id")]) as landing:
        landing.land("issues", [record("1")], through="c1")
        with pytest.raises(SourceError, match=r"jira\.load: could not write to the landing zone: No space left"):
            landing.land_together([Batch("issues", [record("2")], "c2"), Batch("users", [record("u2")])])
        assert (landing.through("issues"), landing.alive("issues"), landing.alive("users")) == ("c1", {"1"}, set())
        assert landing.land("issues", [record("2")], through="c2").landed == 1


def failing(stamped: Callable[..., pa.Table], on: str) -> Callable[..., pa.Table]:
    """The same, but the disk is full where a batch holds this record."""

    def stamp(batch: pa.Table, load_id: str) -> pa.Table:
        if on in batch["record_id"].to_pylist():
            raise OSError(errno.ENOSPC, "full")
        return stamped(batch, load_id)

    return stamp


def test_dlt_asks_each_place_of_settings_once_a_landing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    find = EnvironProvider.get_value

    def counted(self: EnvironProvider, key: str, hint: Any, pipeline_name: str, *sections: str) -> Any:
        asked[self.get_key_name(key, pipeline_name, *sections)] += 1
        return find(self, key, hint, pipeline_name, *sections)

    monkeypatch.setattr(EnvironProvider, "get_value", counted)
    with Landing("jira", [ISSUES]) as landing:
        for number in range(3):
            landing.land("issues", [record(str(number))], through=str(number))
        assert len(asked) > 50
        assert set(asked.values()) == {1}
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("3")])
    assert max(asked.values()) == 2, "another landing sees settings as they are then"


@over("dlt", "files")
def test_a_half_written_file_of_a_killed_load_is_never_read(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")])
    (home / "landing/jira/issues/1700000000.5.abc.parquet").write_bytes(b"PAR1 half a file")
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("2")])
    assert [row[0] for row in landed_rows("jira", "issues")] == ["1", "2"]


@over("dlt", "files")
def test_files_and_markers_are_named_by_loads_whose_ids_rise_as_text(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        loads = [landing.land("issues", [record(str(n))], through=str(n)).load_id or "" for n in range(4)]
    assert loads == sorted(set(loads))
    folder = home / "landing/jira"
    for stream in ("issues", "cursors"):
        names = sorted(path.name for path in (folder / stream).iterdir() if path.name != "empty.parquet")
        assert [re.sub(r"\.[0-9a-f]{10}\.parquet$", "", name) for name in names] == loads
    assert sorted(path.name for path in (folder / "_dlt_loads").iterdir() if path.name != ".version") == [
        f"jira__{load_id}.jsonl" for load_id in loads
    ]


def test_loads_of_dlt_and_of_its_stand_in_go_on_from_each_other(home: Path) -> None:
    for number, writer in enumerate(("files", "dlt", "files", "dlt")):
        with written_by(writer), Landing("jira", [ISSUES]) as landing:
            assert landing.through("issues") == (str(number - 1) if number else None)
            assert landing.land("issues", [record("1"), record(f"new {number}")], through=str(number)).landed == (
                1 if number else 2
            )
    assert len(landed_rows("jira", "issues")) == 5


@over("dlt", "files")
def test_a_load_that_completed_before_its_manifest_was_written_is_adopted(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")])
        manifest = (home / "landing/jira/_manifests/issues.json").read_bytes()
        landing.land("issues", [record("2")])
    (home / "landing/jira/_manifests/issues.json").write_bytes(manifest)
    with Landing("jira", [ISSUES]) as landing:
        assert landing.land("issues", [record("1"), record("2")]).landed == 0


@over("dlt", "files")
def test_a_home_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / 'Ann\'s "home"'))
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")], through="c1")
        assert landing.land("issues", [record("1"), record("2")]).landed == 1
        assert landing.alive("issues") == {"1", "2"}


@over("dlt", "files")
def test_a_lost_working_folder_loses_nothing(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")], through="c1")
    shutil.rmtree(home / "dlt")
    with Landing("jira", [ISSUES]) as landing:
        assert landing.through("issues") == "c1"
        assert landing.land("issues", [record("1")], through="c1").landed == 0
        assert landing.land("issues", [record("2")], through="c2").landed == 1


@over("dlt", "files")
def test_a_folder_without_dlts_mark_does_not_block_the_source(home: Path) -> None:
    (home / "landing/jira").mkdir(parents=True)
    with Landing("jira", [ISSUES]) as landing:
        assert landing.land("issues", [record("1")]).landed == 1


@over("dlt", "files")
def test_a_clock_that_went_back_is_refused_before_anything_lands(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")])
    path = home / "landing/jira/_manifests/issues.json"
    manifest = json.loads(path.read_text())
    manifest["load_ids"].append("9999999999.5")
    path.write_text(json.dumps(manifest))
    with (
        Landing("jira", [ISSUES]) as landing,
        pytest.raises(SourceError, match="the clock of this machine went back"),
    ):
        landing.land("issues", [record("2")])
    assert [row[0] for row in landed_rows("jira", "issues")] == ["1"]


def test_a_second_process_on_the_same_source_is_refused(home: Path) -> None:
    with (
        Landing("jira", [ISSUES]),
        pytest.raises(LeaseError, match="another process is landing"),
        source_lock("jira"),
    ):
        pass
    with source_lock("jira"):
        pass


def test_a_stream_that_never_landed_reads_as_empty(home: Path) -> None:
    with Landing("jira", [ISSUES]):
        assert landed_rows("jira", "issues") == []


def test_records_that_share_a_cursor_cost_no_state(home: Path) -> None:
    """100,000 equal timestamps at a page edge: dlt would keep 1.7 MB of hashes; the cursor row has a few bytes."""
    records = [record(str(n), "{}", cursor="2026-10-01T10:00:00.000+0000") for n in range(100_000)]
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", records, through="2026-10-01T10:00:00Z")
        assert landing.land("issues", records, through="2026-10-01T10:00:00Z").landed == 0
    beside = [f for f in (home / "landing/jira").rglob("*") if f.is_file() and f.parent.name != "issues"]
    assert sum(file.stat().st_size for file in beside) < 100_000


@over("dlt", "files")
def test_everything_is_for_the_owner_alone(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")])
    for path in home.rglob("*"):
        allowed = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) & ~allowed == 0, path


@over("dlt", "files")
def test_no_copy_of_a_payload_stays_in_the_working_folder(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1", '"a-very-special-payload"')])
    assert not list((home / "dlt").rglob("*.parquet"))


def test_a_full_disk_is_named_and_costs_nothing_that_landed(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1")])
    script = """
import random, signal, sys, resource
from datetime import UTC, datetime
from ingestion.landing import Landing, Record
from ingestion.manifests import Stream

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
text = random.Random(1).randbytes(1_000_000).hex()
with Landing("jira", [Stream("issues", "", "id")]) as landing:
    landing.land("issues", [Record("2", text, datetime.now(UTC))])
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    failed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "SourceError: jira.issues: could not write to the landing zone: File too large" in failed.stderr
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("2")])
    assert [row[0] for row in landed_rows("jira", "issues")] == ["1", "2"]


@over("dlt", "files")
def test_an_object_store_url_serves_as_landing_zone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODOPS_LANDING", f"memory://{home.parent.name}/landing")
    with Landing("jira", [ISSUES]) as landing:
        landing.land("issues", [record("1", "a"), record("2", "b")], through="c1")
        assert landing.land("issues", [record("1", "a"), record("2", "B")], through="c2").landed == 1
    with Landing("jira", [ISSUES]) as landing:
        assert landing.through("issues") == "c2"
        assert landing.alive("issues") == {"1", "2"}
    assert [row[:2] for row in landed_rows("jira", "issues")] == [("1", "a"), ("2", "b"), ("2", "B")]
    assert not (home / "landing").exists()
