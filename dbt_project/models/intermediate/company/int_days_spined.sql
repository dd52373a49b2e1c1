-- MetricFlow wants to know which days there are.
select {{ daily_dates('calendar.first_date', 'calendar.last_date') }} as calendar_date
from (
    select min(first_date) as first_date, max(last_date) as last_date from {{ ref('stg_files__fiscal_periods') }}
) as calendar
