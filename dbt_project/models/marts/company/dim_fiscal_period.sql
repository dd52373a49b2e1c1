select
    fiscal_period,
    fiscal_year,
    fiscal_quarter,
    period_number,
    first_date,
    last_date,
    cast({{ dbt.datediff('first_date', 'last_date', 'day') }} + 1 as integer) as days
from {{ ref('stg_files__fiscal_periods') }}
