select
    segment,
    segment_name,
    load_id
from {{ ref('base_files__segments') }}
where not is_deleted and quarantine_reason is null
