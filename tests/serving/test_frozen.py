"""What a pack freezes: its snapshot stays, and its inputs and models lie there once for all packs.

A failure here means that a pack in somebody's hands can't be verified any more.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from serving import frozen
from serving.failures import Check
from serving.frozen import FrozenError
from serving.publish import KEPT, Edition, publish
from serving.published import Snapshot, current
from tests.ingestion.file_packages import written_by

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
LEDGER = "create or replace table staging.built_loads as from (values ('base_jira__issues', $load)) v(model, load_id)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    os.environ["PRODOPS_HOME"] = str(tmp_path / "home")
    (tmp_path / "home" / "restricted" / "spill").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "models").mkdir(parents=True)
    (tmp_path / "project" / "models" / "mart_things.sql").write_text("select 1 as thing_id")
    return tmp_path / "project"


def published(home: Path, *, version: int = 1) -> Snapshot:
    """Lands an issue, builds and publishes what knows of it."""
    with written_by("files"), Landing("jira", SOURCES["jira"].streams) as landing:
        landed = landing.land("issues", [Record("1", str(version), NOW)])
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema if not exists marts; create schema if not exists staging")
        warehouse.execute(f"create or replace table marts.mart_things as select 1 as thing_id, {version} as version")
        if landed.load_id:
            warehouse.execute(LEDGER, {"load": landed.load_id})
    loads = frozen.built_loads(home / "warehouse.duckdb")
    return publish(home, home / "warehouse.duckdb", Edition(NOW, "1.0", [Check("a", "b", True)], loads))


def packed(home: Path, snapshot: Snapshot, audience: str = "company") -> Path:
    """What a pack leaves that names a snapshot."""
    folder = home / "board" / "FY26-Q2" / audience
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "board.json").write_text(json.dumps({"snapshot_id": snapshot.snapshot_id}))
    return folder / "board.json"


def kept(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "published" / "snapshots").iterdir())


def test_a_snapshot_that_a_pack_names_stays_until_no_pack_names_it(home: Path) -> None:
    first, second = published(home, version=1), published(home, version=2)
    sidecar = packed(home, first)
    packed(home, second, "commerce")
    for version in range(3, 3 + KEPT + 1):
        published(home, version=version)
    assert {first.snapshot_id, second.snapshot_id} < {*kept(home)}
    assert len(kept(home)) == KEPT + 2
    assert frozen.snapshot_of(home, "FY26-Q2", "company").snapshot_id == first.snapshot_id
    sidecar.unlink()
    published(home, version=20)
    assert first.snapshot_id not in kept(home)
    assert second.snapshot_id in kept(home)


def test_a_pack_that_can_not_be_read_may_name_any_snapshot(home: Path) -> None:
    first = published(home)
    sidecar = packed(home, first)
    sidecar.write_text("{")
    for version in range(2, 2 + KEPT):
        published(home, version=version)
    assert len(kept(home)) == KEPT + 1
    with pytest.raises(FrozenError, match=r"board\.json names no snapshot; make the pack again: prodops board"):
        frozen.snapshot_of(home, "FY26-Q2", "company")
    with pytest.raises(FrozenError, match="there is no pack of FY26-Q1 for company; there are FY26-Q2 for company"):
        frozen.snapshot_of(home, "FY26-Q1", "company")


def test_inputs_are_frozen_once_and_what_no_snapshot_needs_goes(home: Path, project: Path) -> None:
    first = published(home)
    of = frozen.freeze(home, first, "1.0", project)
    assert frozen.freeze(home, first, "another", project) == of == frozen.read(home, first.snapshot_id)
    assert of.streams["jira/issues"].rows == 1
    assert of.summary["streams"]["jira/issues"]["loads"] == 1
    copy = frozen.code_folder(home, of.code)
    assert (copy / "models" / "mart_things.sql").read_text() == "select 1 as thing_id"
    (project / "models" / "mart_things.sql").write_text("select 2 as thing_id")
    for version in range(2, 2 + KEPT):
        last = frozen.freeze(home, published(home, version=version), "1.0", project)
    assert not copy.exists()
    assert frozen.read(home, first.snapshot_id) is None
    assert frozen.code_folder(home, last.code).is_dir()
    assert len(list((home / "board" / "frozen").iterdir())) == KEPT


def test_what_a_mart_that_is_held_back_still_shows_stays_frozen(home: Path, project: Path) -> None:
    first = published(home)
    frozen.freeze(home, first, "1.0", project)
    red = [Check("a", "b", True), Check("c", "marts/mart_things", False, "is red", ("mart_things",))]
    for version in range(KEPT + 1):
        with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
            warehouse.execute(f"create or replace table marts.dim_thing as select {version} as thing_id")
        loads = frozen.built_loads(home / "warehouse.duckdb")
        held = publish(home, home / "warehouse.duckdb", Edition(NOW, "1.0", red, loads))
    frozen.freeze(home, held, "1.0", project)
    assert first.snapshot_id not in kept(home)
    assert held.held["mart_things"]["rows_of"] == first.snapshot_id
    assert frozen.read(home, first.snapshot_id) is not None


def test_only_what_made_the_snapshot_is_frozen(home: Path, project: Path) -> None:
    first = published(home)
    with pytest.raises(FrozenError, match=r"was made by code 1\.0 and not by 2\.0"):
        frozen.freeze(home, first, "2.0", project)
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("insert into staging.built_loads values ('base_jira__issues', '1900000000.0')")
    with pytest.raises(FrozenError, match="is not of the loads that the warehouse holds now"):
        frozen.freeze(home, first, "1.0", project)
    served = current(home)
    assert served is not None
    assert frozen.read(home, served.snapshot_id) is None
