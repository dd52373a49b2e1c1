"""Publishing: what a snapshot holds, that the gate holds, that a kill or a reader in between sees old or new."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from quality.reconciliation import CopyCount
from serving import publish as publishing
from serving.clocks import Clock
from serving.comments import Column, MartInfo
from serving.failures import Check
from serving.publish import Edition, PublishError, confirm, mark_stale, publish
from serving.published import current, status

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
GREEN = Check("unique_mart_things_thing_id", "marts/mart_things", True)


def make_warehouse(path: Path, version: int, rows: int = 50) -> Path:
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute("create schema if not exists marts; create schema if not exists staging")
        warehouse.execute("create or replace table staging.secret as select 'staging-canary' as word")
        warehouse.execute(
            "create or replace table marts.mart_things as select i as thing_id, 'P' || (i % 2) as portfolio_id, "
            f"{version} as version, timestamp '2026-10-15 05:00:00' as data_as_of from range({rows}) as r(i)"
        )
        warehouse.execute(f"create or replace table marts.dim_thing as select 1 as thing_id, {version} as version")
    return path


INFO = MartInfo(
    ("thing_id",),
    ("version",),
    "One row per thing,\n  the customer's or not",
    {
        "thing_id": Column("Its id.", "bigint"),
        "version": Column("How often it changed", "bigint", "semi-additive"),
    },
    about="Owner: Data team.",
)
COMMENTS = [
    ("data_as_of", None),
    ("portfolio_id", None),
    ("thing_id", "Its id."),
    ("version", "How often it changed."),
]


def edition(*checks: Check) -> Edition:
    return Edition(NOW, "0.1.0+abc", checks or (GREEN,), {"base": {"newest": "1.0"}}, {"mart_things": INFO})


def test_a_snapshot_holds_the_marts_and_nothing_else(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    made = publish(tmp_path, warehouse, edition())
    served = current(tmp_path)
    assert served is not None
    assert served.snapshot_id == made.snapshot_id
    with served.connect() as marts:
        tables = marts.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        assert tables == [("main", "dim_thing"), ("main", "failures"), ("main", "mart_things"), ("main", "snapshot")]
        assert marts.execute("select count(*), sum(version) from marts.mart_things").fetchone() == (50, 50)
    parquet = served.folder / "parquet" / "mart_things" / "mart_things.parquet"
    assert duckdb.sql(f"select count(*) from '{parquet}'").fetchone() == (50,)
    with duckdb.connect(str(served.folder / "audiences" / "P1.duckdb"), read_only=True) as audience:
        rows = audience.execute("select thing_id, portfolio_id from mart_things").fetchall()
        assert rows == [(thing, "P1") for thing in range(1, 50, 2)]
        assert audience.execute("from dim_thing").fetchall() == [(1, 1)], "what its marts are joined to"
    assert served.manifest["marts"]["mart_things"]["data_as_of"] == "2026-10-15 05:00:00"
    assert served.manifest["marts"]["mart_things"]["key"] == ["thing_id"]
    for file in (path for path in served.folder.rglob("*") if path.is_file()):
        assert b"staging-canary" not in file.read_bytes(), file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def comments(file: Path) -> tuple[str | None, list[tuple[str, str | None]]]:
    """Of mart_things and its columns."""
    with duckdb.connect(str(file), read_only=True) as marts:
        on_table = marts.execute("select comment from duckdb_tables() where table_name = 'mart_things'").fetchall()
        on_columns = "select column_name, comment from duckdb_columns() where table_name = 'mart_things' order by 1"
        return on_table[0][0], marts.execute(on_columns).fetchall()


def test_whoever_opens_a_file_reads_what_its_tables_and_columns_mean(tmp_path: Path) -> None:
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), edition())
    for file in (made.marts_file, made.folder / "audiences" / "P0.duckdb", made.folder / "audiences" / "P1.duckdb"):
        assert comments(file) == ("One row per thing, the customer's or not. Owner: Data team.", COMMENTS)
    parquet = made.folder / "parquet" / "mart_things" / "mart_things.parquet"
    schema = pq.read_schema(parquet)
    said = [(name, schema.field(name).metadata[b"comment"].decode() or None) for name, _ in COMMENTS]
    assert said == COMMENTS
    assert schema.metadata[b"comment"] == b"One row per thing, the customer's or not. Owner: Data team."
    # DuckDB and polars show the metadata of the file, and none of a column.
    of_file = dict(
        duckdb.execute("select decode(key), decode(value) from parquet_kv_metadata(?)", [str(parquet)]).fetchall()
    )
    assert json.loads(of_file["column_comments"]) == {name: text for name, text in COMMENTS if text}


def test_made_up_figures_are_called_so_wherever_they_are_read(tmp_path: Path) -> None:
    """A failure here lets somebody take the made-up company's revenue for their own."""
    wanted = replace(edition(), company="sandbox-7", is_made_up=True)
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), wanted)
    assert (made.manifest["company"], made.manifest["is_made_up"]) == ("sandbox-7", True)
    words = "Made-up figures: sandbox-7 is no real company. One row per thing, the customer's or not. Owner: Data team."
    for file in (made.marts_file, made.folder / "audiences" / "P0.duckdb"):
        assert comments(file) == (words, COMMENTS)
        with duckdb.connect(str(file), read_only=True) as marts:
            undescribed = marts.execute("select comment from duckdb_tables() where table_name = 'dim_thing'").fetchall()
        assert undescribed == [("Made-up figures: sandbox-7 is no real company.",)]
    parquet = made.folder / "parquet" / "mart_things" / "mart_things.parquet"
    assert pq.read_schema(parquet).metadata[b"comment"].decode() == words


@pytest.mark.parametrize("form", ["marts.duckdb", "parquet"])
def test_a_copy_that_differs_is_never_swapped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    good = publish(tmp_path, warehouse, edition())
    compare = publishing.published_is_warehouse

    def spoiled(held: Path, building: Path, marts: list[str], *how: Any) -> list[CopyCount]:
        if form == "parquet":
            duckdb.sql("select 1 as thing_id, 9 as version").write_parquet(
                f"{building}/parquet/dim_thing/dim_thing.parquet"
            )
        else:
            with duckdb.connect(str(building / form)) as copy:
                copy.execute("update dim_thing set version = 9")
        return compare(held, building, marts, *how)

    monkeypatch.setattr(publishing, "published_is_warehouse", spoiled)
    with pytest.raises(PublishError, match=f"2 rows of dim_thing in {form} differ from the warehouse"):
        publish(tmp_path, warehouse, edition())
    served = current(tmp_path)
    assert served is not None
    assert served.snapshot_id == good.snapshot_id


def test_a_snapshot_keeps_the_comparison_that_let_it_out(tmp_path: Path) -> None:
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), edition())
    assert made.manifest["copies"] == [
        {"mart": mart, "where": form, "rows": rows, "differing": 0}
        for mart, rows in (("dim_thing", 1), ("mart_things", 50))
        for form in ("marts.duckdb", "parquet")
    ]


def test_older_readers_can_open_what_is_published(tmp_path: Path) -> None:
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), edition())
    # Bytes 12-19 of a DuckDB file are its storage format; 64 is what every reader since 1.0 opens.
    assert int.from_bytes(made.marts_file.read_bytes()[12:20], "little") == 64


@pytest.mark.parametrize(
    "checks",
    [
        pytest.param((GREEN, Check("sum_ties", "marts/mart_things", False, "is red")), id="one red"),
        pytest.param((GREEN, Check("sum_ties", "marts/mart_things", False, "never ran")), id="one missing"),
    ],
)
def test_a_red_check_leaves_the_last_good_snapshot_served(tmp_path: Path, checks: tuple[Check, ...]) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    good = publish(tmp_path, warehouse, edition())
    make_warehouse(warehouse, 2)
    with pytest.raises(PublishError, match=r"sum_ties on marts/mart_things (is red|never ran)"):
        publish(tmp_path, warehouse, edition(*checks))
    mark_stale(tmp_path, "sum_ties is red", NOW)
    served = current(tmp_path)
    assert served is not None
    assert served.snapshot_id == good.snapshot_id
    assert status(tmp_path).is_stale
    assert status(tmp_path).reason == "sum_ties is red"
    publish(tmp_path, warehouse, edition())
    assert not status(tmp_path).is_stale


def versions(folder: Path) -> dict[str, int]:
    """By mart the version of its rows that is served."""
    served = current(folder)
    assert served is not None
    with served.connect() as marts:
        names = [name for (name,) in marts.execute("select table_name from snapshot").fetchall()]
        return {name: marts.execute(f"select min(version) from {name}").fetchall()[0][0] for name in names}


RED = Check("sum_ties", "marts/mart_things", False, "is red", ("mart_things",), is_cause=True)


def test_a_mart_that_is_held_back_keeps_its_rows_and_the_others_move(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    first = publish(tmp_path, warehouse, edition())
    make_warehouse(warehouse, 2)
    late = Check("built", "marts/mart_things", False, "is due to be built", ("mart_things",))
    renamed = {"mart_things": replace(INFO, description="One row per thing under another name.")}
    second = publish(tmp_path, warehouse, replace(edition(GREEN, late, RED), marts=renamed))
    assert comments(second.marts_file)[0] == "One row per thing, the customer's or not. Owner: Data team.", (
        "those of its rows"
    )
    assert versions(tmp_path) == {"dim_thing": 2, "mart_things": 1}
    reason = "sum_ties on marts/mart_things is red"
    held = {"since": NOW.isoformat(), "rows_of": first.snapshot_id, "because": reason}
    assert second.held == {"mart_things": held}
    assert second.moved == ["dim_thing"]
    parquet = {
        one["sha256"] for one in (first.manifest["marts"]["mart_things"], second.manifest["marts"]["mart_things"])
    }
    assert len(parquet) == 1, "the same rows make the same bytes"
    assert len(list((second.folder / "audiences").iterdir())) == 2
    assert status(tmp_path).is_stale
    assert status(tmp_path).reason == f"{reason} (holds back mart_things)"
    assert confirm(tmp_path, warehouse, edition(GREEN, late, RED)) == current(tmp_path), "nothing else to publish"
    assert confirm(tmp_path, warehouse, edition()) is None, "the mart may move again"
    make_warehouse(warehouse, 3)
    third = publish(tmp_path, warehouse, replace(edition(GREEN, RED), at=NOW + timedelta(days=1)))
    assert third.held == {"mart_things": held}, "since when, and whose rows, stay as they were"
    assert versions(tmp_path) == {"dim_thing": 3, "mart_things": 1}
    publish(tmp_path, warehouse, edition())
    assert versions(tmp_path) == {"dim_thing": 3, "mart_things": 3}
    assert not status(tmp_path).is_stale


def test_a_table_is_as_of_its_oldest_source_and_one_that_is_held_back_as_of_when_its_rows_were_new(
    tmp_path: Path,
) -> None:
    """Of the sources behind a mart one is oldest, another one due first. A mart that is held back while all sources go
    on would look new with a clock that is not its rows'."""

    def day(number: int) -> datetime:
        return datetime(2026, 10, number)

    def on(number: int, *checks: Check) -> Edition:
        known = {
            "rates": Clock(day(number), day(number + 1), expected_by=day(number + 6)),
            "books": Clock(day(number + 1), day(number + 2), day(number + 5), date(2026, 9, 30), "FY27-P06"),
            "off": Clock(),
        }
        marts = {
            "mart_things": replace(INFO, sources=("books", "off", "rates")),
            "dim_thing": MartInfo(sources=("books",)),
        }
        return replace(edition(*checks or (GREEN,)), marts=marts, clocks=known)

    def served() -> dict[str, tuple[Any, ...]]:
        snapshot = current(tmp_path)
        assert snapshot is not None
        with duckdb.connect(str(snapshot.folder / "audiences" / "P1.duckdb"), read_only=True) as marts:
            return {row[0]: row[1:] for row in marts.execute("from snapshot").fetchall()}

    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    first = publish(tmp_path, warehouse, on(10)).snapshot_id
    things = (first, day(10), "rates", day(15), "books", day(11), "FY27-P06")
    assert served() == {
        "mart_things": things,
        "dim_thing": (first, day(11), "books", day(15), "books", day(12), "FY27-P06"),
    }
    assert (status(tmp_path).as_of, status(tmp_path).expected_by) == ("2026-10-10T00:00:00", "2026-10-15T00:00:00")
    make_warehouse(warehouse, 2)
    second = publish(tmp_path, warehouse, on(20, GREEN, RED)).snapshot_id
    assert served() == {
        "mart_things": things,
        "dim_thing": (second, day(21), "books", day(25), "books", day(22), "FY27-P06"),
    }
    assert status(tmp_path).as_of == "2026-10-10T00:00:00", "that of the oldest that is served"


def test_what_was_never_published_and_is_held_back_is_not_there_but_named(tmp_path: Path) -> None:
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), edition(GREEN, RED))
    assert versions(tmp_path) == {"dim_thing": 1}
    assert made.held["mart_things"]["rows_of"] is None
    assert status(tmp_path).is_stale


def test_a_mart_that_was_never_built_is_held_back_under_its_name(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    with duckdb.connect(str(warehouse)) as built:
        built.execute("drop table marts.mart_things")
    problem = Check("built", "marts/mart_things", False, "failed: no rate for JPY", ("mart_things",), is_cause=True)
    made = publish(tmp_path, warehouse, edition(GREEN, problem))
    assert made.held["mart_things"]["because"] == "built on marts/mart_things failed: no rate for JPY"


def test_where_every_mart_is_held_back_the_last_good_snapshot_stays(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    good = publish(tmp_path, warehouse, edition())
    with pytest.raises(PublishError, match=r"is red \(holds back mart_things\)"):
        publish(tmp_path, warehouse, edition(RED, replace(RED, on="marts/dim_thing", holds=("dim_thing",))))
    served = current(tmp_path)
    assert served is not None
    assert served.snapshot_id == good.snapshot_id


def test_without_any_check_nothing_is_published(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    with pytest.raises(PublishError, match="nothing was checked"):
        publish(tmp_path, warehouse, Edition(NOW, "0.1.0", ()))
    assert current(tmp_path) is None


def test_nothing_to_mark_before_the_first_publish(tmp_path: Path) -> None:
    mark_stale(tmp_path, "the first run failed", NOW)
    assert status(tmp_path).snapshot_id is None
    assert not status(tmp_path).is_stale


def test_the_same_rows_make_the_same_bytes_and_five_snapshots_stay(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    made = [publish(tmp_path, warehouse, edition()) for _ in range(7)]
    kept = sorted(path.name for path in (tmp_path / "published" / "snapshots").iterdir())
    assert kept == [snapshot.snapshot_id for snapshot in made[2:]]
    assert len({snapshot.manifest["marts"]["mart_things"]["sha256"] for snapshot in made}) == 1


PUBLISH_IN_A_PROCESS = """
import sys
from pathlib import Path
from tests.serving.test_publish import edition
from serving.publish import publish
publish(Path(sys.argv[1]), Path(sys.argv[2]), edition())
"""


def test_killed_between_any_two_file_operations_the_old_or_the_new_one_is_served(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    publish(tmp_path, make_warehouse(warehouse, 0), edition())
    make_warehouse(warehouse, 1)
    outcomes = []
    for count in range(1, 40):
        before = current(tmp_path)
        command = [sys.executable, "-c", PUBLISH_IN_A_PROCESS, str(tmp_path), str(warehouse)]
        ended = subprocess.run(command, env={**os.environ, "PRODOPS_KILL": f"publish:{count}"}, check=False)
        served = current(tmp_path)
        assert before is not None
        assert served is not None
        with served.connect() as marts:
            versions = marts.execute("select distinct version from marts.mart_things").fetchall()
        recorded = json.loads((served.folder / "manifest.json").read_text())["snapshot_id"]
        assert recorded == served.folder.name
        assert versions in ([(0,)], [(1,)])
        outcomes.append((ended.returncode, served.snapshot_id != before.snapshot_id))
        if ended.returncode == 0:
            break
    assert [code for code, _ in outcomes[:-1]] == [137] * (len(outcomes) - 1)
    assert outcomes[-1] == (0, True)
    assert {moved for code, moved in outcomes if code == 137} == {False, True}, "kills before and after the swap"
    left = [path.name for path in (tmp_path / "published" / "snapshots").iterdir() if path.name.startswith(".")]
    assert left == []
    assert not status(tmp_path).is_stale
