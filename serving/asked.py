"""Which number of a snapshot a person asks for, by its metric, its slice and its period.

Belongs here: metrics and slices as they are typed, the file of an audience. Does not: making the number again
(replays.py).
"""

from decimal import Decimal
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.errors import SettingsError
from serving import audiences
from serving.published import COMPANY, MARTS_FILE, Snapshot
from serving.replays import Figure

BOARD = "mart_board_metric"
ALL = "all"
OF_PRODUCT = "product:"
COUNTED = ("money", "count", "fte")
"""Units of metrics that are zero where there is no row."""


def figure(snapshot: Snapshot, period: str, metric: str, slice_: str) -> Figure:
    """A metric of the board (``arr``, ``arr@1.0.0``) with a slice ``all`` or ``product=web``; or a measure of a mart
    (``mart_arr.closing_arr``) with a slice ``all`` or ``column=value``, summed over the rest: at the end of a period
    where it does not add up over periods. Raises ``SettingsError`` where the snapshot has no such figure."""
    name = metric.partition("@")[0]
    mart, _, measure = name.partition(".")
    part, _, value = slice_.partition("=")
    if slice_ != ALL and not value:
        raise SettingsError(f"--slice {slice_}", "give all, or what it is of, like product=web")
    with snapshot.connect() as marts:
        if measure:
            return _of_mart(marts, snapshot, period, (mart, measure), (part, value))
        return _of_board(marts, period, name, (part, value))


def file_of(snapshot: Snapshot, audience: str) -> Path:
    """The file that an audience gets, by which it sees a figure or does not."""
    if audience == COMPANY:
        return snapshot.folder / MARTS_FILE
    if audience.startswith(OF_PRODUCT):
        with snapshot.connect() as marts:
            row = marts.execute(
                "select portfolio_id from dim_product where product_id = ?", [audience.removeprefix(OF_PRODUCT)]
            ).fetchone()
        audience = str(row[0]) if row else audience
    return snapshot.folder / audiences.file_of(audience)


def _of_board(marts: duckdb.DuckDBPyConnection, period: str, metric: str, slice_: tuple[str, str]) -> Figure:
    values = {"metric": metric, "period": period, "type": slice_[0], "value": slice_[1]}
    where = "metric_id = $metric and period_id = $period and slice_type = $type"
    where += " and slice_value = $value" if slice_[1] else " and $value = ''"
    rows = marts.execute(f"select unit from {BOARD} where {where}", values).fetchall()
    if len(rows) != 1:
        known = marts.execute(f"select distinct metric_id from {BOARD} order by 1").fetchall()
        names = ", ".join(one for (one,) in known)
        raise SettingsError(f"--metric {metric}", f"no figure of it for {period}; metrics: {names}")
    nothing = Decimal(0) if rows[0][0] in COUNTED else None
    return Figure(BOARD, f"select value from {{table}} where {where}", values, nothing)


def _of_mart(
    marts: duckdb.DuckDBPyConnection, snapshot: Snapshot, period: str, measure: tuple[str, str], slice_: tuple[str, str]
) -> Figure:
    mart, column = measure
    if column not in snapshot.manifest["marts"].get(mart, {}).get("measures", ()):
        raise SettingsError(f"--metric {mart}.{column}", "is no measure of a published mart; docs/metrics lists them")
    with snapshot.connect(mart) as own:
        described = own.execute(f"describe {sql.name(mart)}").fetchall()
        said = own.execute(
            "select comment from duckdb_columns() where table_name = $mart and column_name = $column",
            {"mart": mart, "column": column},
        ).fetchone()
    columns = {name for name, *_ in described}
    if not {slice_[0], "fiscal_period"} - {ALL} <= columns or "non-additive" in (text := str(said and said[0]).lower()):
        raise SettingsError(f"--metric {mart}.{column}", "does not add up over such slices; ask for a board metric")
    periods = [
        name
        for (name,) in marts.execute(
            "select fiscal_period from dim_fiscal_period where $period in (fiscal_period, fiscal_quarter, fiscal_year) "
            "order by first_date",
            {"period": period},
        ).fetchall()
    ]
    if not periods:
        raise SettingsError(f"--pack {period}", "is no fiscal period")
    values: dict[str, object] = {"periods": periods[-1:] if "semi-additive" in text else periods}
    where = "list_contains($periods, fiscal_period)"
    if slice_[1]:
        where += f" and {sql.name(slice_[0])} = $value"
        values["value"] = slice_[1]
    if "is_rollup" in columns:
        where += " and not is_rollup"
    return Figure(mart, f"select sum({sql.name(column)}) from {{table}} where {where}", values)
