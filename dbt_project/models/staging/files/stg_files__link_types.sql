select
    link_type,
    direction,
    load_id
from {{ ref('base_files__link_types') }}
where not is_deleted and quarantine_reason is null
