"""Who is given which rows: files of portfolios, and of people who alone may see a mart."""

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from quality.reconciliation import CopyCount
from serving import publish as publishing
from serving.comments import Column, MartInfo
from serving.failures import Check
from serving.publish import Edition, PublishError, confirm, publish
from serving.published import Snapshot

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
GREEN = Check("unique_mart_arr", "marts/mart_arr", True)
OWNERS = "revenue_owners"
CUSTOMER = "Ann's Bakery"
TABLES = {
    # A portfolio may be called as any audience is.
    "dim_product": "from (values ('app', 'apps'), ('web', 'apps'), ('pay', 'revenue_owners'), ('UNMAPPED', null), "
    "('COMPANY', null)) as t(product_id, portfolio_id)",
    "dim_product_history": "from (values ('app', 1), ('app', 2), ('pay', 1)) as t(product_id, version)",
    "dim_market": "from (values ('DE'), ('FR')) as t(market)",
    "dim_customer": f"select 'ann' as customer_id, '{CUSTOMER.replace(chr(39), chr(39) * 2)}' as customer_name",
    "mart_arr": "from (values ('app', 'apps', 'DE', 5), ('pay', 'revenue_owners', 'FR', 7), "
    "('COMPANY', null, 'DE', 12)) as t(product_id, portfolio_id, market, arr)",
    "mart_health": "from (values ('stripe', 0.5)) as t(source, ratio)",
    "mart_customer": "select 'ann' as customer_id, 12 as arr, timestamp '2026-10-15 05:00:00' as data_as_of",
}
INFO = {
    "mart_customer": MartInfo(("customer_id",), ("arr",), "One row per customer.", {"arr": Column("Its ARR.")}, OWNERS),
    "dim_customer": MartInfo(("customer_id",), audience=OWNERS),
}
FILE = f"audiences/owners/{OWNERS}.duckdb"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as built:
        built.execute("create schema marts")
        for table, query in TABLES.items():
            built.execute(f"create table marts.{table} as {query}")
    return path


def edition(*checks: Check) -> Edition:
    return Edition(NOW, "0.1.0", checks or (GREEN,), {}, INFO)


def tables(made: Snapshot, file: str) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(made.folder / file), read_only=True) as given:
        names = [name for (name,) in given.execute("select table_name from snapshot order by 1").fetchall()]
        return {name: given.execute(f"from {name}").fetchall() for name in names}


def test_the_file_of_a_portfolio_has_its_rows_its_products_and_all_that_they_are_joined_to(
    tmp_path: Path, warehouse: Path
) -> None:
    made = publish(tmp_path, warehouse, edition())
    assert tables(made, "audiences/apps.duckdb") == {
        "dim_market": [("DE",), ("FR",)],
        "dim_product": [("app", "apps"), ("web", "apps")],
        "dim_product_history": [("app", 1), ("app", 2)],
        "mart_arr": [("app", "apps", "DE", 5)],
    }


def test_who_alone_may_see_a_mart_finds_it_whole_with_all_dimensions_and_nobody_else_finds_it(
    tmp_path: Path, warehouse: Path
) -> None:
    made = publish(tmp_path, warehouse, edition())
    assert set(tables(made, FILE)) == {
        "dim_customer",
        "dim_market",
        "dim_product",
        "dim_product_history",
        "mart_customer",
    }
    assert tables(made, FILE)["dim_customer"] == [("ann", CUSTOMER)]
    assert len(tables(made, FILE)["dim_product"]) == 5
    assert made.file_of("mart_customer") == made.folder / FILE
    with made.connect("mart_customer") as owned:
        said = "select comment from duckdb_columns() where (table_name, column_name) = ('mart_customer', 'arr')"
        assert owned.execute(said).fetchall() == [("Its ARR.",)]
    holding = [file for file in made.folder.rglob("*") if file.is_file() and CUSTOMER.encode() in file.read_bytes()]
    assert holding == [made.folder / FILE]
    assert not (made.folder / "parquet" / "mart_customer").exists()
    assert stat.S_IMODE((made.folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((made.folder / FILE).parent.stat().st_mode) == 0o700
    assert made.manifest["marts"]["mart_customer"]["rows"] == 1
    assert made.manifest["marts"]["mart_customer"]["data_as_of"] == "2026-10-15 05:00:00"


def test_a_portfolio_that_is_called_as_an_audience_has_a_file_of_its_own(tmp_path: Path, warehouse: Path) -> None:
    made = publish(tmp_path, warehouse, edition())
    assert tables(made, f"audiences/{OWNERS}.duckdb")["mart_arr"] == [("pay", "revenue_owners", "FR", 7)]
    assert "mart_customer" not in tables(made, f"audiences/{OWNERS}.duckdb")


def test_a_mart_of_few_that_is_held_back_keeps_its_rows_and_its_readers(tmp_path: Path, warehouse: Path) -> None:
    first = publish(tmp_path, warehouse, edition())
    with duckdb.connect(str(warehouse)) as built:
        built.execute("update marts.mart_customer set arr = 99")
        built.execute("update marts.mart_arr set arr = 99")
    red = Check("sum_ties", "marts/mart_customer", False, "is red", ("mart_customer",), is_cause=True)
    # No matter who may see it in the next edition: these rows were for few.
    opened = {**INFO, "mart_customer": replace(INFO["mart_customer"], audience="company")}
    second = publish(tmp_path, warehouse, replace(edition(GREEN, red), marts=opened))
    assert second.held["mart_customer"]["rows_of"] == first.snapshot_id
    assert tables(second, FILE)["mart_customer"] == tables(first, FILE)["mart_customer"]
    assert "mart_customer" not in tables(second, "marts.duckdb")
    assert tables(second, "marts.duckdb")["mart_arr"][0][-1] == 99
    with second.connect("mart_customer") as owned:
        said = "select comment from duckdb_tables() where table_name = 'mart_customer'"
        assert owned.execute(said).fetchall() == [("One row per customer.",)]


def test_a_copy_for_few_is_compared_as_well(tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = publish(tmp_path, warehouse, edition())
    compared = [one for one in made.manifest["copies"] if one["mart"] == "mart_customer"]
    assert compared == [{"mart": "mart_customer", "where": FILE, "rows": 1, "differing": 0}]
    assert confirm(tmp_path, warehouse, edition()) is not None
    compare = publishing.published_is_warehouse

    def spoiled(held: Path, building: Path, *how: object) -> list[CopyCount]:
        with duckdb.connect(str(building / FILE)) as copy:
            copy.execute("update mart_customer set arr = 9")
        return compare(held, building, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "published_is_warehouse", spoiled)
    with pytest.raises(PublishError, match=f"2 rows of mart_customer in {FILE} differ"):
        publish(tmp_path, warehouse, edition())


def test_a_mart_that_becomes_one_for_few_is_so_at_once_though_it_is_held_back(tmp_path: Path, warehouse: Path) -> None:
    publish(tmp_path, warehouse, replace(edition(), marts={}))
    red = Check("unique_dim_customer", "marts/dim_customer", False, "is red", ("dim_customer",), is_cause=True)
    made = publish(tmp_path, warehouse, edition(GREEN, red))
    assert tables(made, FILE)["dim_customer"] == [("ann", CUSTOMER)]
    assert "dim_customer" not in tables(made, "marts.duckdb")
