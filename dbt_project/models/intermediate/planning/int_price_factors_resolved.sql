-- By what a what-if multiplies the price of each product in each period and place: as in the price book, a row for
-- market and segment holds before one for the market, that before one for the segment, that before one for all; of
-- equally precise ones, that for the currency, then the one that began last.
with int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_price_changes_assumed as (select * from {{ ref('int_price_changes_assumed') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),

places as (
    select distinct segment, market from int_billing_accounts_resolved
),

currencies as (
    select distinct currency from fct_subscription_interval
),

ranked as (
    select
        periods.fiscal_period, scenarios.product_id, places.segment, places.market, currencies.currency,
        scenarios.factor_hundred_millionths,
        row_number() over (
            partition by periods.fiscal_period, scenarios.product_id, places.segment, places.market, currencies.currency
            order by
                case when scenarios.market is null then 1 else 0 end,
                case when scenarios.segment is null then 1 else 0 end,
                case when scenarios.currency is null then 1 else 0 end, begins.first_date desc
        ) as precedence
    from int_price_changes_assumed as scenarios
    inner join int_revenue_periods_ranged as begins on scenarios.fiscal_period = begins.fiscal_period
    inner join int_revenue_periods_ranged as periods on begins.first_date <= periods.first_date
    inner join places
        on coalesce(scenarios.segment, places.segment) = places.segment
        and coalesce(scenarios.market, places.market) = places.market
    inner join currencies on coalesce(scenarios.currency, currencies.currency) = currencies.currency
)

select fiscal_period, product_id, segment, market, currency, factor_hundred_millionths
from ranked
where precedence = 1
