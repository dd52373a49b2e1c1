"""A what-if of cost: other headcount, splits of teams, drivers or rules of allocation, and where they enter the models.

Belongs here: the sections of the file, what is refused, the input tables that are edited in a copy of the warehouse.
Does not: the copy and building it (cli/whatif.py), what anything costs (dbt_project).

People are a function, a team and a number of full-time people, at the published standard rate, and nobody by name: an
answer says days times a rate that all of a safe group share, however small the change. What a rule of disclosure hides
stays hidden, so the rules that may be assumed move cost between products and never between what is shown and what is
not (`overhead_types` and `payroll` would).
"""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from pydantic import BeforeValidator

from ingestion.errors import FileError, ProdopsError, refuse
from ingestion.sources.files.rows import CellError, Number, Period, Row, Sheet, Text, Weight
from ingestion.sources.files.tables import Table, others, repeated, yaml_tables
from planning.comparison import Shown

THOUSANDTHS = 1000
MILLIONTHS = 10**6
SHOWN = Shown(
    ("fiscal_period", "product_id", "statement_group", "stage"),
    {"mart_product_cost": ("cost",), "mart_product_pnl": ("operating_profit", "contribution")},
    "People at standard rates; what else a change would bring about is not asked, and nothing is recommended.",
)
ASSUMED = "int_headcount_days_assumed"
"""The model that a what-if's people take the place of."""
INPUTS = (ASSUMED, "stg_files__team_products", "int_product_drivers_measured", "int_allocation_rules_resolved")
"""What is edited in the copy; dbt builds what follows from it."""
SELECTED = [f"{one}+,+{mart}" for one in INPUTS for mart in SHOWN.marts]

Tables = dict[str, Table]


def _unless_empty(value: object) -> object:
    return None if value == "" else value


class HeadcountChange(Row):
    """So many full-time people of a function more, or fewer, in a team from a fiscal period on."""

    team_id: Text
    function: Text
    fiscal_period: Period
    fte: Number

    def check(self) -> None:
        if abs(self.fte) > 10_000 or (self.fte * THOUSANDTHS) % 1:
            raise CellError("fte", "must be a number of full-time people between -10000 and 10000 with three decimals")


class Split(Row):
    """A share of a team that works for a product from a fiscal period on."""

    team_id: Text
    product_id: Text
    fiscal_period: Period
    share: Weight


class DriverChange(Row):
    """More, or less, of a driver for a product from a fiscal period on."""

    driver: Literal["events", "active_users", "revenue", "equal"]
    product_id: Text
    fiscal_period: Period
    change_percent: Number

    def check(self) -> None:
        if not -100 <= self.change_percent <= 1000:
            raise CellError("change_percent", "must be between -100 and 1000")


class RuleChange(Row):
    """Other rules of allocation from a fiscal period on; what is empty stays."""

    fiscal_period: Period
    shared_method: Annotated[Literal["step_down", "reciprocal"] | None, BeforeValidator(_unless_empty)] = None
    shared_driver: Annotated[
        Literal["events", "active_users", "revenue", "cost", "equal"] | None, BeforeValidator(_unless_empty)
    ] = None
    overhead_driver: Annotated[Literal["cost", "revenue", "fte", "equal"] | None, BeforeValidator(_unless_empty)] = None


SECTIONS = {
    "headcount": Sheet(HeadcountChange, ("team_id", "function", "fiscal_period")),
    "splits": Sheet(Split, ("team_id", "product_id", "fiscal_period")),
    "drivers": Sheet(DriverChange, ("driver", "product_id", "fiscal_period")),
    "rules": Sheet(RuleChange, ("fiscal_period",)),
}


def read(path: Path) -> Tables:
    """The lists of a YAML file. Raises ``FileError``, or ``Mistakes``."""
    if not path.is_file():
        raise FileError(str(path), None, None, None, "there is no such file")
    if path.suffix not in (".yml", ".yaml"):
        raise FileError(path.name, None, None, None, "must be a .yml or .yaml file")
    tables = yaml_tables(path, {name: (name, sheet) for name, sheet in SECTIONS.items()})
    mistakes: list[ProdopsError] = [mistake for table in tables.values() for mistake in table.mistakes]
    mistakes += [one for name, table in tables.items() for one in repeated(table, SECTIONS[name].key)]
    refuse([*mistakes, *_other_sums(tables["splits"])])
    if not any(table.rows for table in tables.values()):
        raise FileError(path.name, None, None, None, "has no rows")
    return tables


def _other_sums(splits: Table) -> list[ProdopsError]:
    shares: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(splits.rows):
        shares[row.team_id, row.fiscal_period].append(index)
    sums = {key: sum((splits.rows[index].share for index in indexes), Decimal(0)) for key, indexes in shares.items()}
    return [
        splits.error(shares[key][0], "share", f"the shares of a team must add up to 1; here {total}")
        for key, total in sums.items()
        if total != 1
    ]


def check(tables: Tables, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Raises ``FileError``, or ``Mistakes``, for what the warehouse does not know or may not answer."""
    known = {
        column: sorted(value for (value,) in warehouse.execute(query).fetchall())
        for column, query in {
            "team_id": "select team_id from marts.dim_team",
            "product_id": "select product_id from marts.dim_product where product_level in ('product', 'portfolio')",
            "fiscal_period": "select fiscal_period from intermediate.int_fiscal_periods_begun",
        }.items()
    }
    refuse(
        error
        for section, table in tables.items()
        for column in SECTIONS[section].row.columns()
        if column in known
        for error in others(table, column, known[column], f"one of {', '.join(known[column])}")
    )
    refuse(_unanswerable(tables["headcount"], warehouse))


def _unanswerable(headcount: Table, warehouse: duckdb.DuckDBPyConnection) -> list[ProdopsError]:
    """People who have no published rate, and more people than there are."""
    found: list[ProdopsError] = []
    for index, row in enumerate(headcount.rows):
        lacking = warehouse.execute(
            """
            select periods.fiscal_period
            from intermediate.int_fiscal_periods_begun as periods
            inner join intermediate.int_fiscal_periods_begun as begins on begins.fiscal_period = ?
            left join restricted.intermediate.int_people_groups_resolved as places
                on periods.fiscal_period = places.fiscal_period and places.function_name = lower(?)
            left join restricted.intermediate.int_standard_rates_resolved as rates
                on periods.fiscal_year = rates.fiscal_year and rates.function_name = lower(?)
            where begins.first_date <= periods.first_date
                and (places.function_name is null or rates.function_name is null)
            order by periods.first_date
            """,
            [row.fiscal_period, row.function, row.function],
        ).fetchall()
        if lacking:
            words = f"must be a function with a standard rate and posted payroll, which it lacks in {lacking[0][0]}"
            found.append(headcount.error(index, "function", words))
        changes = [
            (other.fiscal_period, other.fte)
            for other in headcount.rows
            if (other.team_id, other.function.lower()) == (row.team_id, row.function.lower())
        ]
        for period, there in warehouse.execute(
            """
            select periods.fiscal_period, coalesce(sum(staff.fte), 0)
            from intermediate.int_fiscal_periods_begun as periods
            inner join intermediate.int_fiscal_periods_begun as begins on begins.fiscal_period = ?
            left join marts.mart_staffing as staff
                on periods.fiscal_period = staff.fiscal_period and staff.team_id = ?
                and lower(staff.function_name) = lower(?)
            where begins.first_date <= periods.first_date
            group by periods.fiscal_period
            """,
            [row.fiscal_period, row.team_id, row.function],
        ).fetchall():
            change = sum((fte for since, fte in changes if since <= period), Decimal(0))
            if row.fte < 0 and float(change) + there < 0:
                words = f"must not take away more people than the team has: {there:g} full-time in {period}"
                found.append(headcount.error(index, "fte", words))
                break
    return found


def assume(warehouse: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Edits the inputs of the models in a copy of the warehouse; what follows from them is to be built again."""
    _assume_headcount(warehouse, tables["headcount"])
    _assume_splits(warehouse, tables["splits"])
    for row in tables["drivers"].rows:
        warehouse.execute(
            f"""
            update intermediate.int_product_drivers_measured
            set weight = weight * {int((100 + row.change_percent) * MILLIONTHS)} // {100 * MILLIONTHS}
            where driver_id = ? and product_id = ? and fiscal_period in (
                select fiscal_period from intermediate.int_fiscal_periods_begun
                where first_date >= (
                    select first_date from intermediate.int_fiscal_periods_begun where fiscal_period = ?
                )
            )
            """,
            [row.driver, row.product_id, row.fiscal_period],
        )
    for row in sorted(tables["rules"].rows, key=lambda one: one.fiscal_period):
        for setting in ("shared_method", "shared_driver", "overhead_driver"):
            if (value := getattr(row, setting)) is not None:
                warehouse.execute(
                    f"""
                    update intermediate.int_allocation_rules_resolved set {setting} = ?
                    where as_of_date >= (
                        select first_date from intermediate.int_fiscal_periods_begun where fiscal_period = ?
                    )
                    """,
                    [value, row.fiscal_period],
                )


def _assume_headcount(warehouse: duckdb.DuckDBPyConnection, headcount: Table) -> None:
    warehouse.execute("create temp table changes (team_id varchar, function_name varchar, since varchar, fte bigint)")
    for row in headcount.rows:
        values = [row.team_id, row.function, row.fiscal_period, int(row.fte * THOUSANDTHS)]
        warehouse.execute("insert into changes values (?, ?, ?, ?)", values)
    warehouse.execute(
        f"""
        create table intermediate.{ASSUMED} as
        select
            periods.fiscal_period, changes.team_id, changes.function_name,
            unnest(range(periods.first_date, periods.as_of_date + 1, interval 1 day))::date as work_date,
            changes.fte as fte_thousandths
        from changes
        inner join intermediate.int_fiscal_periods_begun as begins on changes.since = begins.fiscal_period
        inner join intermediate.int_fiscal_periods_begun as periods on begins.first_date <= periods.first_date
        """
    )


def _assume_splits(warehouse: duckdb.DuckDBPyConnection, splits: Table) -> None:
    """Rows of team_products.csv end where an assumed split of their team begins."""
    warehouse.execute(
        "create temp table assumed (team_id varchar, product_id varchar, share decimal(18, 6), valid_from date)"
    )
    for row in splits.rows:
        warehouse.execute(
            """
            insert into assumed
            select ?, ?, ?, first_date from intermediate.int_fiscal_periods_begun where fiscal_period = ?
            """,
            [row.team_id, row.product_id, row.share, row.fiscal_period],
        )
    warehouse.execute(
        """
        create temp table edited as
        select
            rows.* replace (least(rows.valid_to, begins.valid_from) as valid_to)
        from staging.stg_files__team_products as rows
        left join (select team_id, min(valid_from) as valid_from from assumed group by team_id) as begins
            on rows.team_id = begins.team_id
        where rows.valid_from < coalesce(begins.valid_from, date '9999-12-31')
        union all by name
        select
            team_id, product_id, share, valid_from,
            coalesce(
                (select min(later.valid_from) from assumed as later
                    where later.team_id = rows.team_id and later.valid_from > rows.valid_from),
                date '9999-12-31'
            ) as valid_to
        from assumed as rows;
        drop view staging.stg_files__team_products;
        create table staging.stg_files__team_products as select * from edited;
        """
    )
