select
    as_of_date,
    age,
    bin,
    cycles,
    forecasts,
    said,
    came,
    brier,
    intervals,
    inside,
    reason,
    load_id
from {{ ref('base_forecasts__forecast_calibration') }}
where not is_deleted and quarantine_reason is null
