select
    reporting_time_zone,
    reporting_currency,
    load_id
from {{ ref('base_files__policy') }}
where not is_deleted and quarantine_reason is null
