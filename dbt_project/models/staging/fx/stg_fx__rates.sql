select
    rate_date,
    currency,
    rate,
    load_id
from {{ ref('base_fx__rates') }}
where not is_deleted and quarantine_reason is null
