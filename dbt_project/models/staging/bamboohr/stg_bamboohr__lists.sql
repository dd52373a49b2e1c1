select
    record_id as field_id,
    list_name,
    alias,
    options,
    load_id
from {{ ref('base_bamboohr__lists') }}
where not is_deleted and quarantine_reason is null
