-- Weeks run from Monday 00:00 to Monday 00:00 on the reporting zone's clock: 167, 168 or 169 hours.
with first_days as (
    select min(created_at) as first_created_at from {{ ref('int_delivery_items_selected') }}
),

weeks as (
    select
        {{ daily_dates(dbt.date_trunc('week', to_local('first_days.first_created_at', 'clock.reporting_time_zone')),
            dbt.date_trunc('week', 'clock.local_date'), step=7) }} as week_start_date,
        clock.reporting_time_zone,
        clock.local_date
    from {{ ref('int_jira_clocks_read') }} as clock
    cross join first_days
)

select
    week_start_date,
    {{ to_utc('cast(week_start_date as timestamp)', 'reporting_time_zone') }} as starts_at,
    {{ to_utc("cast(week_start_date as timestamp) + interval '7' day", 'reporting_time_zone') }} as ends_at,
    -- The mapping that holds at the end of the week; of a week that is still running, the one that holds now.
    least(cast(week_start_date + interval '6' day as date), local_date) as mapping_date
from weeks
