-- Days are those of the reporting zone, each named by its end. The day on which a period ends is the period's own end.
with fct_subscription_interval as {{ inlined() }} (select * from {{ ref('fct_subscription_interval') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

changes as (
    select customer_key, valid_from as changed_at from fct_subscription_interval
    union
    select customer_key, valid_to from fct_subscription_interval
),

accounts as (
    select accounts.customer_key, accounts.logo_id, periods.fiscal_period, periods.starts_at, periods.ends_at
    from int_billing_accounts_resolved as accounts
    inner join int_revenue_periods_ranged as periods on accounts.mapping_date = periods.as_of_date
),

changed_days as (
    select distinct
        accounts.fiscal_period, accounts.logo_id, accounts.ends_at,
        policy.reporting_time_zone,
        cast({{ to_local('changes.changed_at', 'policy.reporting_time_zone') }} as date) as changed_date
    from changes
    cross join int_policies_read as policy
    inner join accounts
        on changes.customer_key = accounts.customer_key and accounts.starts_at <= changes.changed_at
        and changes.changed_at < accounts.ends_at
),

day_ends as (
    select
        *,
        {{ to_utc('cast(' ~ dbt.dateadd('day', 1, 'changed_date') ~ ' as timestamp)',
            'reporting_time_zone') }} as sample_at
    from changed_days
)

select fiscal_period, logo_id, sample_at from day_ends where sample_at < ends_at
