select
    record_id as event_type_id,
    event_type,
    event_type_name,
    week_total,
    is_hidden,
    is_removed,
    is_passive,
    load_id
from {{ ref('base_amplitude__event_types') }}
where not is_deleted and quarantine_reason is null
