select
    currency,
    fiscal_year,
    rate,
    load_id
from {{ ref('base_files__fx_plan') }}
where not is_deleted and quarantine_reason is null
