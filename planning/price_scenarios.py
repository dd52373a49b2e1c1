"""A what-if of prices: what a person assumes, what it says to the models, which marts show what comes of it.

Belongs here: columns of the file, their values, what the warehouse must know of them. Does not: the copy of the
warehouse and building it (cli/whatif.py), how marts differ (comparison.py), any figure (dbt_project).
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import FileError, ProdopsError, refuse
from ingestion.sources.files.rows import Blank, CellError, MaybeCurrency, MaybeNumber, Period, Row, Sheet, Text
from ingestion.sources.files.tables import Table, kept_tables, others, repeated, yaml_tables
from planning.comparison import Shown

HUNDRED_MILLIONTHS = 10**8
PLACE = ("product_id", "market", "segment", "currency", "fiscal_period")
ASSUMED = "int_price_changes_assumed"
"""The model that a what-if's prices take the place of."""

SHOWN = Shown(
    ("fiscal_period", "product_id", "segment", "market"),
    {"mart_arr": ("closing_arr",), "mart_pricing": ("list_amount", "invoice_amount", "pocket_amount", "unit_price")},
    "Only prices change: who would come or leave is not asked.",
)
SELECTED = [f"{ASSUMED}+,+{mart}" for mart in SHOWN.marts]
"""What dbt builds again."""


class PriceChange(Row):
    """Another price of a product from a fiscal period on; where no market, segment or currency is named, in all."""

    product_id: Text
    market: Blank
    segment: Blank
    currency: MaybeCurrency
    fiscal_period: Period
    change_percent: MaybeNumber
    list_price: MaybeNumber

    def check(self) -> None:
        if (self.change_percent is None) == (self.list_price is None):
            raise CellError("list_price", "must be a number or there must be a change_percent, and not both")
        if self.change_percent is not None and not -100 < self.change_percent <= 1000:
            raise CellError("change_percent", "must be above -100 and at most 1000")
        if self.list_price is not None and self.list_price <= 0:
            raise CellError("list_price", "must be above 0")
        if self.list_price is not None and self.currency is None:
            raise CellError("currency", "must be the currency of list_price")


def read(path: Path) -> Table:
    """The rows of a CSV, or of the list `prices` in a YAML file. Raises ``FileError``."""
    sheet = Sheet(PriceChange, PLACE)
    if not path.is_file():
        raise FileError(str(path), None, None, None, "there is no such file")
    if path.suffix == ".csv":
        table = kept_tables(path.parent, {}, {path.stem: sheet})[path.stem]
    elif path.suffix in (".yml", ".yaml"):
        table = yaml_tables(path, {"prices": ("prices", sheet)})["prices"]
    else:
        raise FileError(path.name, None, None, None, "must be a .csv, .yml or .yaml file")
    refuse([*table.mistakes, *repeated(table, PLACE)])
    if not table.rows:
        raise FileError(table.file, None, None, None, "has no rows")
    return table


def resolved(table: Table, warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The rows as ``ASSUMED`` has them: place, fiscal period, factor in units of 0.00000001.

    Raises ``FileError``, or ``Mistakes``, for what the warehouse does not know.
    """
    unknown: list[ProdopsError] = []
    for column, query in {
        "product_id": "select product_id from marts.dim_product where product_level <> 'company'",
        "market": "select distinct market from intermediate.int_billing_accounts_resolved",
        "segment": "select distinct segment from intermediate.int_billing_accounts_resolved",
        "currency": "select distinct currency from intermediate.fct_subscription_interval",
        "fiscal_period": "select fiscal_period from intermediate.int_revenue_periods_ranged",
    }.items():
        known = sorted(value for (value,) in warehouse.execute(query).fetchall())
        may_be_empty = [None] if table.may_be_empty(column) else []
        unknown += others(table, column, [*known, *may_be_empty], f"one of {', '.join(known)}")
    refuse(unknown)
    return [
        (*(getattr(row, name) for name in PLACE), round(_factor(table, index, warehouse) * HUNDRED_MILLIONTHS))
        for index, row in enumerate(table.rows)
    ]


def _factor(table: Table, index: int, warehouse: duckdb.DuckDBPyConnection) -> Fraction:
    """What an old price is times to be the new one."""
    row: PriceChange = table.rows[index]
    if row.change_percent is not None:
        return 1 + Fraction(row.change_percent) / 100
    old = _listed(row, warehouse)
    if not old:
        where = f"{row.product_id} in {row.currency} when {row.fiscal_period} begins"
        raise table.error(index, "list_price", f"there is no list price of {where}; give a change_percent instead")
    return Fraction(row.list_price or 0) / Fraction(old[0][0])


def _listed(row: PriceChange, warehouse: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    return warehouse.execute(
        """
        select book.list_price
        from staging.stg_files__list_prices as book
        inner join intermediate.int_revenue_periods_ranged as periods
            on book.valid_from <= periods.first_date and periods.first_date < book.valid_to
        where periods.fiscal_period = ? and book.product_id = ? and book.currency = ? and book.list_price > 0
            and coalesce(book.market, ?, '') = coalesce(?, '') and coalesce(book.segment, ?, '') = coalesce(?, '')
        order by book.market nulls last, book.segment nulls last, book.tier
        limit 1
        """,
        [row.fiscal_period, row.product_id, row.currency, row.market, row.market, row.segment, row.segment],
    ).fetchall()


def assume(warehouse: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Writes what is assumed into a copy of the warehouse, for its models to be built on."""
    texts = ", ".join(f"{name} varchar" for name in PLACE)
    warehouse.execute(f"create table intermediate.{ASSUMED} ({texts}, factor_hundred_millionths bigint)")
    warehouse.executemany(f"insert into intermediate.{ASSUMED} values (?, ?, ?, ?, ?, ?)", rows)
