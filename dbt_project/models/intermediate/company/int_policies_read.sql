{{ config(materialized='view') }}

-- The switches of policy.yml. A file that lacks one, or a company without the file, gets the default that stands here,
-- and nowhere else.
{% set defaults = {
    'reporting_time_zone': "'UTC'",
    'reporting_currency': "'EUR'",
    'account_group': "'company'",
    'shared_device_users': '2',
    'bot_markers': "'bot, crawler, spider, headless, monitor, synthetic, k6/'",
    'usage_since': 'cast(null as date)',
    'adoption_uses': '2',
    'churn_date': "'service_end'",
    'late_renewal_days': '30',
    'past_due_days': '30',
    'paused_counts': 'false',
    'trials_count': 'false',
    'dated_credits_count': 'true',
    'usage_shown': 'false',
    'reactivation_retains': 'false',
    'retention_min_coverage_percent': '50',
    'price_min_observations': '5',
    'ratio_min_n': '3',
    'not_done_counts': 'true',
    'billing_tolerance_percent': '0',
    'delivery_tolerance_percent': '0',
    'usage_tolerance_percent': '0',
    'people_tolerance_percent': '0',
    'ledger_tolerance_percent': '0',
    'classes_inherit': 'false',
    'contractor_bills_follow_team': 'true',
    'unpaid_statuses': "''",
    'part_time_pay': "'full_time_rate'",
    'hours_of_a_day': '8',
    'fte_average': "'days'",
    'closed_periods': "'as_known_now'",
    'capex_regime': "'off'",
    'capex_life_months': '36',
    'decision_rounds': "'each'",
    'decision_clock': "'wall'",
    'delivery_capacity': "'by_rank'",
    'okr_control_value': "'last'",
    'okr_period': "'week'",
    'okr_border': "'met'",
    'okr_gap': "'left_out'",
    'okr_without_value': "'left_out'",
    'okr_score_from': "'both'",
    'okr_grading_days': '14',
    'okr_pace_ends': "'first_0_last_1'",
    'ladder_links': "'parent_only'",
} %}
select
    {% for switch, default in defaults.items() %}
    coalesce(policy.{{ switch }}, {{ default }}) as {{ switch }}{{ ',' if not loop.last }}
    {% endfor %}
from (select 1 as company) as company
left join {{ ref('stg_files__policies') }} as policy on true
