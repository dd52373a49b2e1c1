select
    rules_version,
    cost_type,
    load_id
from {{ ref('base_files__overhead_types') }}
where not is_deleted and quarantine_reason is null
