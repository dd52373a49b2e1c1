select
    record_id as objective_id,
    as_of_date,
    key_results,
    reason,
    p_all,
    lowest,
    highest,
    p10,
    p50,
    p90,
    load_id
from {{ ref('base_forecasts__objective_forecasts') }}
where not is_deleted and quarantine_reason is null
