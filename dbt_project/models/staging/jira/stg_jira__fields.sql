select
    record_id as field_id,
    field_name,
    is_custom,
    value_type,
    custom_type,
    load_id
from {{ ref('base_jira__fields') }}
where not is_deleted and quarantine_reason is null
