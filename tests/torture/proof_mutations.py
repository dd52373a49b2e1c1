"""Mistakes in what landed and in what models made, each of which the proof must notice and name.

Belongs here: the mistakes, and a small warehouse in memory in which one table at a time is spoiled and what is built on
it is built again. Does not: mistakes in the text of models (mutations.py), the proof (quality/proof.py, dbt's models).

What is noticed is a figure that differs from its control, a period that is held back, an account that is unmapped and
was not, or a row of a blocking test of dbt. A mistake that nothing notices counts as survived.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion import sql
from ingestion.home import PEOPLE
from quality.proof import findings, held_back
from tests import in_process_dbt

MADE = (
    "fct_gl_line",
    "int_postings_explained",
    "int_class_differences_found",
    "int_ledger_differences_found",
    "int_class_products_resolved",
    "int_account_controls_measured",
    "int_cost_postings_selected",
    "int_revenue_postings_selected",
    "fct_revenue_recognised",
    "int_product_drivers_measured",
    "int_worker_days_placed",
    "int_pay_rates_resolved",
    "fct_worker_day",
    "int_pay_days_valued",
    "int_pay_shapes_measured",
    "int_people_groups_resolved",
    "int_standard_rates_resolved",
    "int_people_costs_valued",
    "int_cost_parts_placed",
    "int_standard_parts_placed",
    "int_cost_parts_united",
    "int_shared_products_eliminated",
    "fct_allocation",
    "int_product_costs_summed",
    "int_cost_controls_compared",
    "int_cost_controls_counted",
    "mart_revenue",
    "mart_product_cost",
    "mart_product_cost_range",
    "mart_product_pnl",
    "mart_reconciliation",
)
"""Models that are built again when something above them is spoiled; all others are as the company's warehouse has them,
and so are the effort of people and its test."""
BESIDE = ("fct_effort",)
READ = (
    "int_remainders_judged",
    "int_fiscal_periods_begun",
    "int_recognition_periods_ranged",
    "dim_currency",
    "stg_quickbooks__accounts",
)
"""What the proof and the mistakes read."""
SCHEMAS = "warehouse.intermediate,warehouse.marts,warehouse.staging,restricted.intermediate"

# A year of each kind of remainder, whatever the company's would be, and what the mistakes are about: a bill or journal
# that its document explains, in a period that has everything.
SETTING = """
create or replace table restricted.intermediate.int_remainders_judged as
select judged.fiscal_period, ['own', 'joint', 'withheld'][
    1 + (dense_rank() over (order by fiscal_year desc) - 1) % 3
] as remainder
from restricted.intermediate.int_remainders_judged as judged
inner join warehouse.intermediate.int_fiscal_periods_begun using (fiscal_period)
"""
PERIOD = """
select fiscal_period, lead_period, last_date, next_date from (
    select
        periods.*, lead(fiscal_period) over (order by first_date) as lead_period,
        lead(first_date) over (order by first_date) as next_date
    from warehouse.intermediate.int_fiscal_periods_begun as periods
) as periods
inner join restricted.intermediate.int_remainders_judged as judged using (fiscal_period)
where remainder = 'own' and is_complete and lead_period is not null
    and fiscal_period in (select fiscal_period from int_product_drivers_measured where driver_id = 'events')
    and fiscal_period in (select fiscal_period from int_people_costs_valued)
order by last_date desc limit 1
"""
VICTIM = """
select
    lines.gl_line_id, lines.document_id, lines.posting_date, lines.account_id, lines.amount_home_minor as amount_minor,
    accounts.full_name as account_name, coalesce(lines.document_number, lines.document_id) as document_name,
    lines.class_id
from fct_gl_line as lines
inner join int_cost_postings_selected as costs using (gl_line_id)
inner join staging.stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
where lines.fiscal_period = getvariable('period') and not costs.is_pay and lines.has_document
    and costs.statement_group = 'operating_expense' and costs.class_id is {has_class} null
    and 1 = (
        select count(*) from fct_gl_line as others
        where others.document_id = lines.document_id and others.posting_date = lines.posting_date
            and others.account_id = lines.account_id and others.amount_home_minor = lines.amount_home_minor
    )
order by lines.amount_home_minor desc, lines.gl_line_id limit 1
"""
PLACED = "product_id not in ('OVERHEAD', 'UNALLOCATED')"
OF_LINE = "document_id, posting_date, account_id, amount_minor"
LINE = f"({OF_LINE}) in (select {OF_LINE} from memory.main.victim)"
OWN = "fiscal_period = getvariable('period')"
ONE = "gl_line_id = (select gl_line_id from memory.main.victim)"
LEDGER = "select getvariable('period'), account_name from memory.main.victim"
DOCUMENT = "select getvariable('period'), account_name, document_name from memory.main.victim"
PERIOD_ONLY = "select getvariable('period')"


@dataclass(frozen=True, slots=True)
class Mistake:
    """``table`` is spoiled by ``sql``; what is found must have in it what ``names`` selects (one row of texts)."""

    name: str
    table: str
    sql: str
    names: str = PERIOD_ONLY
    of: str = "victim"


def _first(table: str, where: str, order: str = "rowid") -> str:
    return f"rowid = (select rowid from {table} where {where} order by {order} limit 1)"


def _lost(name: str, table: str, where: str, names: str = PERIOD_ONLY) -> Mistake:
    return Mistake(name, table, f"delete from {table} where {where}", names)


def _doubled(name: str, table: str, where: str, names: str = PERIOD_ONLY) -> Mistake:
    return Mistake(name, table, f"insert into {table} select * from {table} where {where}", names)


def _set(name: str, table: str, change: str, where: str, names: str = PERIOD_ONLY) -> Mistake:
    return Mistake(name, table, f"update {table} set {change} where {where}", names)


DRIVER = f"driver_id = (select min(driver_id) from int_shared_products_eliminated where {OWN})"
POSTINGS, SELECTED, PARTS = "stg_quickbooks__ledger_postings", "int_cost_postings_selected", "fct_allocation"
ACTUAL, STANDARD = f"scenario_id = 'actual' and {OWN}", f"scenario_id = 'standard' and {OWN}"
TWO_PRODUCTS = """
update {table} set {weight} = swapped.{weight}
from (
    select one.{key}, other.{weight}
    from (select *, row_number() over (order by {weight}, {key}) as place from {table} where {where}) as one
    inner join (select *, row_number() over (order by {weight} desc, {key} desc) as place from {table} where {where})
        as other on one.place = other.place
) as swapped
where {table}.{key} = swapped.{key} and {where_of_table}
"""


def _swapped(name: str, table: str, key: str, weight: str, where: str) -> Mistake:
    """The largest takes the smallest one's, and so on."""
    of_table = where.replace(" and ", f" and {table}.")
    sql = TWO_PRODUCTS.format(table=table, key=key, weight=weight, where=where, where_of_table=f"{table}.{of_table}")
    return Mistake(name, table, sql)


MISTAKES: Sequence[Mistake] = (
    # what landed of the books
    _lost("a ledger line is lost", POSTINGS, LINE, DOCUMENT),
    _doubled("a ledger line is there twice", POSTINGS, LINE, DOCUMENT),
    _set("a ledger line has the other sign", POSTINGS, "amount_minor = -amount_minor", LINE, DOCUMENT),
    _set("a ledger line is a cent more", POSTINGS, "amount_minor = amount_minor + 1", LINE, DOCUMENT),
    _set(
        "a ledger line is a period later",
        POSTINGS,
        "posting_date = getvariable('next_date')",
        LINE,
        "select getvariable('period'), getvariable('lead_period'), account_name from memory.main.victim",
    ),
    _set(
        "a ledger line is on another account",
        POSTINGS,
        "account_id = (select min(costs.account_id) from int_cost_postings_selected as costs where not is_pay and "
        "costs.account_id <> (select account_id from memory.main.victim))",
        LINE,
        LEDGER,
    ),
    Mistake(
        "a ledger line has lost its class",
        POSTINGS,
        f"update {POSTINGS} set class_id = null, class_name = null where {LINE}",
        LEDGER,
        "classed",
    ),
    _set(
        "the trial balance says a cent more of an account",
        "fct_trial_balance",
        "debit_minor = debit_minor + 1",
        "balance_date = getvariable('last_date') and account_id = (select account_id from memory.main.victim)",
        LEDGER,
    ),
    _lost(
        "the trial balance lacks an account",
        "fct_trial_balance",
        "balance_date = getvariable('last_date') and account_id = (select account_id from memory.main.victim)",
        LEDGER,
    ),
    _lost("the trial balance of a period is empty", "fct_trial_balance", "balance_date = getvariable('last_date')"),
    _set(
        "the profit and loss by class says a cent more",
        "stg_quickbooks__report_cells",
        "amount_minor = amount_minor + 1",
        "stream = 'profit_and_loss_by_class' and column_key <> 'total' and account_id = (select account_id from "
        "memory.main.victim) and report_id like '%' || getvariable('last_date')",
        LEDGER,
    ),
    _lost(
        "an account is not in the chart of accounts",
        "stg_quickbooks__accounts",
        "account_id = (select account_id from memory.main.victim)",
        PERIOD_ONLY,
    ),
    _doubled(
        "an account is in the chart of accounts twice",
        "stg_quickbooks__accounts",
        "account_id = (select account_id from memory.main.victim)",
        PERIOD_ONLY,
    ),
    # what the company's files say
    _lost(
        "the mapping of an account is lost",
        "stg_files__account_maps",
        "account_id = (select account_id from memory.main.victim)",
        LEDGER,
    ),
    _doubled(
        "the mapping of an account is there twice",
        "stg_files__account_maps",
        "account_id = (select account_id from memory.main.victim)",
        PERIOD_ONLY,
    ),
    _doubled("a version of the rules is there twice", "int_allocation_rules_resolved", OWN),
    _lost("a period has no rules", "int_allocation_rules_resolved", OWN),
    # selection
    _lost("a posting is not selected", SELECTED, ONE, DOCUMENT),
    _doubled("a posting is selected twice", SELECTED, ONE, DOCUMENT),
    _set("a posting is selected with the other sign", SELECTED, "amount_minor = -amount_minor", ONE, DOCUMENT),
    _set(
        "a posting is selected in another period", SELECTED, "fiscal_period = getvariable('lead_period')", ONE, DOCUMENT
    ),
    _set("a posting is of another statement group", SELECTED, "statement_group = 'cost_of_revenue'", ONE, LEDGER),
    _set("a posting counts as depreciation", SELECTED, "cost_type = 'depreciation'", ONE),
    # revenue
    _lost("revenue of a posting is lost", "fct_revenue_recognised", _first("fct_revenue_recognised", OWN)),
    _doubled("revenue of a posting counts twice", "fct_revenue_recognised", _first("fct_revenue_recognised", OWN)),
    _set(
        "revenue is of another period",
        "fct_revenue_recognised",
        "fiscal_period = getvariable('lead_period')",
        _first("fct_revenue_recognised", OWN),
    ),
    _set(
        "revenue is of another product",
        "fct_revenue_recognised",
        "product_id = (select max(product_id) from fct_revenue_recognised where product_id <> 'UNMAPPED')",
        f"{OWN} and product_id = (select min(product_id) from fct_revenue_recognised where {OWN} "
        "and product_id <> 'UNMAPPED')",
        "select getvariable('period'), 'revenue_classes'",
    ),
    _set(
        "revenue that is shown is of another product",
        "mart_revenue",
        "product_id = 'elsewhere'",
        _first("mart_revenue", OWN),
    ),
    _lost("a row of revenue is not shown", "mart_revenue", _first("mart_revenue", OWN)),
    # classes and contractors
    _set(
        "a class is another product's",
        "int_class_products_resolved",
        "product_id = 'elsewhere'",
        "(class_id, posting_date) in (select class_id, posting_date from memory.main.victim)",
    ),
    _lost(
        "a class has no row",
        "int_class_products_resolved",
        "(class_id, posting_date) in (select class_id, posting_date from memory.main.victim)",
    ),
    Mistake(
        "a class without a row takes its parent's, where the switch says no",
        "int_class_products_resolved",
        "update int_class_products_resolved set product_id = (select min(product_id) from int_class_products_resolved "
        "where product_id <> 'UNMAPPED') where product_id = 'UNMAPPED'",
        "select 'classes of', 'UNMAPPED'",
    ),
    _set(
        "a contractor counts as an employee, beside the bills",
        "dim_worker",
        "worker_type = 'employee'",
        "worker_type = 'contractor'",
        "select 'contractors'",
    ),
    _doubled(
        "a contractor's vendor is in vendor_map.csv twice",
        "stg_files__vendor_maps",
        "worker_id is not null",
        "select 'account'",
    ),
    # people and pay
    _lost(
        "a day of somebody is lost",
        "fct_worker_day",
        _first("fct_worker_day", f"{OWN} and is_head", "worker_id, work_date"),
    ),
    _doubled(
        "a day of somebody counts twice",
        "fct_worker_day",
        _first("fct_worker_day", f"{OWN} and is_head", "worker_id, work_date"),
        "select 'fct_worker_day'",
    ),
    _lost(
        "a team's share of a product is lost",
        "int_team_products_ranged",
        f"{PLACED} and team_id = (select team_id from fct_worker_day where "
        f"{OWN} and team_id in (select team_id from stg_files__team_products) "
        "group by team_id order by count(*) desc, team_id limit 1)",
        PERIOD_ONLY,
    ),
    _set(
        "a team's share of a product is half of it",
        "int_team_products_ranged",
        "share_millionths = share_millionths // 2",
        PLACED,
        PERIOD_ONLY,
    ),
    _doubled(
        "a team's share of a product is there twice",
        "int_team_products_ranged",
        PLACED,
        PERIOD_ONLY,
    ),
    _set(
        "the pay of a product counts nothing",
        "int_pay_shapes_measured",
        "share_trillionths = 0",
        _first(
            "int_pay_shapes_measured",
            f"{OWN} and pay_scope = 'EVERYBODY' and share_trillionths > 0 and {PLACED}",
        ),
    ),
    _swapped(
        "shares of pay are swapped between products",
        "int_pay_shapes_measured",
        "product_id",
        "share_trillionths",
        f"{OWN} and pay_scope = 'EVERYBODY'",
    ),
    _swapped(
        "rates of two currencies are swapped",
        "int_pay_rates_resolved",
        "currency",
        "actual_numerator",
        f"{OWN} and actual_numerator > 1",
    ),
    _doubled("lines of people are there twice", "int_people_costs_valued", OWN),
    _lost("a line of people is lost", "int_people_costs_valued", _first("int_people_costs_valued", OWN)),
    _set(
        "a line of people is another product's",
        "int_people_costs_valued",
        "product_id = 'elsewhere'",
        _first("int_people_costs_valued", f"{OWN} and {PLACED}"),
    ),
    _set(
        "a standard rate is two steps higher",
        "int_standard_rates_resolved",
        "rate_millionths = rate_millionths * 125 // 100",
        "true",
        "select 'standard_rates'",
    ),
    # drivers, shared products and overhead
    _set(
        "a driver of a product is nothing",
        "int_product_drivers_measured",
        "weight = 0",
        _first("int_product_drivers_measured", f"{OWN} and {DRIVER}"),
        "select getvariable('period'), 'drivers of'",
    ),
    _lost(
        "a driver of a product is lost",
        "int_product_drivers_measured",
        _first("int_product_drivers_measured", f"{OWN} and {DRIVER}"),
        "select getvariable('period'), 'drivers of'",
    ),
    _swapped(
        "a driver is swapped between products",
        "int_product_drivers_measured",
        "product_id",
        "weight",
        f"{OWN} and {DRIVER}",
    ),
    _doubled(
        "a driver is there twice",
        "int_product_drivers_measured",
        f"{OWN} and {DRIVER}",
        "select getvariable('period'), 'drivers of'",
    ),
    _lost(
        "nobody takes a part of a shared product",
        "int_shared_products_eliminated",
        _first("int_shared_products_eliminated", OWN),
    ),
    _doubled(
        "a part of a shared product goes twice",
        "int_shared_products_eliminated",
        _first("int_shared_products_eliminated", OWN),
    ),
    _swapped(
        "parts of a shared product are swapped",
        "int_shared_products_eliminated",
        "product_id",
        "share_trillionths",
        f"{OWN} and scenario_id = 'standard'",
    ),
    # allocation
    _lost("a part of a posting is lost", PARTS, _first(PARTS, f"{ACTUAL} and {ONE}"), DOCUMENT),
    _doubled("a part of a posting is there twice", PARTS, _first(PARTS, f"{ACTUAL} and {ONE}"), DOCUMENT),
    _set(
        "a part of a posting has the other sign",
        PARTS,
        "amount_minor = -amount_minor",
        _first(PARTS, f"{ACTUAL} and {ONE}"),
        DOCUMENT,
    ),
    _set(
        "all overhead is one product's",
        PARTS,
        "product_id = (select min(product_id) from fct_allocation where stage = 'overhead')",
        f"{STANDARD} and stage = 'overhead'",
    ),
    _set(
        "what is shared arrives at one product",
        PARTS,
        "product_id = (select min(product_id) from fct_allocation where stage = 'shared' and amount_minor > 0)",
        f"{STANDARD} and stage = 'shared' and amount_minor > 0",
    ),
    _set("pay of a team is another product's", PARTS, "product_id = 'elsewhere'", f"{STANDARD} and stage = 'team'"),
    _set(
        "the remainder counts twice",
        "int_standard_parts_placed",
        "amount_minor = 2 * amount_minor",
        f"{OWN} and rule_id = 'remainder'",
    ),
    _lost("the remainder is lost", "int_standard_parts_placed", f"{OWN} and rule_id = 'remainder'"),
    _set(
        "depreciation counts twice",
        "int_standard_parts_placed",
        "amount_minor = 2 * amount_minor",
        f"{OWN} and cost_type = 'depreciation'",
    ),
    _set(
        "depreciation is none",
        "int_standard_parts_placed",
        "cost_type = 'tools'",
        f"{OWN} and cost_type = 'depreciation'",
    ),
    # what is shown
    _lost("a row of cost is not shown", "mart_product_cost", _first("mart_product_cost", OWN)),
    _doubled("a row of cost is shown twice", "mart_product_cost", _first("mart_product_cost", OWN)),
    _set(
        "a row of cost is another product's",
        "mart_product_cost",
        "product_id = 'elsewhere'",
        _first("mart_product_cost", OWN),
    ),
    _lost(
        "in a period whose remainder is withheld a row of cost is not shown",
        "mart_product_cost",
        _first("mart_product_cost", "remainder = 'withheld'"),
        "select fiscal_period from mart_product_cost where remainder = 'withheld' order by rowid limit 1",
    ),
    _lost(
        "in a year with one remainder a row of cost is not shown",
        "mart_product_cost",
        _first("mart_product_cost", "remainder = 'joint'"),
        "select fiscal_period from mart_product_cost where remainder = 'joint' order by rowid limit 1",
    ),
    _set(
        "a product's cost of revenue is a cent more",
        "mart_product_pnl",
        "cost_of_revenue = cost_of_revenue + 0.01",
        _first("mart_product_pnl", OWN),
    ),
    _set(
        "a product's operating expense is a cent less",
        "mart_product_pnl",
        "operating_expense = operating_expense - 0.01",
        _first("mart_product_pnl", OWN),
    ),
    _lost(
        "a product has no profit and loss",
        "mart_product_pnl",
        _first("mart_product_pnl", f"{OWN} and operating_expense <> 0"),
    ),
    _set(
        "revenue is another product's in the profit and loss",
        "mart_product_pnl",
        "product_id = 'elsewhere'",
        _first("mart_product_pnl", f"{OWN} and recognised_revenue <> 0"),
    ),
    # effort and use
    _lost(
        "the work of a day is lost",
        "fct_effort",
        _first("fct_effort", "true"),
        "select 'assert_effort_of_each_day_is_one_under_each_model'",
    ),
    _doubled("the work of a day counts twice", "fct_effort", _first("fct_effort", "true"), "select 'effort'"),
    _set(
        "use of a day is an event more",
        "mart_usage",
        "events = events + 1",
        "product_id = 'COMPANY' and slice_type = 'all' and activity_date = getvariable('last_date')",
        "select getvariable('period'), 'events'",
    ),
    _lost(
        "an exported event is lost",
        "stg_amplitude__events",
        _first("stg_amplitude__events", "cast(event_at as date) = getvariable('last_date') - 7"),
        "select getvariable('period'), 'events'",
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    mistake: str
    table: str
    noticed: tuple[str, ...]
    """What was found, in words."""
    unnamed: tuple[str, ...]
    """What should be named and is not."""

    @property
    def is_caught(self) -> bool:
        return bool(self.noticed) and not self.unnamed


class Spoilt:
    """The cost half of a company's warehouse in memory, as its home has it; the home stays as it is."""

    def __init__(self, home: Path, folder: Path) -> None:
        os.environ["PRODOPS_HOME"] = str(home)
        flags = ("--exclude", "test_type:unit")
        done = in_process_dbt.dbt(home, "compile", "--select", *MADE, *BESIDE, *flags)
        assert done.success, done.exception
        nodes = [one.node for one in done.result]
        self.made = {one.name: one for one in nodes if one.resource_type == "model" and one.name in MADE}
        tests = [one for one in nodes if one.resource_type == "test" and one.config.severity.lower() == "error"]
        self.places = self._copied(home, folder, tests)
        self.tests = [one for one in tests if needs(one) <= self.places.keys()]
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse; attach ':memory:' as restricted")
        for database in ("warehouse", "restricted"):
            self.connection.execute(f"attach {sql.text(folder / database)} as kept_{database} (read_only)")
        for name, place in self.places.items():
            self.connection.execute(f"create schema if not exists {place.rpartition('.')[0]}")
            self._put(name, f"from kept_{place}")
        self.connection.execute(f"use warehouse; set search_path = '{SCHEMAS}'")
        self.connection.execute(SETTING)
        self._build(MADE)
        for name, place in self.places.items():
            self.connection.execute(f"create table memory.main.{name} as from {place}")
        period = self.connection.execute(PERIOD).fetchone()
        assert period is not None, "no period has everything that the mistakes are about"
        for variable, value in zip(("period", "lead_period", "last_date", "next_date"), period, strict=True):
            day = "" if "period" in variable else "date "
            self.connection.execute(f"set variable {variable} = {day}'{value}'")
        self.before = set(self._noticed({*MADE, *BESIDE}))
        assert not [one for one in self.before if not one.endswith("is unmapped")], self.before

    def outcome(self, mistake: Mistake) -> Outcome:
        """What is noticed of a mistake that is not noticed without it."""
        has_class = "not" if mistake.of == "classed" or "class" in mistake.table else ""
        self.connection.execute(f"create or replace table memory.main.victim as {VICTIM.format(has_class=has_class)}")
        (names,) = self.connection.execute(mistake.names).fetchall()
        below = [name for name in MADE if mistake.table in self._above(name)]
        touched = {mistake.table, *below}
        try:
            ((count,),) = self.connection.execute(mistake.sql).fetchall()
            assert count, f"{mistake.name}: nothing is spoilt"
            try:
                self._build(below)
            except duckdb.Error as error:
                return Outcome(mistake.name, mistake.table, (f"the build stops: {error}"[:200],), ())
            noticed = sorted(set(self._noticed(touched)) - self.before)
        finally:
            for name in touched:
                self._put(name, f"from memory.main.{name}")
        text = "\n".join(noticed)
        return Outcome(mistake.name, mistake.table, tuple(noticed), tuple(str(n) for n in names if str(n) not in text))

    def _noticed(self, touched: Sequence[str] | set[str]) -> Iterator[str]:
        yield from (f"{one.mart}: {one}" for one in findings(self.connection))
        yield from held_back(self.connection)
        for row in self.connection.execute(
            "select controls.fiscal_period, full_name from int_account_controls_measured as controls inner join "
            "stg_quickbooks__accounts using (account_id) where not controls.is_mapped"
        ).fetchall():
            yield f"{row[0]}: {row[1]} is unmapped"
        for test in self.tests:
            if needs(test) & set(touched):
                for _ in self.connection.execute(test.compiled_code).fetchmany(1):
                    yield f"test {test.name}"

    def _above(self, name: str) -> set[str]:
        """All that a model is built on, as far as it is built again here."""
        found: set[str] = set()
        coming = [name]
        while coming:
            one = coming.pop()
            for above in needs(self.made[one]) if one in self.made else ():
                if above not in found:
                    found.add(above)
                    coming.append(above)
        return found

    def _copied(self, home: Path, folder: Path, tests: Sequence[Any]) -> dict[str, str]:
        """Puts what models and their tests read into files of tables: views name databases as the home calls them."""
        wanted = {*MADE, *BESIDE, *READ}.union(*(needs(one) for one in self.made.values()))
        own = {*MADE, *BESIDE}
        wanted |= {name for test in tests if needs(test) & own for name in needs(test)}
        with duckdb.connect() as connection:
            connection.execute(f"attach {sql.text(home / 'warehouse.duckdb')} as warehouse (read_only)")
            connection.execute(f"attach {sql.text(home / PEOPLE)} as restricted (read_only)")
            rows = connection.execute(
                "select database_name, schema_name, table_name from duckdb_tables() where not internal union all "
                "select database_name, schema_name, view_name from duckdb_views() where not internal order by all"
            ).fetchall()
            places = {name: f"{database}.{schema}.{name}" for database, schema, name in rows if name in wanted}
            for database in ("warehouse", "restricted"):
                connection.execute(f"attach {sql.text(folder / database)} as kept_{database}")
            for place in places.values():
                connection.execute(f"create schema if not exists kept_{place.rpartition('.')[0]}")
                connection.execute(f"create table kept_{place} as from {place}")
        return places

    def _build(self, names: Sequence[str]) -> None:
        for name in names:
            self._put(name, self.made[name].compiled_code)

    def _put(self, name: str, query: str) -> None:
        self.connection.execute(f"create or replace table {self.places[name]} as {query}")


def needs(node: Any) -> set[str]:
    """Names of what a node of dbt reads."""
    return {one.split(".")[2] for one in node.depends_on.nodes}


def survived(home: Path, folder: Path) -> dict[str, object]:
    """Every mistake on the warehouse of a home, and those that nothing notices or names."""
    spoilt = Spoilt(home, folder)
    found = [spoilt.outcome(one) for one in MISTAKES]
    for one in found:
        print(
            f"{'noticed' if one.is_caught else 'SURVIVED'}: {one.mistake} ({one.table}): {one.noticed[:2]}", flush=True
        )
    return {
        "proof_mistakes": len(found),
        "proof_tables": len({one.table for one in found}),
        "proof_survived": [
            f"{one.mistake}: {', '.join(one.unnamed) or 'not noticed'}" for one in found if not one.is_caught
        ],
    }
