"""Compaction: small files become one without losing a row, a load id or a reader, wherever it is killed."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from ingestion import writes
from ingestion.compaction import WORTH_IT, compact
from ingestion.landing import Landing, Record
from ingestion.manifests import Stream, Zone, completed_loads, read_manifest, recover
from tests.ingestion.conftest import landed_rows, over

ISSUES = Stream("issues", "", "id")

ALL = "record_id, payload, is_deleted, cursor, sequence, extracted_at, payload_hash, _dlt_load_id"
NOW = timedelta(0)


@pytest.fixture
def landed(home: Path) -> list[Any]:
    """Ten small loads, with a version and a tombstone among them."""
    timestamp = datetime(2026, 10, 15, tzinfo=UTC)
    with Landing("jira", [ISSUES]) as landing:
        for n in range(9):
            landing.land(
                "issues", [Record(str(n), f'{{"n":{n}}}', timestamp), Record("x", str(n), timestamp)], through=str(n)
            )
        landing.land("issues", [Record("x", None, timestamp, is_deleted=True)])
    return landed_rows("jira", "issues", ALL)


@over("dlt", "files")
def test_rows_and_load_ids_stay_and_files_become_one(home: Path, landed: list[Any]) -> None:
    loads = completed_loads(Zone(), "jira")
    issues = next(done for done in compact("jira", [ISSUES]) if done.stream == "issues")
    assert (issues.before, issues.after) == (11, 2)
    assert landed_rows("jira", "issues", ALL) == landed
    assert completed_loads(Zone(), "jira") == loads
    assert len(list((home / "landing/jira/_dlt_loads").iterdir())) == 1


@over("dlt", "files")
def test_loads_after_a_compaction_go_on_where_they_were(home: Path, landed: list[Any]) -> None:
    compact("jira", [ISSUES], grace=NOW)
    with Landing("jira", [ISSUES]) as landing:
        assert landing.through("issues") == "8"
        timestamp = datetime(2026, 10, 16, tzinfo=UTC)
        assert landing.land("issues", [Record("1", '{"n":1}', timestamp), Record("y", "1", timestamp)]).landed == 1
        assert "x" not in landing.alive("issues")
    assert landed_rows("jira", "issues", ALL)[:-1] == landed


@over("files")
def test_a_reader_with_the_old_manifest_keeps_its_files_for_the_grace(home: Path, landed: list[Any]) -> None:
    zone = Zone()
    old = read_manifest(zone, "jira", "issues")
    assert old is not None
    compact("jira", [ISSUES])
    assert all(Path(zone.path(file.path)).exists() for file in old.files)
    compact("jira", [ISSUES], grace=NOW)
    assert [Path(zone.path(file.path)).exists() for file in old.files] == [True] + [False] * 10
    assert landed_rows("jira", "issues", ALL) == landed


@over("files")
def test_a_lost_manifest_is_made_again_with_every_row_once(home: Path, landed: list[Any]) -> None:
    compact("jira", [ISSUES])
    shutil.rmtree(home / "landing/jira/_manifests")
    with Landing("jira", [ISSUES]) as landing:
        assert landing.through("issues") == "8"
    assert landed_rows("jira", "issues", ALL) == landed
    shutil.rmtree(home / "landing/jira/_manifests")
    recover({"jira": [ISSUES], "fx": [ISSUES]})
    assert landed_rows("jira", "issues", ALL) == landed, "without a load, as a rebuild of a restored home has none"
    assert not (home / "landing/fx").exists(), "nothing ever landed there"


@over("files")
def test_what_killed_loads_left_is_swept_after_the_grace(home: Path, landed: list[Any]) -> None:
    left = home / "landing/jira/issues/1700000000.5.abc.parquet"
    left.write_bytes(b"half")
    compact("jira", [ISSUES])
    assert not left.exists()
    assert landed_rows("jira", "issues", ALL) == landed


@over("files")
def test_few_files_are_left_alone(home: Path) -> None:
    with Landing("jira", [ISSUES]) as landing:
        for n in range(WORTH_IT - 1):
            landing.land("issues", [Record(str(n), "1", datetime.now(UTC))])
    assert all(done.before == done.after for done in compact("jira", [ISSUES]))


@over("files")
def test_a_kill_at_any_file_operation_loses_nothing(
    home: Path, landed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails the n-th operation that writes, for n = 1, 2, … until a compaction gets through; after each failure a
    reader sees the same rows and the next compaction finishes the work."""
    loads = completed_loads(Zone(), "jira")
    start = home.with_name("start")
    shutil.copytree(home, start)
    for n in range(1, 100):
        shutil.rmtree(home)
        shutil.copytree(start, home)
        with monkeypatch.context() as patched:
            left = _fail_at(n, patched)
            try:
                compact("jira", [ISSUES], grace=NOW)
            except KeyboardInterrupt:
                assert left() == 0
            else:
                break
        assert landed_rows("jira", "issues", ALL) == landed, f"after a kill at operation {n}"
        compact("jira", [ISSUES], grace=NOW)
        assert landed_rows("jira", "issues", ALL) == landed
        assert completed_loads(Zone(), "jira") == loads
        shutil.rmtree(home / "landing/jira/_manifests")
        with Landing("jira", [ISSUES]) as landing:
            assert landing.through("issues") == "8"
        assert landed_rows("jira", "issues", ALL) == landed
    assert 15 < n < 99, "the loop must have met every operation"


def _fail_at(n: int, patched: pytest.MonkeyPatch) -> Any:
    """Makes the n-th of the file system's writing operations end the process's work, as a kill would."""
    remaining = n

    def counted(call: Any) -> Any:
        def operation(*arguments: Any, **options: Any) -> Any:
            nonlocal remaining
            if "rb" not in arguments and options.get("mode") != "rb":
                remaining -= 1
                if remaining == 0:
                    raise KeyboardInterrupt
            return call(*arguments, **options)

        return operation

    for name in ("mv", "rm_file", "open"):
        patched.setattr(LocalFileSystem, name, counted(getattr(LocalFileSystem, name)))
    patched.setattr(writes.os, "replace", counted(writes.os.replace))
    return lambda: remaining
