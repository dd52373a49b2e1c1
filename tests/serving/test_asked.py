"""Figures as people ask for them: a metric of the board or a measure of a mart, by slice and period."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import SettingsError
from serving import asked
from serving.failures import Check
from serving.publish import Edition, publish
from serving.published import Snapshot
from serving.replays import Figure
from tests.serving.test_frozen import NOW


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    home = tmp_path_factory.mktemp("asked")
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema marts; use marts")
        warehouse.execute(
            "create table dim_fiscal_period as select 'FY26-P0' || i as fiscal_period, 'FY26' as fiscal_year, "
            "'FY26-Q' || (1 + (i - 1) // 3) as fiscal_quarter, i as first_date from range(1, 7) r(i)"
        )
        warehouse.execute("create table dim_product as from (values ('web', 'shop')) v(product_id, portfolio_id)")
        warehouse.execute(
            "create table mart_arr as select *, false as is_rollup, 'x' as segment, 'y' as market from (values "
            "('FY26-P05', 'web', 'shop', 1.5), ('FY26-P06', 'web', 'shop', 2.5), ('FY26-P06', 'app', 'office', 4.0)) "
            "v(fiscal_period, product_id, portfolio_id, closing_arr)"
        )
        warehouse.execute(
            "create table mart_board_metric as from (values "
            "('arr', 'all', 'ALL', null, 'FY26-Q2', 6.5::decimal(38, 9)), "
            "('arr', 'product', 'web', 'shop', 'FY26-Q2', 2.5), ('nrr', 'all', 'ALL', null, 'FY26-Q2', null)) "
            "v(metric_id, slice_type, slice_value, portfolio_id, period_id, value)"
        )
    return publish(home, home / "warehouse.duckdb", Edition(NOW, "1", [Check("a", "b", True)]))


def value(figure: Figure, file: Path) -> Decimal | None:
    with duckdb.connect(str(file), read_only=True) as marts:
        return figure.read(marts, figure.mart)


@pytest.mark.parametrize(
    ("period", "metric", "slice_", "found"),
    [
        ("FY26-Q2", "arr", "all", "6.5"),
        ("FY26-Q2", "arr@1.0.0", "product=web", "2.5"),
        ("FY26-Q2", "mart_arr.closing_arr", "all", "6.5"),  # a balance: what it is at the end
        ("FY26-Q2", "mart_arr.closing_arr", "product_id=web", "2.5"),
        ("FY26-P05", "mart_arr.closing_arr", "all", "1.5"),
    ],
)
def test_a_metric_or_a_measure_by_slice_and_period(
    snapshot: Snapshot, period: str, metric: str, slice_: str, found: str
) -> None:
    figure = asked.figure(snapshot, period, metric, slice_)
    assert value(figure, asked.file_of(snapshot, "company")) == Decimal(found)
    assert figure.nothing == 0


def test_an_audience_has_its_own_rows_alone(snapshot: Snapshot) -> None:
    figure = asked.figure(snapshot, "FY26-Q2", "arr", "product=web")
    assert value(figure, asked.file_of(snapshot, "shop")) == Decimal("2.5")
    assert asked.file_of(snapshot, "product:web") == asked.file_of(snapshot, "shop")
    whole = asked.figure(snapshot, "FY26-Q2", "arr", "all")
    assert value(whole, asked.file_of(snapshot, "shop")) is None
    assert not asked.file_of(snapshot, "nobody's").exists()


def test_what_a_figure_is_made_of_and_what_none_is(snapshot: Snapshot) -> None:
    """A quotient without a denominator is no number: to take it for zero would invent a change."""
    assert asked.figure(snapshot, "FY26-Q2", "arr", "all").made_of == ("mart_arr",)
    ratio = asked.figure(snapshot, "FY26-Q2", "nrr", "all")
    assert (ratio.made_of, ratio.nothing) == (("mart_revenue_retention",), None)


@pytest.mark.parametrize(
    ("period", "metric", "slice_", "error"),
    [
        ("FY26-Q2", "sales", "all", "is no metric of the board; there are arr, "),
        ("FY26-Q2", "arr", "product=cart", "the pack has none of FY26-Q2 with that slice"),
        ("FY26-Q2", "arr", "web", "--slice web: give all, or what it is of, like product=web"),
        ("FY26-Q2", "mart_arr.arr", "all", "is no measure of a published mart"),
        (
            "FY26-Q2",
            "mart_arr.closing_arr",
            "team=x",
            "can be explained where it adds up, by fiscal period and product_id",
        ),
        ("FY26-Q2", "mart_usage.dau", "all", "ask for a metric of the board"),
    ],
)
def test_what_can_not_be_asked_is_refused_with_what_can(
    snapshot: Snapshot, period: str, metric: str, slice_: str, error: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        asked.figure(snapshot, period, metric, slice_)
    assert error in str(refused.value)
