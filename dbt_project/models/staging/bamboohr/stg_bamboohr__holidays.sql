select
    record_id as holiday_id,
    holiday_name,
    first_date,
    last_date,
    load_id
from {{ ref('base_bamboohr__holidays') }}
where not is_deleted and quarantine_reason is null
