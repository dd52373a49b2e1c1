"""What the figures truly are: every mart from what happened in the company, slowly and plainly.

Belongs here: the second implementation of each figure, in whole numbers, Decimal and Fraction, with no SQL. Does not:
how a vendor shows things, and any rule shared with the warehouse: two implementations prove each other only when they
have nothing in common but the definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import ms
from sandbox.truth import (
    adoption,
    arr,
    awaited,
    billing,
    board,
    budget,
    capacity,
    cost_range,
    customers,
    decisions,
    delivery,
    dependencies,
    effort,
    epics,
    goals,
    headcount,
    health,
    ladder,
    market,
    okr,
    people,
    pricing,
    product_staffing,
    proof,
    recognised,
    retention,
    roadmap,
    standard,
    usage,
)
from sandbox.truth.files import files_records, goal_notes
from sandbox.truth.landing import amplitude_records, fx_records, jira_records, landed, landed_from
from sandbox.truth.retained import retained
from sandbox.truth.revenue import Revenue

KEYS = {
    "mart_delivery": ("week_start_date", "product_id", "team_id"),
    "mart_delivery_forecast": ("as_of_date", "epic_id"),
    "mart_usage": ("activity_date", "product_id", "slice_type", "slice_value"),
    "mart_adoption": ("month_start_date", "product_id", "slice_type", "slice_value"),
    "mart_retention": ("cohort_grain", "cohort_start_date", "product_id", "age"),
    "mart_arr": ("fiscal_period", "product_id", "segment", "market"),
    "mart_arr_movement": (
        *("fiscal_period", "product_id", "segment", "market"),
        *("company_type", "product_type", "is_intra_period", "is_involuntary"),
    ),
    "mart_revenue_retention": ("fiscal_period", "product_id", "slice_type", "slice_value"),
    "mart_arpa": ("fiscal_period", "product_id", "slice_type", "slice_value"),
    "mart_market": ("fiscal_period", "market", "slice_type", "slice_value", "product_id"),
    "mart_revenue": ("fiscal_period", "product_id", "segment", "market"),
    "mart_pricing": ("fiscal_period", "product_id", "segment", "market"),
    "mart_customer": ("fiscal_period", "customer_id"),
    "mart_product_cost": ("fiscal_period", "product_id", "statement_group", "stage"),
    "mart_product_pnl": ("fiscal_period", "product_id"),
    "mart_cost_centre": (*("fiscal_period", "statement_group", "cost_centre_type", "cost_centre_id", "function_name"),),
    "mart_ai_spend": ("fiscal_period", "vendor_name", "team_id", "product_id"),
    "mart_product_cost_range": ("fiscal_period", "product_id"),
    "mart_epic_cost": ("fiscal_period", "product_id", "epic_id", "initiative_id", "work_type"),
    "mart_work_ladder": (
        *("fiscal_period", "product_id", "team_id", "epic_id"),
        *("initiative_id", "key_result_id", "objective_id"),
    ),
    "mart_dependency": ("link_id",),
    "mart_capex_opex": ("fiscal_period", "regime", "product_id", "epic_id"),
    "mart_budget": ("fiscal_period", "account_group", "product_id"),
    "mart_roadmap_outcome": ("item_id", "promise_id"),
    "mart_capacity": ("week_start_date", "team_id"),
    "mart_staffing": ("fiscal_period", "team_id", "function_name"),
    "mart_effort_error": ("fiscal_period", "team_id", "effort_model"),
    "mart_product_staffing": ("fiscal_period", "product_id"),
    "mart_productops_impact": ("fiscal_quarter", "product_id", "stage"),
    "mart_okr": ("as_of_date", "goal_type", "goal_id"),
    "mart_reconciliation": ("fiscal_period", "mart_name", "account_group"),
    "mart_data_health": ("source", "metric_id"),
    "mart_board_metric": ("metric_id", "slice_type", "slice_value", "period_type", "period_id"),
}


CONTROLS = (
    ("stripe", "billed_balances"),
    ("stripe", "listed_items"),
    ("jira", "issue_statuses"),
    ("jira", "issue_categories"),
    ("jira", "issue_resolutions"),
    ("jira", "issue_projects"),
    ("jira", "issue_steps"),
    ("jira", "issue_epics"),
    ("amplitude", "event_totals"),
    ("amplitude", "cohort_sizes"),
    ("amplitude", "identified_users"),
    ("amplitude", "counted_users"),
    ("amplitude", "first_days"),
    ("bamboohr", "employed_heads"),
    ("bamboohr", "employed_departments"),
    ("quickbooks", "recognised_revenue"),
)
"""The vendors of a made-up company agree with themselves in all that can be compared, however much that is."""

DATED = {
    "jira": ("issues",),
    "stripe": ("invoices", "balance_transactions"),
    "quickbooks": (
        *("journal_entries", "invoices", "credit_memos", "sales_receipts", "refund_receipts", "payments", "deposits"),
        *("transfers", "bills", "vendor_credits", "bill_payments", "purchases", "credit_card_payments"),
    ),
    "fx": ("rates",),
}
"""Streams whose records say of when they are, by a server whose clock is right. That of a phone may be wrong."""


def truth(company: Company, now: int | str) -> dict[str, list[dict[str, Any]]]:
    """Every mart's rows at an instant: key columns and measures; decimals as text."""
    work, used = delivery.DeliveryFacts(company, ms(now)), people.UsageFacts(company, ms(now))
    revenue = Revenue(company, ms(now))
    balances, movements = revenue.balances(), revenue.movements()
    costs = standard.StandardCosts(company, ms(now))
    worked_on = epics.EpicCosts(costs)
    climbed = ladder.Ladders(worked_on)
    planned, spent = roadmap.Roadmap(company, work), epics.epic_costs(worked_on)
    profits = standard.profits(costs, epics.capitalised(worked_on))
    shares = {
        "amplitude": usage.data_health(used, amplitude_records(company, ms(now))),
        "jira": delivery.data_health(work, jira_records(work.world)) | dependencies.coverage(company, work),
        "stripe": billing.data_health(company, ms(now)),
        "quickbooks": health.quickbooks(company, ms(now)),
        "bamboohr": health.bamboohr(company, ms(now)),
        "files": health.read(files_records(company, ms(now)))
        | worked_on.coverage()
        | climbed.coverage()
        | planned.coverage()
        | goal_notes(company, ms(now)),
        "fx": health.read(fx_records(company, ms(now))),
    }
    shares |= {source: shares[source] | health.dated(shares[source], streams) for source, streams in DATED.items()}
    marts = {
        "mart_delivery": delivery.delivery(work),
        "mart_delivery_forecast": awaited.delivery_forecast(work),
        "mart_usage": usage.usage(used),
        "mart_adoption": adoption.adoption(used),
        "mart_retention": retention.retention(used),
        "mart_arr": arr.arr(revenue, balances, movements),
        "mart_arr_movement": arr.arr_movements(movements),
        "mart_revenue_retention": arr.retention(revenue, retained(revenue, balances, movements)),
        "mart_arpa": arr.arpa(revenue, balances, movements, revenue.unmapped_accounts(), revenue.unmapped_movements()),
        "mart_market": market.market(revenue, balances),
        "mart_revenue": recognised.revenue(company, ms(now)),
        "mart_pricing": pricing.pricing(revenue),
        "mart_customer": customers.Customers(revenue, used).rows(balances),
        "mart_product_cost_range": cost_range.cost_ranges(costs, worked_on.efforts),
        "mart_product_cost": standard.product_costs(costs),
        "mart_product_pnl": profits,
        "mart_budget": budget.budgets(company, ms(now), profits),
        "mart_epic_cost": spent,
        "mart_work_ladder": ladder.work_ladder(climbed),
        "mart_dependency": dependencies.dependencies(company, work),
        "mart_roadmap_outcome": roadmap.outcomes(planned, spent),
        "mart_capex_opex": epics.capex_opex(worked_on),
        "mart_cost_centre": standard.cost_centres(costs),
        "mart_ai_spend": standard.ai_spend(costs),
        "mart_capacity": capacity.capacity(company, ms(now)),
        "mart_staffing": headcount.staffing(company, ms(now)),
        "mart_effort_error": effort.effort_errors(worked_on.efforts),
        "mart_product_staffing": product_staffing.product_staffing(company, ms(now), profits),
        "mart_productops_impact": decisions.productops_impact(company, ms(now)),
        "mart_data_health": data_health(shares),
    }
    marts["mart_okr"] = okr.okr(company, ms(now), goals.measures(marts))
    marts["mart_board_metric"] = board.board(
        company, ms(now), marts, okr.objective_lives(company, ms(now)), list(delivery.finished(work))
    )
    vendors = [*CONTROLS, ("quickbooks", "ledger_periods_tied")]
    remainders = {period.name: costs.remainder(period) for period in costs.postings.periods}
    proven = proof.reconciliation(company, ms(now), used, marts, remainders, vendors)
    return marts | {"mart_reconciliation": proven}


def data_health(shares: Mapping[str, Mapping[str, tuple[int, int]]]) -> list[dict[str, Any]]:
    """The rows of mart_data_health, from each source's parts and wholes; a share of nothing is none."""
    rows: list[dict[str, Any]] = [
        {
            "source": source,
            "metric_id": metric,
            "numerator": part,
            "denominator": whole,
            "ratio": part / whole if whole else None,
        }
        for source, parts in shares.items()
        for metric, (part, whole) in sorted(parts.items())
    ]
    return rows + [{"source": source, "metric_id": control, "ratio": 1.0} for source, control in CONTROLS]


__all__ = ["KEYS", "data_health", "landed", "landed_from", "truth"]
