select
    record_id as promise_id,
    launched_date,
    account_groups,
    accounts,
    exposed_accounts,
    adopting_accounts,
    compared_exposed,
    compared_control,
    reason,
    effect,
    low,
    high,
    pre_trend_p,
    placebo_p,
    beyond_own_trend,
    load_id
from {{ ref('base_forecasts__effect_estimates') }}
where not is_deleted and quarantine_reason is null
