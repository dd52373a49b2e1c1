"""A disk that is full, for real: small file systems, which only root can mount. Whole runs are in `make torture`."""

import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion import disk
from ingestion.errors import DiskFullError
from ingestion.landing import Batch, Landing, Record
from ingestion.manifests import Stream
from serving.publish import mark_stale, publish
from serving.published import current, status
from tests.orchestration.conftest import prodops
from tests.runbook import drill
from tests.serving.test_publish import edition, make_warehouse
from tests.small_disk import Disk, mounted

AT = datetime(2026, 10, 15, 6, tzinfo=UTC)
STREAMS = [Stream(name, "", "id") for name in ("a", "b")]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Disk]:
    """A disk of 6 MB at the folder of a home that the test names."""
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    try:
        with mounted(tmp_path / request.param, 6000) as disk:
            yield disk
    except (subprocess.CalledProcessError, FileNotFoundError) as refused:
        pytest.skip(f"no file system can be mounted here: {refused}")


def land(source: str) -> None:
    """Two streams in one package, and then one of them alone: dlt keeps a schema for each."""
    with disk.named(), Landing(source, STREAMS) as landing:
        landing.land_together([Batch(name, [Record(name, "{}" * 500, AT)], "1") for name in ("a", "b")])
        landing.land("a", [Record("alone", "{}", AT)])


@pytest.mark.parametrize("small", ["landing"], indirect=True)
def test_whatever_a_full_disk_cut_off_the_next_load_lands_all(small: Disk) -> None:
    """A failure here is a source that fails at each load from then on: dlt reads back a schema that is half there."""
    for kilobytes in (0, 28, 32, 40):
        source = f"src{kilobytes}"
        small.leave(kilobytes)
        with pytest.raises(DiskFullError, match=f"{small.folder} has 0 of 5 MB free"):
            land(source)
        small.make_room()
        land(source)
        with Landing(source, STREAMS) as landing:
            assert (landing.alive("a"), landing.alive("b")) == ({"a", "alone"}, {"b"})


@pytest.mark.parametrize("small", ["landing"], indirect=True)
def test_a_person_reads_one_line_and_the_same_command_goes_on_from_there(small: Disk, tmp_path: Path) -> None:
    small.leave(0)
    reported = prodops(tmp_path, "load", "fx")
    drill("DiskFullError", reported.exit_code, reported.stderr)
    assert len(reported.stderr.splitlines()) == 1
    small.make_room()
    assert "is not built yet" in prodops(tmp_path, "mapping").stderr


@pytest.mark.parametrize("small", ["published"], indirect=True)
def test_a_snapshot_that_does_not_fit_leaves_the_last_one_and_room_for_its_mark(small: Disk, tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    first = publish(tmp_path, warehouse, edition())
    make_warehouse(warehouse, 2)
    for kilobytes in (0, 60, 300, 900):
        small.leave(kilobytes)
        with pytest.raises(DiskFullError, match="published has"), disk.named():
            publish(tmp_path, warehouse, edition())
        small.make_room()
        small.leave(20)
        mark_stale(tmp_path, "the disk is full", AT)
        small.make_room()
        assert current(tmp_path) == first
        assert status(tmp_path).reason == "the disk is full"
        assert [path.name for path in (tmp_path / "published/snapshots").iterdir()] == [first.folder.name]
    made = publish(tmp_path, warehouse, edition())
    with made.connect() as marts:
        assert marts.execute("select distinct version from mart_things").fetchall() == [(2,)]
    assert not status(tmp_path).is_stale


@pytest.mark.parametrize("small", ["dagster"], indirect=True)
def test_what_sqlite_says_of_a_broken_disk_means_a_full_one_where_there_is_no_room(small: Disk) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert disk.full_disk(error) is None
    small.leave(0)
    assert f"{small.folder} has 0 of 5 MB free" in str(disk.full_disk(error))
