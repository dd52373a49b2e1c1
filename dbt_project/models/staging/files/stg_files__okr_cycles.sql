select
    cycle_id,
    cycle_name,
    start_date,
    end_date,
    load_id
from {{ ref('base_files__okr_cycles') }}
where not is_deleted and quarantine_reason is null
