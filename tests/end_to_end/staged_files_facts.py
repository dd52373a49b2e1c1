"""Which model of staging holds a table of the company's files, and where it says what is written there.

Belongs here: the correspondence, stream by stream. Does not: comparing (staged.py), what is true (sandbox/truth).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.end_to_end.staged import Fact, Source, Staged, clock, same


def written(convert: Callable[[str], Any], **columns: str) -> dict[str, Fact]:
    """What an empty cell says is nothing."""
    return {name: Fact(sql, lambda text: convert(text) if text else None) for name, sql in columns.items()}


def decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def is_true(text: str) -> bool:
    return text == "true"


# A row that is valid from no day has always been, one to no day always will be.
_VALID = {
    "valid_from": Fact("valid_from", lambda text: date.fromisoformat(text or "0001-01-01")),
    "valid_to": Fact("valid_to", lambda text: date.fromisoformat(text or "9999-12-31")),
}


SINCE = "case when valid_from > date '0001-01-01' then cast(valid_from as varchar) else '' end"
"""As a file has it that may leave it out."""
_STATUS = {"status": Fact("status", lambda text: text or "active")} | written(
    date.fromisoformat, status_date="status_date"
)


def _table(model: str, key: str, *facts: dict[str, Fact], **unstaged: str) -> tuple[Staged, ...]:
    known = {name: fact for some in facts for name, fact in some.items()}
    return (Staged(f"stg_files__{model}", key, known, unstaged=unstaged),)


FILES: Source = {
    "products": _table(
        "products",
        "product_id || '/' || valid_from",
        written(str, product_id="product_id", name="product_name", level="level", parent_id="parent_id"),
        written(str, owner="owner", lifecycle="lifecycle"),
        _VALID,
    ),
    "product_map": _table(
        "product_maps",
        "concat_ws('/', mapped_source, object_type, match_key, match_type, product_id, valid_from)",
        written(str, source="mapped_source", object_type="object_type", key="match_key", match="match_type"),
        written(str, product_id="product_id", reason="nullif(reason, '')"),
        written(Decimal, weight="weight"),
        _VALID,
    ),
    "teams": _table(
        "teams",
        "team_id || '/' || valid_from",
        written(str, team_id="team_id", name="team_name", type="team_type", function="function_name"),
        written(str, parent_id="parent_id"),
        _VALID,
    ),
    "team_products": _table(
        "team_products",
        "concat_ws('/', team_id, product_id, valid_from)",
        written(str, team_id="team_id", product_id="product_id"),
        written(Decimal, share="share"),
        _VALID,
    ),
    "segments": _table("segments", "segment", written(str, code="segment", name="segment_name")),
    "markets": _table("markets", "market", written(str, code="market", name="market_name", region="region")),
    "customers": _table(
        "customers",
        "customer_id || '/' || valid_from",
        written(str, customer_id="customer_id", name="customer_name", parent_id="parent_id", segment="segment"),
        written(str, market="market", country="country", industry="industry"),
        _VALID,
    ),
    "customer_map": _table(
        "customer_maps",
        "concat_ws('/', mapped_source, account_key, valid_from)",
        written(str, source="mapped_source", key="account_key", customer_id="customer_id"),
        _VALID,
    ),
    "worker_map": _table(
        "worker_maps",
        "concat_ws('/', mapped_source, person_key, valid_from)",
        written(str, source="mapped_source", key="person_key", worker_id="worker_id"),
        _VALID,
    ),
    "account_map": _table(
        "account_maps",
        "account_id || '/' || valid_from",
        written(str, account="account_id", statement_group="statement_group", cost_type="cost_type"),
        written(str, function="function_name"),
        written(int, sign="statement_sign"),
        _VALID,
    ),
    "vendor_map": _table(
        "vendor_maps",
        "vendor_key || '/' || valid_from",
        written(str, key="vendor_key", worker_id="worker_id", agency="agency", cost_type="cost_type"),
        _VALID,
    ),
    "work_types": _table(
        "work_types",
        "concat_ws('/', mapped_source, object_type, type_key)",
        written(str, source="mapped_source", object_type="object_type", key="type_key", kind="kind"),
    ),
    "price_book": _table(
        "list_prices",
        "concat_ws('/', product_id, coalesce(market, ''), coalesce(segment, ''), currency, tier, valid_from)",
        written(str, product_id="product_id", market="market", segment="segment", currency="currency"),
        written(int, tier="tier"),
        written(Decimal, list_price="list_price"),
        _VALID,
    ),
    "market_size": _table(
        "market_sizes",
        "concat_ws('/', market, coalesce(segment, ''), coalesce(product_id, ''), calendar_year)",
        written(str, market="market", segment="segment", product_id="product_id", currency="currency"),
        written(int, year="calendar_year"),
        written(Decimal, tam="tam_amount", sam="sam_amount"),
    ),
    "fx_plan": _table(
        "plan_rates",
        "currency || '/' || fiscal_year",
        written(str, currency="currency", fiscal_year="fiscal_year"),
        written(Decimal, rate="rate"),
    ),
    "budget": _table(
        "budgets",
        "concat_ws('/', account_group, coalesce(product_id, ''), fiscal_period)",
        written(str, account_group="account_group", product_id="product_id", period="fiscal_period"),
        written(Decimal, amount="amount"),
    ),
    "allocation_rules": _table(
        "allocation_rules",
        "rules_version",
        written(str, version="rules_version", payroll_classed="classed_payroll", overhead_driver="overhead_driver"),
        written(str, shared_method="shared_method", shared_driver="shared_driver"),
        written(is_true, payroll_by_function="payroll_by_function"),
        _VALID,
    ),
    "overhead_types": _table(
        "overhead_types",
        "rules_version || '/' || cost_type",
        written(str, version="rules_version", cost_type="cost_type"),
    ),
    "shared_drivers": _table(
        "shared_drivers",
        "rules_version || '/' || product_id",
        written(str, version="rules_version", product_id="product_id", driver="shared_driver"),
    ),
    "ai_spend": _table(
        "ai_bills",
        "concat_ws('/', vendor_name, from_date, to_date, coalesce(team_id, ''), coalesce(user_key, ''), "
        "printf(if(currency = 'JPY', '%.0f', '%.2f'), amount), currency)",
        written(str, vendor="vendor_name", team_id="team_id", user="user_key", currency="currency"),
        {"from": Fact("from_date", date.fromisoformat), "to": Fact("to_date", date.fromisoformat)},
        written(Decimal, amount="amount"),
    ),
    "capex_criteria": _table(
        "capex_approvals",
        "concat_ws('/', epic_key, regime, criterion)",
        written(str, epic="epic_key", regime="regime", criterion="criterion", approver="approver"),
        written(date.fromisoformat, met_on="met_date"),
    ),
    "goal_links": _table(
        "goal_links",
        "concat_ws('/', work_item_key, key_result_id, coalesce(valid_from::varchar, ''))",
        written(str, work_item="work_item_key", key_result_id="key_result_id"),
        written(Decimal, share="share"),
        written(date.fromisoformat, valid_from="valid_from", valid_to="valid_to"),
    ),
    "link_types": _table("link_types", "link_type", written(str, link_type="link_type", direction="direction")),
    "promises": _table(
        "promises",
        "promise_id",
        written(str, promise_id="promise_id", work_item="work_item_key", metric="metric", slice="product_id"),
        written(str, feature="feature_id", kind="size_kind"),
        written(Decimal, size="promised_size"),
        written(date.fromisoformat, date="promised_date"),
        written(clock, registered_at="registered_at"),
    ),
    "holidays": _table(
        "holidays",
        "country || '/' || holiday_date",
        written(str, country="country"),
        written(date.fromisoformat, date="holiday_date"),
    ),
    "fiscal_periods": _table(
        "fiscal_periods",
        "fiscal_period",
        written(str, period="fiscal_period", fiscal_year="fiscal_year", quarter="fiscal_quarter"),
        written(date.fromisoformat, first_day="first_date", last_day="last_date"),
        same(number="period_number"),
    ),
    "read_days": _table("read_days", "'read_day'", written(date.fromisoformat, day="read_date")),
    "policy": _table(
        "policies",
        "'policy'",
        written(str, reporting_time_zone="reporting_time_zone", reporting_currency="reporting_currency"),
        written(str, account_group="account_group", bot_markers="bot_markers"),
        written(int, shared_device_users="shared_device_users", adoption_uses="adoption_uses"),
        written(date.fromisoformat, usage_since="usage_since"),
        written(str, churn_date="churn_date"),
        written(is_true, paused_counts="paused_counts", trials_count="trials_count"),
        written(is_true, dated_credits_count="dated_credits_count", reactivation_retains="reactivation_retains"),
        written(is_true, usage_shown="usage_shown", not_done_counts="not_done_counts"),
        written(int, late_renewal_days="late_renewal_days", past_due_days="past_due_days"),
        written(int, price_min_observations="price_min_observations", ratio_min_n="ratio_min_n"),
        written(int, retention_min_coverage_percent="retention_min_coverage_percent"),
        written(int, billing_tolerance_percent="billing_tolerance_percent"),
        written(int, delivery_tolerance_percent="delivery_tolerance_percent"),
        written(int, usage_tolerance_percent="usage_tolerance_percent"),
        written(int, people_tolerance_percent="people_tolerance_percent"),
        written(int, ledger_tolerance_percent="ledger_tolerance_percent"),
        written(is_true, classes_inherit="classes_inherit"),
        written(is_true, contractor_bills_follow_team="contractor_bills_follow_team"),
        written(str, unpaid_statuses="unpaid_statuses", part_time_pay="part_time_pay", fte_average="fte_average"),
        written(str, closed_periods="closed_periods", capex_regime="capex_regime"),
        written(str, decision_rounds="decision_rounds", decision_clock="decision_clock"),
        written(str, delivery_capacity="delivery_capacity"),
        written(int, capex_life_months="capex_life_months", okr_grading_days="okr_grading_days"),
        written(str, okr_control_value="okr_control_value", okr_border="okr_border", okr_gap="okr_gap"),
        written(str, okr_period="okr_period"),
        written(str, okr_without_value="okr_without_value", okr_score_from="okr_score_from"),
        written(str, okr_pace_ends="okr_pace_ends"),
        written(str, ladder_links="ladder_links"),
        written(Decimal, hours_of_a_day="hours_of_a_day"),
    ),
    "okr_cycles": _table(
        "okr_cycles",
        "cycle_id",
        written(str, id="cycle_id", name="cycle_name"),
        written(date.fromisoformat, start="start_date", end="end_date"),
    ),
    "objectives": _table(
        "objectives",
        f"objective_id || '/' || {SINCE}",
        written(str, id="objective_id", cycle="cycle_id", name="objective_name", owner="owner"),
        written(str, parent="parent_goal_id", link="link_type", product_id="product_id"),
        {"weight": Fact("weight", lambda text: Decimal(text or 1))},
        _STATUS,
        _VALID,
    ),
    "key_results": _table(
        "key_results",
        f"kr_id || '/' || {SINCE}",
        written(str, id="kr_id", objective="objective_id", name="kr_name", unit="unit"),
        written(str, metric="metric", slice="slice", continues="continues_kr_id"),
        {"type": Fact("kr_type", lambda text: "stay-above" if text == "maintain" else text)},
        written(Decimal, start="start_value", weight="weight"),
        # what is maintained at its start has that as its target
        {"target": Fact("case when target_value is distinct from start_value then target_value end", decimal)},
        {"success_at": Fact("success_at", lambda text: Decimal(text or 1))},
        _STATUS,
        _VALID,
    ),
    "goal_parents": _table(
        "goal_parents",
        f"concat_ws('/', child_id, parent_goal_id, {SINCE})",
        written(str, child="child_id", parent="parent_goal_id", link="link_type"),
        written(Decimal, share="share"),
        _VALID,
    ),
    "key_result_targets": _table(
        "key_result_targets",
        "kr_id || '/' || revised_date",
        written(str, key_result="kr_id"),
        written(date.fromisoformat, date="revised_date"),
        written(Decimal, target="target_value"),
    ),
    "checkins": _table(
        "checkins",
        "kr_id || '/' || checkin_date || case when place > 1 then '/' || place else '' end",
        written(str, kr_id="kr_id", author="author"),
        written(date.fromisoformat, day="checkin_date"),
        written(clock, at="checkin_at"),
        written(int, place="place"),
        written(Decimal, value="checkin_value"),
        {"overrides": Fact("overrides", is_true)},
        date="is its day, or its instant",
    ),
    "decisions": _table(
        "decisions",
        "decision_id || '/' || strftime(raised_at, '%Y-%m-%dT%H:%M:%SZ')",
        written(str, decision_id="decision_id", title="title", owner="owner", product_id="product_id"),
        written(clock, raised_at="raised_at", data_ready_at="data_ready_at", proposed_at="proposed_at"),
        written(clock, decided_at="decided_at", withdrawn_at="withdrawn_at"),
    ),
}
