-- Since when a customer pays, and what of it is up for renewal: next, in the running fiscal quarter, in the one after.
with int_item_renewals_dated as (select * from {{ ref('int_item_renewals_dated') }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
stg_files__fiscal_periods as {{ inlined() }} (select * from {{ ref('stg_files__fiscal_periods') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

cells as (
    select
        fiscal_period, customer_id, product_id, currency, renewal_date,
        max(case when has_notice then 1 else 0 end) as has_notice,
        sum(case when renewal_date is not null then mrr_minor end) as mrr_minor
    from int_item_renewals_dated
    group by 1, 2, 3, 4, 5
),

valued as (
    select
        cells.*,
        {{ half_even('cells.mrr_minor * rates.plan_numerator', 'rates.plan_denominator') }} as renewal_minor,
        min(cells.renewal_date) over (partition by cells.fiscal_period, cells.customer_id) as next_renewal_date
    from cells
    inner join int_revenue_rates_resolved as rates
        on cells.fiscal_period = rates.fiscal_period and cells.currency = rates.currency
),

quarters as (
    select periods.fiscal_period, quarters.last_date, quarters.next_last_date
    from stg_files__fiscal_periods as periods
    inner join (
        select
            fiscal_quarter, max(last_date) as last_date,
            lead(max(last_date)) over (order by max(last_date)) as next_last_date
        from stg_files__fiscal_periods
        group by fiscal_quarter
    ) as quarters on periods.fiscal_quarter = quarters.fiscal_quarter
),

paid as (
    select
        periods.fiscal_period, accounts.customer_id,
        cast({{ to_local('min(intervals.valid_from)', 'min(clock.reporting_time_zone)') }} as date) as first_paid_date
    from int_revenue_periods_ranged as periods
    inner join int_billing_accounts_resolved as accounts on periods.as_of_date = accounts.mapping_date
    inner join fct_subscription_interval as intervals
        on accounts.customer_key = intervals.customer_key and intervals.valid_from < periods.ends_at
    cross join int_stripe_clocks_read as clock
    where accounts.customer_id <> 'UNMAPPED'
    group by 1, 2
)

select
    valued.fiscal_period,
    valued.customer_id,
    min(paid.first_paid_date) as first_paid_date,
    max(valued.has_notice) = 1 as has_notice,
    min(valued.next_renewal_date) as next_renewal_date,
    cast(sum(case when valued.renewal_date = valued.next_renewal_date then valued.renewal_minor end) as bigint)
        as renewal_minor,
    cast(coalesce(
        sum(case when valued.renewal_date <= quarters.last_date then valued.renewal_minor end), 0
    ) as bigint) as renewal_this_quarter_minor,
    cast(coalesce(
        sum(
            case
                when valued.renewal_date > quarters.last_date and valued.renewal_date <= quarters.next_last_date
                    then valued.renewal_minor
            end
        ),
        case when min(quarters.next_last_date) is not null then 0 end
    ) as bigint) as renewal_next_quarter_minor
from valued
inner join quarters on valued.fiscal_period = quarters.fiscal_period
left join paid on valued.fiscal_period = paid.fiscal_period and valued.customer_id = paid.customer_id
group by valued.fiscal_period, valued.customer_id
