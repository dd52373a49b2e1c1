select
    mapped_source,
    object_type,
    type_key,
    kind,
    load_id
from {{ ref('base_files__work_types') }}
where not is_deleted and quarantine_reason is null
