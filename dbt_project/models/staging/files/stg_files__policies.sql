select
    reporting_time_zone,
    reporting_currency,
    account_group,
    shared_device_users,
    bot_markers,
    adoption_uses,
    churn_date,
    late_renewal_days,
    past_due_days,
    paused_counts,
    trials_count,
    dated_credits_count,
    usage_shown,
    reactivation_retains,
    retention_min_coverage_percent,
    price_min_observations,
    load_id
from {{ ref('base_files__policy') }}
where not is_deleted and quarantine_reason is null
