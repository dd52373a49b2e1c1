select
    country,
    holiday_date,
    load_id
from {{ ref('base_files__holidays') }}
where not is_deleted and quarantine_reason is null
