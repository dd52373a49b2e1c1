"""The expectations of marts that are about to be published, and looking for them.

Belongs here: which rules a mart has by what its yml says of it, the frame of its figures. Does not: identities and sums
(dbt's tests, quality/proof.py), bounds (catalogue.py). Great Expectations is imported only when one is looked at.

The frame has, of each measure, the least and the greatest value with the row that has it, and sums only as ratios to
what is published: no figure leaves this module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion import sql
from ingestion.clock import now
from quality.expectations import catalogue
from quality.expectations.catalogue import Expectation, Rule

if TYPE_CHECKING:
    from quality.expectations.suites import Found

ENOUGH = 20
"""Rows of a mart that must be published for its sums to be compared: a few rows may well double."""
PERIODS = {"week_start_date": 7, "activity_date": 1}
MONTHS = ("month_start_date",)
SHARES: Mapping[str, Sequence[str]] = {
    "mart_board_metric": ("coverage_ratio",),
    "mart_adoption": ("users_adoption_ratio", "customers_adoption_ratio"),
    "mart_capacity": ("unplanned_ratio",),
    "mart_data_health": ("ratio",),
    "mart_forecast_calibration": ("said", "came", "brier_score"),
    "mart_okr": ("p_hit", "p_hit_lowest", "p_hit_highest"),
    "mart_productops_impact": ("reopened_ratio",),
    "mart_retention": ("retention_ratio",),
    "mart_revenue_retention": ("coverage_ratio", "grr_ratio"),
    "mart_roadmap_outcome": ("exposed_ratio", "adopting_ratio"),
    "mart_usage": ("stickiness_ratio", "wau_mau_ratio"),
}
"""Ratios whose numerator is a part of their denominator; growth, prices and pace may be above 1."""
WITHOUT_GAPS = (
    *("mart_adoption", "mart_arpa", "mart_arr", "mart_capacity", "mart_customer", "mart_market", "mart_product_cost"),
    *("mart_product_pnl", "mart_product_staffing", "mart_revenue", "mart_revenue_retention", "mart_staffing"),
    "mart_usage",
)
"""Marts that show what is held, used or booked, of which there is some in every period. Work that was finished or a
bill for tools need not be there in each."""


@dataclass(frozen=True, slots=True)
class Described:
    """A mart as its yml describes it: its key, its measures, which of those may be added up over rows, and the types of
    all columns, in small letters."""

    name: str
    key: Sequence[str]
    measures: Sequence[str]
    added: Sequence[str]
    types: Mapping[str, str]

    @property
    def counts(self) -> list[str]:
        """Measures that can't be below zero: numbers of things, hours, people in full time."""
        return [
            one
            for one in self.measures
            if (self.types[one] == "bigint" and not one.startswith("days_"))
            or (self.types[one] == "double" and (one.endswith("_hours") or "fte" in one.split("_")))
        ]

    @property
    def period(self) -> str | None:
        """The column that says which period a row is of."""
        return next((one for one in self.key if one in (*PERIODS, *MONTHS, "fiscal_period")), None)

    @property
    def read(self) -> set[str]:
        """The marts that are read for it."""
        return {self.name, "dim_fiscal_period"} if self.period == "fiscal_period" else {self.name}


def of_mart(mart: Described) -> list[Expectation]:
    """What is expected of a mart."""
    rules: list[Rule] = [catalogue.EMPTIED]
    rules += [catalogue.COUNTS] if mart.counts else []
    rules += [catalogue.SHARES] if mart.name in SHARES else []
    rules += [catalogue.MAGNITUDE] if mart.added else []
    rules += [catalogue.GAPS] if mart.name in WITHOUT_GAPS else []
    rules += [catalogue.AS_OF] if "data_as_of" in mart.types else []
    return [Expectation(catalogue.MARTS, mart.name, rule) for rule in rules]


def judged(warehouse: Path, marts: Sequence[Described], published: Mapping[str, Path]) -> list["Found"]:
    """What the expectations of these marts found, of those that are built: the others are reported as not built.
    ``published``: the file that holds a mart's last good rows."""
    from quality.expectations.suites import Found, looked_at

    frame: list[dict[str, Any]] = []
    broken: dict[str, str] = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {sql.text(warehouse)} as warehouse (read_only)")
        for number, file in enumerate(dict.fromkeys(published.values())):
            connection.execute(f"attach {sql.text(file)} as published_{number} (read_only)")
        places = {file: number for number, file in enumerate(dict.fromkeys(published.values()))}
        there = "select table_name from duckdb_tables() where (database_name, schema_name) = ('warehouse', 'marts')"
        built = {name for (name,) in connection.execute(there).fetchall()}
        marts = [mart for mart in marts if built >= mart.read]
        for mart in marts:
            served = f"published_{places[published[mart.name]]}.main.{mart.name}" if mart.name in published else None
            try:
                frame += ({**row, "stream": mart.name} for row in _rows(connection, mart, served))
            except duckdb.Error as error:
                broken[mart.name] = f"it could not be looked for: {type(error).__name__}"
    expectations = [one for mart in marts for one in of_mart(mart)]
    found = looked_at(catalogue.MARTS, [one for one in expectations if one.stream not in broken], frame)
    return found + [
        Found(one, catalogue.MARTS, error=broken[one.stream]) for one in expectations if one.stream in broken
    ]


def _rows(connection: duckdb.DuckDBPyConnection, mart: Described, served: str | None) -> Iterator[dict[str, Any]]:
    table = f"warehouse.marts.{mart.name}"
    key = "concat_ws(', ', " + ", ".join(f"{one}::varchar" for one in mart.key) + ")"
    for one in dict.fromkeys((*mart.counts, *SHARES.get(mart.name, ()))):
        column = catalogue.SHARES.column if one in SHARES.get(mart.name, ()) else catalogue.COUNTS.column
        for end, order in (("least", "arg_min"), ("greatest", "arg_max")):
            value, row = _one(connection, f"select {order}({one}, {one}), {order}({key}, {one}) from {table}")
            if value is not None and (end == "least" or column == catalogue.SHARES.column):
                yield {"key": f"{end} {one}", "detail": f"{one} of {row}", column: float(value)}
    (rows,) = _one(connection, f"select count(*) from {table}")
    if "data_as_of" in mart.types:
        (newest,) = _one(connection, f"select max(data_as_of) from {table}")
        if newest is not None:
            days = (newest - now().replace(tzinfo=None)).total_seconds() / 86400
            yield {"key": "newest data", "detail": f"data as of {newest}", catalogue.AS_OF.column: days}
    if mart.period and mart.name in WITHOUT_GAPS:
        missing, first = _one(connection, _gaps(mart.period, table))
        yield {"key": "periods", "detail": f"{missing} missing, the first is {first}", catalogue.GAPS.column: missing}
    if served is not None:
        (before,) = _one(connection, f"select count(*) from {served}")
        if before:
            detail = f"{rows} rows, {before} published"
            yield {"key": "rows", "detail": detail, catalogue.EMPTIED.column: rows / before}
        yield from _magnitudes(connection, mart, table, served)


def _gaps(period: str, table: str) -> str:
    """How many periods between the first and the last have no row, and the first of them."""
    if period == "fiscal_period":
        due = """
            select fiscal_period as period from warehouse.marts.dim_fiscal_period
            where first_date between
                (select min(first_date) from warehouse.marts.dim_fiscal_period join held on fiscal_period = period)
                and (select max(first_date) from warehouse.marts.dim_fiscal_period join held on fiscal_period = period)
            """
    else:
        step = f"interval {PERIODS[period]} day" if period in PERIODS else "interval 1 month"
        due = f"select unnest(generate_series(min(period), max(period), {step}))::date as period from held"
    return f"""
        with held as (select distinct {period} as period from {table} where {period} is not null), due as ({due})
        select count(*), min(period::varchar) from due anti join held using (period)
        """


def _magnitudes(
    connection: duckdb.DuckDBPyConnection, mart: Described, table: str, served: str
) -> Iterator[dict[str, Any]]:
    """Sums over the periods that were complete when they were published, as ratios to those."""
    shared = ""
    if mart.period:
        shared = f"and {mart.period} in (select {mart.period} from {served} where is_complete)"
    known = {row[0] for row in connection.execute(f"describe {served}").fetchall()}
    for one in (one for one in mart.added if one in known):
        total = f"select count({one}), sum(abs({one}))::double from {{}} where is_complete {shared}"
        count, before = _one(connection, total.format(served))
        _, after = _one(connection, total.format(table))
        if count >= ENOUGH and before:
            yield {"key": f"sum of {one}", "detail": one, catalogue.MAGNITUDE.column: (after or 0.0) / before}


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise TypeError("a query of figures gave no row")
    return row
