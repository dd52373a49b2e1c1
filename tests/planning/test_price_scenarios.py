"""Files of assumed prices: which are refused and in which words, what each row of them means."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import FileError
from planning.price_scenarios import read, resolved

HEADER = "product_id,market,segment,currency,fiscal_period,change_percent,list_price\n"


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as known:
        for schema in ("marts", "intermediate", "staging"):
            known.execute(f"create schema {schema}")
        known.execute("create table marts.dim_product as select 'web' as product_id, 'product' as product_level")
        known.execute(
            "create table intermediate.int_billing_accounts_resolved as from (values ('N', 'S'), ('W', 'L')) "
            "v(market, segment)"
        )
        known.execute(
            "create table intermediate.fct_subscription_interval as from (values ('EUR'), ('USD')) v(currency)"
        )
        known.execute(
            "create table intermediate.int_revenue_periods_ranged as from (values ('FY26-P01', date '2026-01-01')) "
            "v(fiscal_period, first_date)"
        )
        known.execute(
            """
            create table staging.stg_files__list_prices as from (values
                ('web', null, null, 'EUR', 1, 25::decimal(38, 12), date '0001-01-01', date '2026-01-01'),
                ('web', null, null, 'EUR', 1, 24, date '2026-01-01', date '9999-12-31'),
                ('web', null, null, 'EUR', 50, 12, date '2026-01-01', date '9999-12-31'),
                ('web', 'N', null, 'EUR', 1, 20, date '2026-01-01', date '9999-12-31'),
                ('web', 'N', 'S', 'EUR', 1, 10, date '2026-01-01', date '9999-12-31')
            ) v(product_id, market, segment, currency, tier, list_price, valid_from, valid_to)
            """
        )
        yield known


def written(folder: Path, *rows: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("web,,,,FY26-P01,,", "row 1 column list_price value '': must be a number or there must be a change_percent"),
        ("web,,,EUR,FY26-P01,10,30", "row 1 column list_price value '30': must be a number or there must be"),
        ("web,,,,FY26-P01,-100,", "row 1 column change_percent value '-100': must be above -100 and at most 1000"),
        ("web,,,,FY26-P01,10 %,", "row 1 column change_percent value '10 %': must be a number like 1250.50"),
        ("web,,,EUR,FY26-P01,,0", "row 1 column list_price value '0': must be above 0"),
        ("web,,,,FY26-P01,,30", "row 1 column currency value '': must be the currency of list_price"),
        ("web,,,euro,FY26-P01,10,", "row 1 column currency value 'euro': must be a currency like EUR"),
        ("web,,,,2026-01,10,", "row 1 column fiscal_period value '2026-01': must be a fiscal period like FY26-P07"),
        (",,,,FY26-P01,10,", "row 1 column product_id value '': "),
        ("shop,,,,FY26-P01,10,", "row 1 column product_id value 'shop': must be one of web"),
        ("web,E,,,FY26-P01,10,", "row 1 column market value 'E': must be one of N, W"),
        ("web,,M,,FY26-P01,10,", "row 1 column segment value 'M': must be one of L, S"),
        ("web,,,GBP,FY26-P01,10,", "row 1 column currency value 'GBP': must be one of EUR, USD"),
        ("web,,,,FY27-P01,10,", "row 1 column fiscal_period value 'FY27-P01': must be one of FY26-P01"),
        ("web,,,USD,FY26-P01,,30", "row 1 column list_price value '30': there is no list price of web in USD when"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_file_row_column_and_value(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, row: str, error: str
) -> None:
    with pytest.raises(FileError) as refused:
        resolved(read(written(tmp_path, row)), warehouse)
    assert str(refused.value).startswith(f"prices.csv {error}")


def test_a_place_that_stands_twice_no_row_no_file_and_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    row = "web,N,,,FY26-P01,10,"
    with pytest.raises(FileError, match="row 2 column product_id value 'web': must not stand in two rows"):
        read(written(tmp_path, row, row))
    with pytest.raises(FileError, match="has no rows"):
        read(written(tmp_path))
    with pytest.raises(FileError, match="there is no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(FileError, match=r"must be a \.csv, \.yml or \.yaml file"):
        read(written(tmp_path, row, name="prices.txt"))


def test_a_new_list_price_is_the_change_that_it_is_of_the_list_of_its_place_and_day(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """12 of 24 for all, of 20 in the North, of 10 for small customers there; elsewhere the list for all holds. 7.5 %
    more is exact, a third has eight places."""
    rows = (
        *("web,,,EUR,FY26-P01,,12", "web,N,,EUR,FY26-P01,,12", "web,N,S,EUR,FY26-P01,,12", "web,W,,EUR,FY26-P01,,12"),
        *("web,,,USD,FY26-P01,7.5,", "web,,L,EUR,FY26-P01,,8"),
    )
    found = resolved(read(written(tmp_path, *rows)), warehouse)
    assert [row[-1] for row in found] == [50_000_000, 60_000_000, 120_000_000, 50_000_000, 107_500_000, 33_333_333]
    assert found[1] == ("web", "N", None, "EUR", "FY26-P01", 60_000_000)


def test_yaml_says_the_same(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    path = tmp_path / "prices.yml"
    path.write_text("prices:\n  - {product_id: web, market: N, fiscal_period: FY26-P01, change_percent: 10}\n")
    assert resolved(read(path), warehouse) == [("web", "N", None, None, "FY26-P01", 110_000_000)]
    path.write_text("prices:\n  - {product_id: web, market: E, fiscal_period: FY26-P01, change_percent: 10}\n")
    with pytest.raises(FileError, match=r"prices\.yml prices row 1 column market value 'E': must be one of N, W"):
        resolved(read(path), warehouse)
