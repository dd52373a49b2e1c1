select
    record_id as field_id,
    field_name,
    alias,
    field_type,
    load_id
from {{ ref('base_bamboohr__fields') }}
where not is_deleted and quarantine_reason is null
