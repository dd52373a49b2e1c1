"""Results that Python computes from a warehouse: what lands of them. What they say is in test_goal_results.py."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import ProdopsError
from ingestion.landing import Landed
from planning import results
from planning.results import ResultError, Row
from tests.ingestion.conftest import landed_rows
from tests.ingestion.file_packages import written_by
from tests.runbook import drill

STREAM, OTHER = "key_result_forecasts", "objective_forecasts"


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A warehouse with two models, the day on which files were read and what the results below say."""
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    (tmp_path / "restricted" / "spill").mkdir(parents=True)
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("create schema staging; create table staging.stg_files__read_days (read_date date)")
        made.execute("insert into staging.stg_files__read_days values ('2026-02-01')")
        made.execute("create table staging.said (id varchar, chance varchar)")
        made.execute("insert into staging.said values ('KR-1', '0.500000'), ('KR-2', '0.250000')")
    monkeypatch.setattr(results, "RESULTS", {STREAM: said, OTHER: broken})
    with written_by("files"):
        yield file


def said(built: duckdb.DuckDBPyConnection, today: date) -> Iterable[Row]:
    rows = built.execute("select id, chance from staging.said order by id").fetchall()
    return [{"key_result_id": key, "as_of_date": today.isoformat(), "p_hit": chance} for key, chance in rows]


def broken(built: duckdb.DuckDBPyConnection, _today: date) -> Iterable[Row]:
    return [{"objective_id": str(1 // len(built.execute("select 1 where false").fetchall()))}]


def edit(warehouse: Path, statement: str) -> None:
    with duckdb.connect(str(warehouse)) as made:
        made.execute(statement)


def landed(warehouse: Path, *streams: str) -> dict[str, Landed | ProdopsError]:
    return dict(results.land(warehouse, streams))


def counts(found: Landed | ProdopsError) -> tuple[int, int, int]:
    assert isinstance(found, Landed), found
    return found.seen, found.landed, found.deleted


def test_what_is_said_lands_once_and_what_is_said_no_more_is_gone(warehouse: Path) -> None:
    assert counts(landed(warehouse, STREAM)[STREAM]) == (2, 2, 0)
    assert counts(landed(warehouse, STREAM)[STREAM]) == (2, 0, 0), "the same again"
    edit(warehouse, "delete from staging.said where id = 'KR-2'")
    assert counts(landed(warehouse, STREAM)[STREAM]) == (2, 1, 1)
    edit(warehouse, "update staging.stg_files__read_days set read_date = '2026-02-02'")
    assert counts(landed(warehouse, STREAM)[STREAM]) == (1, 1, 0), "of each day what was said on it"
    rows = landed_rows("forecasts", STREAM)
    assert [(key, json.loads(text or "{}").get("as_of_date"), gone) for key, text, gone in rows] == [
        ("KR-1", "2026-02-01", False),
        ("KR-2", "2026-02-01", False),
        ("KR-2", None, True),
        ("KR-1", "2026-02-02", False),
    ]


def test_a_result_that_fails_is_named_with_what_to_do_and_costs_itself_alone(warehouse: Path) -> None:
    found = landed(warehouse, OTHER, STREAM)
    assert counts(found[STREAM]) == (2, 2, 0)
    text = str(found[OTHER])
    assert text.startswith("objective_forecasts: ZeroDivisionError at ")
    assert "test_results.py:" in text
    drill("ResultError", ResultError.exit_code, f"error: {text}")
    assert landed_rows("forecasts", OTHER) == []


def test_a_float_does_not_land(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lands is compared with what was said before: 0.1 + 0.2 would be news on another machine."""
    monkeypatch.setitem(results.RESULTS, STREAM, lambda built, today: [{"key_result_id": "KR-1", "p_hit": 0.5}])
    assert "p_hit is a float, which is no plain value" in str(landed(warehouse, STREAM)[STREAM])


def test_before_anything_was_read_there_is_no_today_and_nothing_lands(warehouse: Path) -> None:
    edit(warehouse, "delete from staging.stg_files__read_days")
    assert counts(landed(warehouse, STREAM)[STREAM]) == (0, 0, 0)


def test_nothing_can_be_written_where_results_are_computed(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def writes(built: duckdb.DuckDBPyConnection, _today: date) -> Iterable[Row]:
        built.execute("delete from staging.said")
        return []

    monkeypatch.setitem(results.RESULTS, STREAM, writes)
    assert "read-only" in str(landed(warehouse, STREAM)[STREAM])
