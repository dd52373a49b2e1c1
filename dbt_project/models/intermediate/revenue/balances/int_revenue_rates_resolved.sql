-- A currency in which nobody has a contract needs no rate; of one in which somebody has, a missing rate stops the
-- build.
with stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_files__plan_rates as {{ inlined() }} (select * from {{ ref('stg_files__plan_rates') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),

periods as {{ inlined() }} (
    select * from int_revenue_periods_ranged
),

reporting as {{ inlined() }} (
    select reporting_currency from int_stripe_clocks_read
),

known as (
    select distinct currency from stg_stripe__subscriptions
    union
    select distinct currency from stg_stripe__invoices
    union
    select distinct currency from stg_files__plan_rates
    union
    select reporting_currency from reporting
),

needs as (
    select periods.fiscal_period, known.currency
    from periods
    cross join known
    where exists (
        select 1 from stg_stripe__subscriptions as contracts
        where contracts.currency = known.currency
            and contracts.started_at < periods.ends_at
            and coalesce(contracts.ended_at, periods.starts_at) >= periods.starts_at
    )
),

{{ rates_resolved(['plan', 'actual']) }}
