"""Is every mart what an independent control says, and where it is not, what is to blame?

Belongs here: reading mart_reconciliation and finding the account, the period and the document of a difference. Does
not: comparing (dbt's models), what a difference holds back (orchestration).

Of cost no amount is named: a difference on an account of payroll is somebody's pay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.home import PEOPLE

SHOWN = 5
PROVEN = ("mart_product_cost", "mart_product_cost_range", "mart_product_pnl", "mart_revenue", "mart_usage")
"""Marts that are held back where they are not what their control says; the vendors' controls only warn."""
EXACT = "(currency is not null or control_of = 'Amplitude export')"

FACTS = {
    "mart_revenue": ("intermediate.fct_revenue_recognised", "revenue", -1, "true"),
    "mart_product_cost": ("restricted.intermediate.fct_allocation", "cost", 1, "scenario_id = 'actual'"),
}
"""What a mart is summed from, of which accounts, and with which sign the ledger has it."""

CELLS = {
    "mart_revenue": (
        "recognised_revenue",
        ("product_id", "segment", "market"),
        "intermediate.fct_revenue_recognised where true",
    ),
    "mart_product_cost": (
        "cost",
        ("product_id", "statement_group", "stage"),
        "restricted.intermediate.fct_allocation where scenario_id = 'standard'",
    ),
    "mart_product_pnl": (
        "recognised_revenue",
        ("product_id",),
        "intermediate.fct_revenue_recognised where fiscal_period in "
        "(select fiscal_period from intermediate.int_fiscal_periods_begun)",
    ),
}
"""A measure that is a sum of a fact by some columns: cells that change places leave every total as it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What differs in a mart: the period and group, and who is to blame, in words."""

    mart: str
    fiscal_period: str
    what: str

    def __str__(self) -> str:
        return f"{self.fiscal_period} {self.what}"


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the page: a group of accounts of a mart over all periods."""

    mart: str
    account_group: str
    control_of: str
    periods: int
    agreeing: int
    held_back: int
    explained: int
    """Periods with a named item between the control and the figure."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One mart: how many figures were compared, and what differs."""

    mart: str
    compared: int
    findings: tuple[Finding, ...]

    @property
    def is_green(self) -> bool:
        return not self.findings

    @property
    def text(self) -> str:
        if self.is_green:
            return f"{self.compared} figures are what their controls say"
        shown = "; ".join(str(one) for one in self.findings[:SHOWN])
        more = f"; and {len(self.findings) - SHOWN} more" if len(self.findings) > SHOWN else ""
        return f"{shown}{more}. Next: docs/metrics/reconciliation.md"


def proofs(warehouse: Path) -> list[Proof]:
    """Every mart that must be its control's, as the last build left it."""
    with duckdb.connect() as connection:
        _open(connection, warehouse)
        counted = dict(
            connection.execute(
                f"select mart_name, count(*) from marts.mart_reconciliation where {EXACT} group by 1"
            ).fetchall()
        )
        found = list(findings(connection))
        return [Proof(mart, counted.get(mart, 0), tuple(one for one in found if one.mart == mart)) for mart in PROVEN]


def page(warehouse: Path) -> tuple[list[Group], list[str]]:
    """The proof as a person reads it: a line a group, and why periods are held back."""
    with duckdb.connect() as connection:
        _open(connection, warehouse)
        is_there = "select 1 from duckdb_tables() where table_name = 'mart_reconciliation'"
        if not connection.execute(is_there).fetchone():
            return [], []
        groups = [
            Group(*row)
            for row in connection.execute(
                """
                select
                    mart_name, account_group, any_value(control_of), count(*),
                    count(*) filter (status = 'agrees'), count(*) filter (status = 'held_back'),
                    count(*) filter (abs(out_of_period) + abs(regrouped) + abs(unmapped) + abs(not_counted) > 0)
                from marts.mart_reconciliation group by 1, 2
                union all
                select
                    case when control_id = 'revenue_classes' then 'mart_revenue' else 'mart_product_cost' end,
                    control_id, 'what it is made of', count(*), count(*) filter (agreeing = compared), 0, 0
                from restricted.intermediate.int_cost_controls_counted group by 1, 2
                order by 1, 3, 2
                """
            ).fetchall()
        ]
        return groups, held_back(connection)


def held_back(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Periods whose ledger is not what QuickBooks reports, by account, with the document that may be to blame."""
    return [
        f"{period or 'no period'} is held back: {proof} of {account or 'the ledger'}"
        + (f", look at {suspect}" if suspect else "")
        for period, proof, account, suspect in connection.execute(
            "select fiscal_period, proof, coalesce(account_name, account_id), suspect "
            "from intermediate.int_ledger_differences_found order by all"
        ).fetchall()
    ]


def findings(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """All that differs, over a connection that uses the warehouse, with the restricted database attached."""
    blamed: set[tuple[str, str]] = set()
    for mart, period, what in [*_accounts(connection), *_steps(connection), *_cells(connection)]:
        blamed.add((mart, period))
        yield Finding(mart, period, what)
    for mart in PROVEN:
        is_shown = f"select 1 from marts.{mart} limit 1"
        is_proven = f"select 1 from marts.mart_reconciliation where mart_name = '{mart}' and {EXACT} limit 1"
        if connection.execute(is_shown).fetchone() and not connection.execute(is_proven).fetchone():
            yield Finding(mart, "all periods", "nothing was compared: the controls did not land")
    rows = connection.execute(
        f"""
        select mart_name, fiscal_period, account_group,
            case when account_group in ('revenue', 'depreciation', 'events') then difference end
        from marts.mart_reconciliation where status = 'differs' and {EXACT}
        order by all
        """
    ).fetchall()
    for mart, period, group, difference in rows:
        amount = "" if difference is None else f" by {difference.normalize():f}"
        where = "" if (mart, period) in blamed else ": its rows are not what they are summed from"
        yield Finding(mart, period, f"{group} is not its control's{amount}{where}")


def _accounts(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str]]:
    """Accounts of which a fact is not what the trial balance says, with the documents whose postings are lost, there
    twice or changed."""
    for mart, (fact, group, sign, scenario) in FACTS.items():
        groups = "statement_group" if group == "cost" else "'revenue'"
        accounts = connection.execute(
            f"""
            with sides as (
                select
                    fiscal_period, account_id, statement_group,
                    reported_minor - out_of_period_minor - regrouped_minor as minor
                from intermediate.int_account_controls_measured
                where (statement_group = 'revenue') = ('{group}' = 'revenue')
                union all
                select fiscal_period, account_id, {groups}, -amount_minor from {fact} where {scenario}
            ),
            wrong as (
                select fiscal_period, account_id from sides
                group by fiscal_period, account_id, statement_group having sum(minor) <> 0
            )
            select distinct sides.fiscal_period, sides.account_id, accounts.full_name
            from wrong as sides
            left join staging.stg_quickbooks__accounts as accounts using (account_id)
            where sides.fiscal_period not in (
                select fiscal_period from intermediate.int_ledger_differences_found where fiscal_period is not null
            )
            {
                "and sides.fiscal_period in (select fiscal_period from intermediate.int_recognition_periods_ranged)"
                if group == "revenue"
                else ""
            }
            order by all
            """
        ).fetchall()
        for period, account, name in accounts:
            documents = connection.execute(
                f"""
                select distinct coalesce(
                    lines.document_type || ' ' || coalesce(lines.document_number, lines.document_id),
                    facts.gl_line_id
                )
                from (
                    select * from intermediate.fct_gl_line where fiscal_period = $period and account_id = $account
                ) as lines
                full outer join (
                    select gl_line_id, sum(amount_minor) as amount_minor from {fact}
                    where {scenario} and fiscal_period = $period and account_id = $account group by gl_line_id
                ) as facts using (gl_line_id)
                where {sign} * coalesce(lines.amount_home_minor, 0) <> coalesce(facts.amount_minor, 0)
                order by 1 limit {SHOWN}
                """,
                {"period": period, "account": account},
            ).fetchall()
            named = ", ".join(document for (document,) in documents) or "no single document"
            yield mart, period, f"account {account} {name or ''}: {named}".replace(" :", ":")


def _steps(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str]]:
    """Steps of the allocation whose result is not what it is made of. Accounts are named already."""
    for period, control, objects in connection.execute(
        """
        select fiscal_period, control_id, list(object_id order by object_id)
        from restricted.intermediate.int_cost_controls_compared
        where not is_agreed and control_id <> 'allocated' group by 1, 2 order by 1, 2
        """
    ).fetchall():
        mart = "mart_revenue" if control == "revenue_classes" else "mart_product_cost"
        yield mart, period, f"{control} of {_named(objects)}: not what it is made of"


def _cells(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str]]:
    for mart, (measure, columns, fact) in CELLS.items():
        names = ", ".join(columns)
        for period, cells in connection.execute(
            f"""
            with sides as (
                select fiscal_period, {names}, {measure} * power(10, minor_unit_exponent)::int as minor
                from marts.{mart} inner join marts.dim_currency using (currency)
                union all
                select fiscal_period, {names}, -amount_minor from {fact}
            ),
            cells as (
                select fiscal_period, concat_ws('/', {names}) as cell
                from sides group by fiscal_period, {names} having sum(minor) <> 0
            )
            select fiscal_period, list(cell order by cell) from cells group by 1 order by 1
            """
        ).fetchall():
            yield mart, period, f"{measure} of {_named(cells)}: not what it is summed from"


def _named(objects: Sequence[str]) -> str:
    more = f" and {len(objects) - SHOWN} more" if len(objects) > SHOWN else ""
    return ", ".join(objects[:SHOWN]) + more


def _open(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    connection.execute(f"attach {sql.text(warehouse)} as warehouse (read_only)")
    connection.execute(f"attach {sql.text(warehouse.parent / PEOPLE)} as restricted (read_only)")
    connection.execute("use warehouse")
