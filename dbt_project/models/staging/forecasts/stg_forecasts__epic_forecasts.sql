select
    record_id as epic_id,
    reason,
    is_calibrated,
    p50_date,
    p85_date,
    p95_date,
    history_weeks,
    history_items,
    trials,
    load_id
from {{ ref('base_forecasts__epic_forecasts') }}
where not is_deleted and quarantine_reason is null
