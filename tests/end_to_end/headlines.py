"""Each additive measure of each mart, summed as an analyst would, beside the headline from below the marts.

Belongs here: where each headline comes from. Does not: whether the headline is true (the other claims).

`sum(measure) ... where not is_rollup`, by the date of the mart, is the whole company's figure: of a mart with a row of
the company, that row's; of the others, what the facts below say, counted once.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

import registry
from tests.end_to_end.play import Play

MARTS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
MOVED = "from intermediate.fct_mrr_movement where not is_intra_period and company_type"
BALANCES = "from intermediate.fct_mrr_balance group by 1"
BEFORE = """
    from intermediate.fct_mrr_balance as balances
    inner join intermediate.int_revenue_periods_ranged as periods
        on balances.fiscal_period = periods.prior_fiscal_period
"""
HEADS = "from restricted.intermediate.fct_worker_day inner join intermediate.int_fiscal_periods_begun as periods"
WEEKS = "select date_trunc('week', work_date)::date, 100 * sum({}) / 5 from restricted.intermediate.fct_worker_day"
OF_MANY = """
    and date_trunc('week', work_date)::date || team_id not in (
        with days as (
            select date_trunc('week', work_date)::date as week, team_id, worker_id
            from restricted.intermediate.fct_worker_day where isodow(work_date) <= 5
        ),
        small as (select week, team_id from days group by all having count(distinct worker_id) < 5)
        select unnest(list_distinct(list(week || team_id))) from days semi join small using (week, team_id)
        group by week having count(distinct worker_id) < 5
    )
"""
STANDARD = "restricted.intermediate.fct_allocation where scenario_id = 'standard'"
SHOWN = "(select fiscal_period from restricted.intermediate.int_remainders_judged where remainder <> 'withheld')"
EXPENSES = f"from {STANDARD} and statement_group <> 'cost_of_revenue'"
DEVELOPED = f"{EXPENSES} and account_function in ('engineering', 'product', 'design') and stage"
RESULT = f"""
    from (
        select fiscal_period, amount_minor as minor, 'revenue' as line, '' as kind, '' as function, '' as stage
        from intermediate.fct_revenue_recognised
        union all
        select fiscal_period, -amount_minor, statement_group, cost_type, account_function, stage from {STANDARD}
    )
"""
FILED, PLACED = (f"restricted.intermediate.int_tool_{name}" for name in ("bills_shaped", "parts_placed"))
WHOLE = f"fiscal_period not in (select fiscal_period from {STANDARD}) or fiscal_period in {SHOWN}"
BUILDERS = f"from {STANDARD} and rule_id = 'people' and account_function in ('engineering', 'product', 'design')"
SPLIT = """
    from (
        select fiscal_period, amount_minor, case capex_regime
            when 'asc350_40_stage' then asc350_40_stage when 'asu_2025_06' then asu_2025_06 when 'ias38' then ias38
            else 'criteria_not_met' end as said
        from restricted.intermediate.int_epic_costs_shared cross join intermediate.int_policies_read
        where effort_model = 'equal_active_day'
    )
"""
ASSETS = """
    from intermediate.int_capex_assets_rolled
    inner join intermediate.int_policies_read on regime = capex_regime group by 1
"""
STOOD = "from intermediate.int_work_item_timestamps_attributed where timestamp_type"
BY_PERIOD: dict[str, dict[str, str]] = {
    "mart_arr": {
        "opening_mrr": f"select periods.fiscal_period, sum(mrr_plan_minor) {BEFORE} group by 1",
        "opening_mrr_actual": f"select periods.fiscal_period, sum(mrr_actual_minor) {BEFORE} group by 1",
        "closing_mrr": f"select fiscal_period, sum(mrr_plan_minor) {BALANCES}",
        "closing_arr": f"select fiscal_period, 12 * sum(mrr_plan_minor) {BALANCES}",
        "closing_mrr_actual": f"select fiscal_period, sum(mrr_actual_minor) {BALANCES}",
        "closing_arr_actual": f"select fiscal_period, 12 * sum(mrr_actual_minor) {BALANCES}",
        "moved_mrr_actual": f"select fiscal_period, sum(delta_actual_minor) {MOVED} <> 'fx' group by 1",
        "fx_mrr_actual": f"select fiscal_period, sum(delta_actual_minor) {MOVED} = 'fx' group by 1",
        "usage_mrr": """
            select fiscal_period, sum(usage_plan_minor) from intermediate.int_usage_bills_summed
            where (select usage_shown from intermediate.int_policies_read) group by 1
        """,
    }
    | {
        f"{kind}_mrr": f"select fiscal_period, sum(delta_plan_minor) {MOVED} = '{kind}' group by 1"
        for kind in (
            *("transfer_out", "transfer_in", "logo_new", "reactivation", "late_renewal", "cross_sell", "fx"),
            *("expansion_quantity", "expansion_price", "expansion_mix", "contraction", "product_churn", "logo_churn"),
        )
    },
    "mart_arr_movement": {
        measure: f"select fiscal_period, sum({change}) from intermediate.fct_mrr_movement group by 1"
        for measure, change in {
            "gained_mrr": "greatest(delta_plan_minor, 0)",
            "lost_mrr": "least(delta_plan_minor, 0)",
            "mrr_change": "delta_plan_minor",
            "mrr_change_actual": "delta_actual_minor",
        }.items()
    },
    "mart_revenue": {
        "recognised_revenue": (
            "select fiscal_period, sum(amount_minor) from intermediate.fct_revenue_recognised group by 1"
        ),
        "of_unmapped_accounts": """
            select fiscal_period, sum(amount_minor) from intermediate.fct_revenue_recognised
            where not is_account_mapped group by 1
        """,
    },
    "mart_product_cost": {"cost": f"select fiscal_period, sum(amount_minor) from {STANDARD} group by 1"},
    "mart_cost_centre": {"cost": f"select fiscal_period, sum(amount_minor) from {STANDARD} group by 1"},
    "mart_ai_spend": {
        "ledger_amount": "select fiscal_period, sum(amount_minor) from intermediate.int_tool_postings_named group by 1",
        "file_amount": f"select fiscal_period, sum(file_minor) from {FILED} group by 1",
        **{
            f"not_in_{side}": f"""
                select fiscal_period, sum({own} - explained) from (
                    select *, case when filed >= 0 then least(greatest(posted, 0), filed)
                        else greatest(least(posted, 0), filed) end as explained
                    from (
                        select fiscal_period, vendor_name, sum(posted) as posted, sum(filed) as filed from (
                            select fiscal_period, vendor_name, amount_minor as posted, 0 as filed from {PLACED}
                            union all select fiscal_period, vendor_name, 0, file_minor from {FILED}
                        ) group by all
                    )
                ) group by 1
            """
            for side, own in (("file", "posted"), ("ledger", "filed"))
        },
    },
    "mart_product_cost_range": {"cost": f"select fiscal_period, sum(amount_minor) from {STANDARD} group by 1"},
    "mart_product_pnl": {
        measure: f"select fiscal_period, {total} group by 1"
        for measure, total in {
            "recognised_revenue": "sum(amount_minor) from intermediate.fct_revenue_recognised",
            "cost_of_revenue": f"sum(amount_minor) from {STANDARD} and statement_group = 'cost_of_revenue'",
            "gross_profit": f"sum(minor) {RESULT} where line in ('revenue', 'cost_of_revenue')",
            "research_and_development_direct": f"sum(amount_minor) {DEVELOPED} in ('direct', 'team')",
            "research_and_development_shared": f"sum(amount_minor) {DEVELOPED} in ('shared', 'overhead')",
            "capitalised": f"sum(case when said = 'capitalised' then amount_minor else 0 end) {SPLIT}",
            "research_and_development_net": f"""
                sum(minor) from (
                    select fiscal_period, amount_minor as minor {DEVELOPED} <> ''
                    union all
                    select fiscal_period, -amount_minor {SPLIT} where said = 'capitalised'
                )
            """,
            "sales_and_marketing": f"sum(amount_minor) {EXPENSES} and account_function in ('sales', 'marketing')",
            "general_and_administrative": f"""
                sum(amount_minor) {EXPENSES} and fiscal_period in {SHOWN} and coalesce(account_function, '')
                not in ('engineering', 'product', 'design', 'sales', 'marketing')
            """,
            "operating_expense": f"sum(amount_minor) {EXPENSES} and fiscal_period in {SHOWN}",
            "operating_profit": f"sum(minor) {RESULT} where {WHOLE}",
            "contribution": f"""
                sum(minor) {RESULT} where line in ('revenue', 'cost_of_revenue') or (
                    function in ('engineering', 'product', 'design', 'sales', 'marketing')
                    and stage in ('direct', 'team')
                )
            """,
            "depreciation": f"sum(amount_minor) from {STANDARD} and cost_type = 'depreciation'",
            "ebitda_proxy": f"sum(minor) {RESULT} where kind is distinct from 'depreciation' and ({WHOLE})",
            "of_unmapped_accounts": f"sum(amount_minor) from {STANDARD} and statement_group = 'UNMAPPED'",
        }.items()
    },
    "mart_epic_cost": {"cost": f"select fiscal_period, sum(amount_minor) {BUILDERS} group by 1"},
    "mart_work_ladder": {
        "cost": f"select fiscal_period, sum(amount_minor) {BUILDERS} group by 1",
        "effort_days": """
            select fiscal_period, 100 * sum(fte) from restricted.intermediate.int_worker_days_placed
            where is_working_day and lower(function_name) in ('engineering', 'product', 'design') group by 1
        """,
    },
    "mart_capex_opex": {
        "cost": f"select fiscal_period, sum(amount_minor) {BUILDERS} group by 1",
        "expensed": f"select fiscal_period, sum(amount_minor) {SPLIT} where said <> 'capitalised' group by 1",
        **{
            measure: f"select fiscal_period, sum(amount_minor) {SPLIT} where said = '{said}' group by 1"
            for measure, said in {
                "capitalised": "capitalised",
                "expensed_without_criteria": "criteria_not_met",
                "expensed_before_criteria": "before_criteria",
                "expensed_after_use": "after_use",
                "expensed_no_development": "no_development",
            }.items()
        },
        **{
            measure: f"select fiscal_period, sum({measure}_minor) {ASSETS}"
            for measure in ("opening", "amortisation", "impairment", "closing")
        },
    },
    "mart_pricing": {
        measure: f"select fiscal_period, {total} from intermediate.fct_price_observation group by 1"
        for measure, total in {
            "observations": "100 * count(*)",
            "observations_without_list": "100 * count(*) filter (list_minor is null)",
            "units": "100 * sum(quantity)",
            "list_amount": "sum(list_plan_minor)",
            **{
                f"listed_{name}_amount": f"sum({name}_plan_minor) filter (list_minor is not null)"
                for name in ("contract", "invoice", "pocket")
            },
            **{
                f"{name}_amount": f"sum({name}_plan_minor)"
                for name in ("contract", "invoice", "credit", "refund", "fee", "write_off", "pocket")
            },
        }.items()
    },
    "mart_customer": {
        "closing_arr": f"select fiscal_period, 12 * sum(mrr_plan_minor) {BALANCES}",
        "closing_arr_actual": f"select fiscal_period, 12 * sum(mrr_actual_minor) {BALANCES}",
        **{
            f"renewal_{quarter}_quarter_arr": f"""
                select fiscal_period, 12 * sum(renewal_{quarter}_quarter_minor)
                from intermediate.int_customer_contracts_dated group by 1
            """
            for quarter in ("this", "next")
        },
    },
    "mart_delivery": {
        "wip_split": f"""
            select week_start_date, 100 * count(distinct issue_id || '/' || timestamp_number)
            {STOOD} = 'in_progress' group by 1
        """
    }
    | {
        measure: f"""
            select week_start_date, 100 * {figure}
            from (select distinct week_start_date, issue_id, timestamp_number {STOOD} = 'done')
            inner join intermediate.int_work_items_flowed using (issue_id)
            where counts_as_done group by 1
        """
        for measure, figure in (("throughput_split", "count(*)"), ("cycle_hours_split", "sum(cycle_ms) / 3600000.0"))
    },
    "mart_delivery_forecast": {
        measure: f"""
            select local_date, 100 * sum({total})
            from intermediate.int_epic_weeks_counted
            inner join intermediate.int_epics_counted as epics using (epic_id)
            cross join intermediate.int_jira_clocks_read
            where is_open {whose} group by 1
        """
        for measure, total, whose in (
            ("items_open", "items_added - items_removed - int_epic_weeks_counted.items_done", ""),
            ("items_done", "int_epic_weeks_counted.items_done", ""),
            (
                "items_open_elsewhere",
                "items_added - items_removed - int_epic_weeks_counted.items_done",
                "and int_epic_weeks_counted.queue_id <> epics.queue_id",
            ),
        )
    },
    "mart_capacity": {
        f"{name}_fte_weeks": f"{WEEKS.format(part)} where isodow(work_date) <= 5 {shown} group by 1"
        for name, part, shown in (
            ("gross", "fte", ""),
            ("holiday", "case when is_working_day then 0 else fte end", ""),
            ("leave", "fte * leave_share", OF_MANY),
            ("supply", "case when is_working_day then fte * (1 - leave_share) else 0 end", OF_MANY),
        )
    }
    | {
        f"{name}_fte_weeks": f"""
            select week_start_date, 100 * sum({name}_fte_weeks)
            from restricted.intermediate.int_team_efforts_summed group by 1
        """
        for name in ("planned", "unplanned", "unattributed")
    },
    "mart_staffing": {
        measure: f"select periods.fiscal_period, 100 * {total} {HEADS} {days} where is_head group by 1"
        for measure, total, days in (
            ("headcount", "count(*)", "on work_date = as_of_date"),
            ("fte", "sum(fte)", "on work_date = as_of_date"),
            ("fte_days", "sum(fte)", "using (fiscal_period)"),
            ("average_headcount", "count(*) / 2", "on work_date in (as_of_date, first_date - 1)"),
        )
    }
    | {
        "average_fte": f"""
            select periods.fiscal_period, case fte_average
                when 'ends' then 50 * sum(fte) filter (work_date in (as_of_date, first_date - 1))
                else 100 * sum(fte) filter (work_date >= first_date) / (max(as_of_date) - max(first_date) + 1)
            end
            {HEADS} on work_date between first_date - 1 and as_of_date cross join intermediate.int_policies_read
            where is_head group by 1, fte_average
        """,
    },
    "mart_product_staffing": {
        **{
            f"{name}fte": f"""
                select periods.fiscal_period, 100 * sum(fte) {HEADS} on work_date = as_of_date
                where is_head and lower(function_name) like '{function}' group by 1
            """
            for name, function in (
                ("", "%"),
                ("engineering_", "engineering"),
                ("product_management_", "product"),
                ("design_", "design"),
            )
        },
        "fte_days": f"""
            select periods.fiscal_period, 100 * sum(fte) {HEADS} using (fiscal_period) where is_head group by 1
        """,
        **{
            measure: f"select fiscal_period, 100 * {measure} from marts.mart_product_staffing where is_rollup"
            for measure in ("average_fte_12m", "revenue_12m", "cost_12m", "revenue_12m_before", "cost_12m_before")
        },
    },
}
"""In hundredths, as the minor units of the companies' reporting currencies are."""
A_ROUNDED_HOUR = Decimal("0.01")
"""Milliseconds are no decimal part of an hour: each row is rounded to a millionth."""
A_FLOAT = Decimal("0.000001")
"""Sums of floats depend on their order."""


def differences(play: Play) -> list[str]:
    """Measures whose plain sum is not the headline, and those that no headline is known of."""
    # One connection for all: to open both files takes a tenth of a second.
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach '{play.home / 'restricted' / 'people.duckdb'}' as restricted (read_only)")
        return list(_differences(warehouse))


def _differences(warehouse: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for mart, about in sorted(_marts().items()):
        date = about["meta"]["key"][0]
        floats = {column["name"]: column.get("data_type") for column in about["columns"]}
        for measure in _added_up(about):
            headline = BY_PERIOD.get(mart, {}).get(measure)
            if headline is None and "slice_type" in about["meta"]["key"]:
                headline = f"""
                    select {date}, 100 * sum({measure}) from marts.{mart}
                    where product_id = 'COMPANY' and slice_type = 'all' group by 1
                """
            if headline is None:
                yield f"{mart}.{measure}: no headline is known"
                continue
            naive = _by_date(
                warehouse, f"select {date}, 100 * sum({measure}) from marts.{mart} where not is_rollup group by 1"
            )
            true = _by_date(warehouse, headline)
            for one in sorted(naive.keys() | true.keys()):
                allowed = A_ROUNDED_HOUR if "_hours" in measure else A_FLOAT if floats[measure] == "double" else 0
                if abs(naive.get(one, 0) - true.get(one, 0)) > allowed:
                    yield f"{mart}.{measure} {one}: sum {naive.get(one)}, headline {true.get(one)}, in hundredths"
            if not naive:
                yield f"{mart}.{measure}: no row is added up"


def _marts() -> dict[str, Any]:
    files = [yaml.safe_load(file.read_text()) for file in MARTS.glob("*/mart_*.yml")]
    return {model["name"]: model for file in files for model in file.get("models", [])}


def _added_up(about: dict[str, Any]) -> list[str]:
    """Measures that may be added up over all but the date."""
    date = about["meta"]["key"][0]
    metrics = registry.metrics().marts[about["name"]].metrics
    return [
        measure
        for measure, metric in metrics.items()
        if metric.additivity != "non-additive" and {*metric.not_over} <= {date}
    ]


def _by_date(warehouse: duckdb.DuckDBPyConnection, query: str) -> dict[str, Decimal]:
    return {str(date): Decimal(str(value or 0)) for date, value in warehouse.execute(query).fetchall()}
