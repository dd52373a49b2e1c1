select
    fiscal_period,
    fiscal_year,
    fiscal_quarter,
    period_number,
    first_date,
    last_date,
    load_id
from {{ ref('base_files__fiscal_periods') }}
where not is_deleted and quarantine_reason is null
