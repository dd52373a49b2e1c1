"""Which number of a snapshot a person asks for, by its metric, its slice and its period.

Belongs here: metrics and slices as they are typed, the file of an audience. Does not: making the number again
(replays.py).
"""

from decimal import Decimal
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.errors import SettingsError
from registry import metrics
from serving import audiences
from serving.published import COMPANY, MARTS_FILE, Snapshot
from serving.replays import Figure

BOARD = "mart_board_metric"
ALL = "all"
OF_PRODUCT = "product:"
PLANS = "mart_budget"
"""What metrics with a plan are made of besides their mart: it has rows where something was planned and nothing came."""


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
            return _of_mart(marts, period, (mart, measure), (part, value))
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
    known = metrics().board
    if metric not in known:
        raise SettingsError(f"--metric {metric}", f"is no metric of the board; there are {', '.join(known)}")
    values = {"metric": metric, "period": period, "type": slice_[0], "value": slice_[1] or "ALL"}
    where = "metric_id = $metric and period_id = $period and slice_type = $type and slice_value = $value"
    if not marts.execute(f"select 1 from {BOARD} where {where}", values).fetchall():
        raise SettingsError(
            f"--metric {metric}", f"the pack has none of {period} with that slice; docs/metrics has all"
        )
    one = known[metric]
    # Where there is no row a sum is zero; a quotient, or what each slice counts anew, is no number.
    nothing = None if one.numerator or one.over_periods == "anew" else Decimal(0)
    made_of = (one.mart, *([PLANS] if one.plan else []))
    return Figure(BOARD, f"select value from {{table}} where {where}", values, nothing, made_of)


def _of_mart(
    marts: duckdb.DuckDBPyConnection, period: str, measure: tuple[str, str], slice_: tuple[str, str]
) -> Figure:
    mart, column = measure
    known = metrics().marts.get(mart)
    if known is None or column not in known.metrics:
        raise SettingsError(f"--metric {mart}.{column}", "is no measure of a published mart; docs/metrics lists them")
    one, part = known.metrics[column], slice_[0]
    is_balance = "fiscal_period" in one.not_over
    adds_up = one.additivity == "additive" or [*one.not_over] == ["fiscal_period"]
    if not adds_up or "fiscal_period" not in known.grain or part not in (ALL, *known.grain):
        over = ", ".join(one for one in known.grain if one != "fiscal_period")
        hint = f"can be explained where it adds up, by fiscal period and {over}; ask for a metric of the board"
        raise SettingsError(f"--metric {mart}.{column}", hint)
    periods = [
        name
        for (name,) in marts.execute(
            "select fiscal_period from dim_fiscal_period where $period in (fiscal_period, fiscal_quarter, fiscal_year) "
            "order by first_date",
            {"period": period},
        ).fetchall()
    ]
    values: dict[str, object] = {"periods": periods[-1:] if is_balance else periods}
    where = "list_contains($periods, fiscal_period) and not is_rollup"
    if part != ALL:
        where += f" and {sql.name(part)} = $value"
        values["value"] = slice_[1]
    return Figure(mart, f"select sum({sql.name(column)}) from {{table}} where {where}", values)
