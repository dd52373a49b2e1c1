-- What is held when a period's last day ends is its balance; the running period ends just after the data's own clock.
with periods as (
    select
        periods.*,
        least(periods.last_date, clock.as_of_date) as as_of_date,
        periods.last_date < clock.as_of_date as is_complete,
        {{ to_utc('cast(periods.first_date as timestamp)', 'clock.reporting_time_zone') }} as begins_at,
        least(
            {{ to_utc('cast(' ~ dbt.dateadd('day', 1, 'periods.last_date') ~ ' as timestamp)',
                'clock.reporting_time_zone') }},
            {{ dbt.dateadd('millisecond', 1, 'clock.loaded_at') }}
        ) as ends_at
    from {{ ref('stg_files__fiscal_periods') }} as periods
    cross join {{ ref('int_stripe_clocks_read') }} as clock
    where periods.first_date <= clock.as_of_date
)

select
    fiscal_period,
    fiscal_year,
    lag(fiscal_period) over (order by first_date) as prior_fiscal_period,
    first_date,
    last_date,
    as_of_date,
    is_complete,
    coalesce(lag(ends_at) over (order by first_date), begins_at) as starts_at,
    ends_at
from periods
