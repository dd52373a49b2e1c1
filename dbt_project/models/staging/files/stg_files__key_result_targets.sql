select
    kr_id,
    revised_date,
    target_value,
    load_id
from {{ ref('base_files__key_result_targets') }}
where not is_deleted and quarantine_reason is null
