-- Who of a customer used anything when a fiscal period ends, and ninety days before. Of a customer without a mapped
-- account nobody can say it, nor of days before the first upload, nor where events end more than a week too early.
{% set latest_days, window_days, before_days = 7, 28, 90 %}
with fct_event_daily as (select * from {{ ref('fct_event_daily') }}),
int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
stg_files__customer_maps as (select * from {{ ref('stg_files__customer_maps') }}),

active as (
    select distinct customer_id, activity_date, canonical_user_id
    from fct_event_daily
    where product_id = 'COMPANY' and is_active and not is_bot and not is_internal and customer_id <> 'UNMAPPED'
),

days as (
    select
        periods.fiscal_period,
        least(periods.as_of_date, clock.last_date) as usage_date,
        cast({{ to_local('started.first_uploaded_at', 'policy.reporting_time_zone') }} as date) as first_date
    from int_revenue_periods_ranged as periods
    cross join int_amplitude_clocks_read as clock
    cross join (select min(first_uploaded_at) as first_uploaded_at from int_events_daily) as started
    cross join int_policies_read as policy
    where clock.last_date >= {{ dbt.dateadd('day', -latest_days, 'periods.as_of_date') }}
),

measured as (
    select distinct
        days.*, maps.customer_id,
        {{ dbt.dateadd('day', 1 - window_days, 'days.usage_date') }} as window_date,
        {{ dbt.dateadd('day', -before_days, 'days.usage_date') }} as before_date,
        {{ dbt.dateadd('day', 1 - window_days - before_days, 'days.usage_date') }} as before_window_date
    from days
    inner join stg_files__customer_maps as maps
        on maps.mapped_source = 'amplitude' and {{ valid_on('maps', 'days.usage_date') }}
)

select
    measured.fiscal_period,
    measured.customer_id,
    measured.usage_date,
    max(active.activity_date) as last_active_date,
    case
        when min(measured.window_date) >= min(measured.first_date) then cast(count(distinct case
            when active.activity_date >= measured.window_date then active.canonical_user_id
        end) as bigint)
    end as active_users_28d,
    case
        when min(measured.before_window_date) >= min(measured.first_date) then cast(count(distinct case
            when active.activity_date >= measured.before_window_date and active.activity_date <= measured.before_date
                then active.canonical_user_id
        end) as bigint)
    end as active_users_28d_before
from measured
left join active
    on measured.customer_id = active.customer_id and active.activity_date <= measured.usage_date
group by measured.fiscal_period, measured.customer_id, measured.usage_date
