select
    kr_id,
    objective_id,
    kr_name,
    kr_type,
    unit,
    start_value,
    target_value,
    weight,
    metric,
    load_id
from {{ ref('base_files__key_results') }}
where not is_deleted and quarantine_reason is null
