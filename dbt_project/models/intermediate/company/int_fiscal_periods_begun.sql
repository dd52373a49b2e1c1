-- Today is the day on which the company's files were read last: a load a day lands it, whatever else is new, and HR's
-- rows of days to come take effect by it.
with stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_files__stream_counts as (select * from {{ ref('stg_files__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

clock as (
    select cast({{ to_local('reading.served_loaded_at', 'policy.reporting_time_zone') }} as date) as today
    from stg_files__stream_counts as reading
    cross join int_policies_read as policy
    where reading.stream = 'read_days'
)

select
    periods.fiscal_period,
    periods.fiscal_year,
    lag(periods.fiscal_period) over (order by periods.first_date) as prior_fiscal_period,
    periods.first_date,
    periods.last_date,
    least(periods.last_date, clock.today) as as_of_date,
    periods.last_date < clock.today as is_complete
from stg_files__fiscal_periods as periods
cross join clock
where periods.first_date <= clock.today
