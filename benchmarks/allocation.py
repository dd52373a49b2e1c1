"""What does the allocation of cost take, beside the same joins and sums without it?

5,000 people, 60 months, 200 products: their days, their teams' products and the postings of a large company are made
here, as the tables that the models read. Measures, in one run on one machine, each in a process of its own:
- the models of the engine, from days of work to ``fct_allocation``, as dbt compiles them, for the ledger alone
  (scenario ``actual``), and with what is published (scenario ``standard``, its rates and remainders) besides;
- the same joins and sums with amounts times shares as floating point, to a table of the same grain and columns: nothing
  is rounded, nothing eliminated (what shared products use of each other is left out), nothing checked.

Run: ``python -m benchmarks.allocation [--people N] [--months N] [--products N]``. Writes
benchmarks/results/allocation.json.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import duckdb

from benchmarks.processes import measured
from benchmarks.results import write

PROJECT = Path(__file__).parents[1] / "dbt_project"
STANDARD = (
    *("int_people_groups_resolved", "int_standard_rates_resolved", "int_people_costs_valued"),
    *("int_remainders_judged", "int_standard_parts_placed"),
)
ENGINE = ("int_cost_parts_united", "int_shared_products_eliminated", "fct_allocation")
MODELS = ("int_pay_days_valued", "int_pay_shapes_measured", "int_cost_parts_placed", *STANDARD, *ENGINE)
VIEWS = ("int_pay_days_valued", "int_cost_parts_united")

COMPILE = """
import json, sys
from dbt.cli.main import dbtRunner
project, home, *models = sys.argv[1:]
places = ["--project-dir", project, "--profiles-dir", project]
places += ["--target-path", f"{home}/dbt", "--log-path", f"{home}/logs"]
done = dbtRunner().invoke(["compile", *places, "--quiet", "--select", *models])
if not done.success:
    sys.exit(str(done.exception))
compiled = {one.node.name: one.node.compiled_code for one in done.result}
json.dump([compiled[name] for name in models], open(f"{home}/compiled.json", "w"))
print("{}")
"""
RUN = """
import json, resource, sys, time
import duckdb
home, statements = sys.argv[1], json.load(open(sys.argv[2]))
warehouse = duckdb.connect(f"{home}/warehouse.duckdb", config={"temp_directory": f"{home}/restricted/spill"})
warehouse.execute(f"attach '{home}/restricted/people.duckdb' as restricted")
begun, by_statement = time.perf_counter(), {}
for name, statement in statements:
    since = time.perf_counter()
    warehouse.execute(statement)
    by_statement[name] = round(time.perf_counter() - since, 2)
seconds = time.perf_counter() - begun
(rows,) = warehouse.execute(f"select count(*) from {statements[-1][0]}").fetchone()
print(json.dumps({"seconds": round(seconds, 2), "mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "rows": rows, "by_model": by_statement}))
"""

TEAM_SIZE, FUNCTIONS, POOLS = 20, 8, 10
PAYROLL_LINES, CLASSED_LINES, OVERHEAD_LINES, BILLS = 160, 12, 400, 300
"""A month: payroll without a class, postings with the class of each product, overhead, contractors' bills."""
ALWAYS = "date '0001-01-01' as valid_from, date '9999-12-31' as valid_to"
FUNCTION = (
    f"['engineering', 'product', 'design', 'sales', 'marketing', 'support', 'finance', 'legal'][team % {FUNCTIONS} + 1]"
)
TABLES = {
    "warehouse.intermediate.int_policies_read": """
        select true as contractor_bills_follow_team, 'as_known_now' as closed_periods, 'UTC' as reporting_time_zone""",
    "warehouse.intermediate.int_fiscal_periods_begun": """
        select
            'P' || lpad(month::varchar, 2, '0') as fiscal_period, 'FY' || (21 + month // 12) as fiscal_year,
            (date '2021-01-01' + to_months(month::int))::date as first_date,
            last_day(first_date) as last_date, last_date as as_of_date, true as is_complete
        from range({months}) as months(month)""",
    "warehouse.intermediate.int_allocation_rules_resolved": """
        select
            fiscal_period, as_of_date, 'default' as rules_version, true as payroll_by_function,
            'left_out' as classed_payroll, 'step_down' as shared_method, 'events' as shared_driver,
            'cost' as overhead_driver
        from warehouse.intermediate.int_fiscal_periods_begun""",
    "warehouse.intermediate.int_product_drivers_measured": """
        select fiscal_period, driver_id, 'product-' || product as product_id, 1 + (random() * 1e9)::bigint as weight
        from warehouse.intermediate.int_fiscal_periods_begun
        cross join range({products}) as products(product)
        cross join (values ('events'), ('active_users'), ('revenue'), ('equal')) as drivers(driver_id)""",
    "warehouse.staging.stg_files__teams": f"""
        select
            'team-' || team as team_id, case when team < {POOLS} then 'platform' else 'stream' end as team_type,
            {ALWAYS}
        from range({{teams}}) as teams(team)""",
    "warehouse.staging.stg_files__team_products": f"""
        select
            'team-' || team as team_id,
            'product-' || case when team < {POOLS} then team else (team * 3 + place) % {{products}} end as product_id,
            case when team < {POOLS} then 1.0 else [0.5, 0.3, 0.2][place + 1] end::decimal(18, 6) as share, {ALWAYS}
        from range({{teams}}) as teams(team)
        cross join range(3) as places(place)
        where team >= {POOLS} or place = 0""",
    "warehouse.intermediate.int_team_products_ranged": """
        select team_id, product_id, (1000000 * share)::bigint as share_millionths, valid_from, valid_to
        from warehouse.staging.stg_files__team_products""",
    "restricted.intermediate.fct_worker_day": f"""
        select
            'W-' || worker as worker_id, work_date, fiscal_period, 'employee' as worker_type,
            'team-' || team as team_id, {FUNCTION} as function_name, 1::decimal(18, 6) as fte, true as is_head,
            4000000 + 1000 * (worker % 4999) + 50000 * year(work_date) as yearly_pay_minor, 1000 as paid_thousandths
        from (select worker, worker // {TEAM_SIZE} as team from range({{people}}) as workers(worker)) as workers
        cross join (
            select fiscal_period, unnest(range(first_date, last_date + 1, interval 1 day))::date as work_date
            from warehouse.intermediate.int_fiscal_periods_begun
        ) as days""",
    "restricted.intermediate.dim_worker": f"""
        select
            'C-' || bill as worker_id, 'C-' || bill as employee_id, 'team-' || bill % {{teams}} as team_id, {ALWAYS}
        from range({BILLS}) as bills(bill)""",
    "restricted.intermediate.int_pay_rates_resolved": """
        select
            fiscal_period, 'EUR' as currency, 1::decimal(38, 0) as actual_numerator,
            1::decimal(38, 0) as actual_denominator
        from warehouse.intermediate.int_fiscal_periods_begun""",
    "restricted.staging.stg_bamboohr__compensation_versions": f"""
        select '' as employee_id, {ALWAYS}, 'EUR' as currency, timestamp '2021-01-01' as known_from,
            timestamp '2021-01-01' as known_to, 1.0 as rate_amount, '' as paid_per, '' as pay_schedule, '' as pay_type
        limit 0""",
    "warehouse.staging.stg_quickbooks__preferences": "select date '2025-12-31' as book_close_date",
    "warehouse.staging.currencies": "select 'EUR' as currency, 2 as minor_unit_exponent",
    "warehouse.staging.stg_files__vendor_maps": f"""
        select 'V-' || bill as vendor_key, 'C-' || bill as worker_id, {ALWAYS} from range({BILLS}) as bills(bill)""",
    "warehouse.staging.stg_files__shared_drivers": f"""
        select 'default' as rules_version, 'product-' || product as product_id, 'revenue' as shared_driver
        from range({POOLS}) as products(product) where product % 2 = 1""",
    "warehouse.staging.stg_files__account_maps": f"""
        select
            'pay-' || team as account_id, 'operating_expense' as statement_group, 'payroll' as cost_type,
            {FUNCTION} as function_name, {ALWAYS}
        from range({FUNCTIONS}) as functions(team)""",
    "warehouse.intermediate.int_cost_postings_selected": f"""
        select
            fiscal_period || '/' || kind || '/' || line as gl_line_id, fiscal_period,
            last_date - (line % 28)::int as posting_date, kind || '-' || line % 8 as account_id,
            case when kind in ('classed', 'bill') then 'cost_of_revenue' else 'operating_expense' end
                as statement_group,
            case kind
                when 'pay' then 'payroll' when 'classed' then 'cloud' when 'bill' then 'contractor' else 'facilities'
            end as cost_type,
            case when kind = 'pay' then
                {FUNCTION.replace("team", "line")}
            end as account_function,
            kind = 'overhead' as is_overhead, kind = 'pay' as is_pay,
            case when kind = 'classed' then 'class-' || line % {{products}} end as class_id,
            case when kind = 'bill' then 'V-' || line end as vendor_id,
            1 + (random() * case when kind = 'pay' then 5e7 else 2e6 end)::bigint as amount_minor, 'EUR' as currency,
            'default' as rules_version
        from (
            select 'pay' as kind, unnest(range({PAYROLL_LINES})) as line
            union all select 'classed', unnest(range({CLASSED_LINES} * {{products}}))
            union all select 'overhead', unnest(range({OVERHEAD_LINES}))
            union all select 'bill', unnest(range({BILLS}))
        ) as lines
        cross join warehouse.intermediate.int_fiscal_periods_begun""",
    "warehouse.intermediate.int_class_products_resolved": """
        select distinct
            class_id, posting_date, 'product-' || substring(class_id, 7) as product_id, 1000000 as weight_millionths
        from warehouse.intermediate.int_cost_postings_selected
        where class_id is not null""",
}

PLAIN = """
    with shapes as (
        select
            days.fiscal_period, days.function_name, products.product_id,
            sum(days.pay * products.share_millionths) as weight
        from (
            select
                fiscal_period, lower(function_name) as function_name, team_id, work_date,
                sum(yearly_pay_minor::double * paid_thousandths) as pay
            from restricted.intermediate.fct_worker_day
            where worker_type <> 'contractor'
            group by all
        ) as days
        inner join warehouse.intermediate.int_team_products_ranged as products
            on days.team_id = products.team_id
            and products.valid_from <= days.work_date and days.work_date < products.valid_to
        group by all
    ),
    shares as (
        select *, weight / sum(weight) over (partition by fiscal_period, function_name) as share from shapes
    ),
    placed as (
        select
            postings.gl_line_id, postings.fiscal_period, 'direct' as stage, 'class' as rule_id,
            'product_map' as driver_id, products.product_id,
            postings.amount_minor * products.weight_millionths / 1e6 as amount
        from warehouse.intermediate.int_cost_postings_selected as postings
        inner join warehouse.intermediate.int_class_products_resolved as products
            on postings.class_id = products.class_id and postings.posting_date = products.posting_date
        union all
        select
            postings.gl_line_id, postings.fiscal_period, 'team', 'pay', postings.account_function, shares.product_id,
            postings.amount_minor * shares.share
        from warehouse.intermediate.int_cost_postings_selected as postings
        inner join shares
            on postings.fiscal_period = shares.fiscal_period and postings.account_function = shares.function_name
        union all
        select
            postings.gl_line_id, postings.fiscal_period, 'direct', 'contractor_team', workers.team_id,
            products.product_id, postings.amount_minor * products.share_millionths / 1e6
        from warehouse.intermediate.int_cost_postings_selected as postings
        inner join warehouse.staging.stg_files__vendor_maps as vendors on postings.vendor_id = vendors.vendor_key
        inner join restricted.intermediate.dim_worker as workers on vendors.worker_id = workers.worker_id
        inner join warehouse.intermediate.int_team_products_ranged as products on workers.team_id = products.team_id
    ),
    pools as (
        select distinct works.product_id as pool_id, coalesce(own.shared_driver, 'events') as driver_id
        from warehouse.staging.stg_files__teams as teams
        inner join warehouse.staging.stg_files__team_products as works on teams.team_id = works.team_id
        left join warehouse.staging.stg_files__shared_drivers as own on works.product_id = own.product_id
        where teams.team_type = 'platform'
    ),
    uses as (
        select
            fiscal_period, driver_id, product_id,
            weight / sum(weight) over (partition by fiscal_period, driver_id) as share
        from warehouse.intermediate.int_product_drivers_measured
        where product_id not in (select pool_id from pools)
    ),
    leaving as (
        select placed.* exclude (driver_id), pools.driver_id
        from placed
        inner join pools on placed.product_id = pools.pool_id
    ),
    parts as (
        select gl_line_id, fiscal_period, stage, rule_id, driver_id, product_id, amount from placed
        union all
        select gl_line_id, fiscal_period, 'shared', rule_id, driver_id, product_id, -amount from leaving
        union all
        select
            leaving.gl_line_id, leaving.fiscal_period, 'shared', leaving.rule_id, leaving.driver_id, uses.product_id,
            sum(leaving.amount * uses.share)
        from leaving
        inner join uses on leaving.fiscal_period = uses.fiscal_period and leaving.driver_id = uses.driver_id
        group by
            leaving.gl_line_id, leaving.fiscal_period, leaving.rule_id, leaving.driver_id, uses.product_id
    ),
    bearers as (
        select
            fiscal_period, product_id,
            sum(amount) / sum(sum(amount)) over (partition by fiscal_period) as share
        from parts
        where product_id not in (select pool_id from pools)
        group by fiscal_period, product_id
    )
    select
        postings.fiscal_period, parts.gl_line_id, postings.posting_date, postings.account_id,
        postings.statement_group, postings.cost_type, postings.account_function, parts.stage, parts.product_id,
        parts.amount, postings.currency, parts.rule_id, parts.driver_id, postings.rules_version
    from (
        select gl_line_id, stage, rule_id, driver_id, product_id, amount from parts
        union all
        select
            postings.gl_line_id, 'overhead', 'overhead_type', 'cost', bearers.product_id,
            postings.amount_minor * bearers.share
        from warehouse.intermediate.int_cost_postings_selected as postings
        inner join bearers on postings.fiscal_period = bearers.fiscal_period
        where postings.is_overhead
    ) as parts
    inner join warehouse.intermediate.int_cost_postings_selected as postings on parts.gl_line_id = postings.gl_line_id
"""

NOTHING = """
    select *, '' as stage, '' as product_id, '' as rule_id, '' as driver_id
    from warehouse.intermediate.int_cost_postings_selected limit 0
"""
"""In place of what is published, where the ledger alone is allocated."""


def made(home: Path, people: int, months: int, products: int) -> dict[str, int]:
    """The tables that the engine reads; how many rows the large ones have."""
    for folder in ("restricted/spill", "logs"):
        (home / folder).mkdir(parents=True)
    sizes = {"people": people, "months": months, "products": products, "teams": people // TEAM_SIZE}
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"attach '{home}/restricted/people.duckdb' as restricted; select setseed(0.5)")
        for schema in ("staging", "intermediate"):
            warehouse.execute(f"create schema warehouse.{schema}; create schema restricted.{schema}")
        for table, query in TABLES.items():
            warehouse.execute(f"create table {table} as {query.format(**sizes)}")
        counted = {
            "worker_days": "restricted.intermediate.fct_worker_day",
            "postings": "warehouse.intermediate.int_cost_postings_selected",
        }
        return {
            name: warehouse.execute(f"select count(*) from {table}").fetchall()[0][0] for name, table in counted.items()
        }


def run(made_in: Path, name: str, statements: list[tuple[str, str]]) -> dict[str, float]:
    """Statements on a copy of the tables, in a process of their own."""
    home = made_in.with_name(name)
    shutil.copytree(made_in, home)
    (home / "statements.json").write_text(json.dumps(statements))
    found = measured(RUN, str(home), str(home / "statements.json"))
    shutil.rmtree(home)
    return found


def created(name: str, sql: str) -> tuple[str, str]:
    place = f"restricted.intermediate.{name}"
    return place, f"create {'view' if name in VIEWS else 'table'} {place} as {sql}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 5_000), ("months", 60), ("products", 200)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        home = Path(scratch) / "made"
        empty = Path(scratch) / "empty"
        for folder in ("restricted/spill", "logs"):
            (empty / folder).mkdir(parents=True)
        measured(COMPILE, str(PROJECT), str(empty), *MODELS, PRODOPS_HOME=str(empty))
        compiled = dict(zip(MODELS, json.loads((empty / "compiled.json").read_text()), strict=True))
        rows = made(home, asked.people, asked.months, asked.products)
        everything = [created(name, compiled[name]) for name in MODELS]
        ledger = [
            created(name, NOTHING if name == STANDARD[-1] else compiled[name])
            for name in MODELS
            if name not in STANDARD[:-1]
        ]
        plain = run(
            home, "plain", [("restricted.intermediate.plain", f"create table restricted.intermediate.plain as {PLAIN}")]
        )
        engine = run(home, "engine", ledger)
        both = run(home, "both", everything)
        write(
            "allocation",
            {
                **vars(asked),
                **rows,
                "plain": plain,
                "ledger": engine,
                "ledger_and_published": both,
                "seconds_ratio": round(engine["seconds"] / plain["seconds"], 2),
                "memory_ratio": round(engine["mib"] / plain["mib"], 2),
                "seconds_ratio_with_published": round(both["seconds"] / plain["seconds"], 2),
            },
        )


if __name__ == "__main__":
    main()
