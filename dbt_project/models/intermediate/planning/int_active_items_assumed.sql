-- What each item brings at the assumed prices. They begin with a period: when it begins, the prices of the last one
-- hold.
with int_active_items_shared as (select * from {{ ref('int_active_items_shared') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_price_factors_resolved as (select * from {{ ref('int_price_factors_resolved') }}),

shares as (
    select
        shares.*,
        case
            when shares.sample_kind = 'opening' then periods.prior_fiscal_period
            else shares.fiscal_period
        end as price_period
    from int_active_items_shared as shares
    inner join int_revenue_periods_ranged as periods on shares.fiscal_period = periods.fiscal_period
),

assumed as (
    select
        shares.*,
        {{ repriced('shares.mrr_minor', 'factors.factor_hundred_millionths') }} as assumed_minor,
        case
            when count(factors.factor_hundred_millionths) over item = 0 then 1
            else sum(
                cast(shares.weight * 1000000 as bigint) * coalesce(factors.factor_hundred_millionths, 100000000)
            ) over item
        end as factor_numerator,
        case
            when count(factors.factor_hundred_millionths) over item = 0 then 1
            else sum(cast(shares.weight * 1000000 as bigint) * cast(100000000 as bigint)) over item
        end as factor_denominator
    from shares
    left join int_price_factors_resolved as factors
        on shares.price_period = factors.fiscal_period and shares.product_id = factors.product_id
        and shares.segment = factors.segment and shares.market = factors.market and shares.currency = factors.currency
    window item as (
        partition by shares.fiscal_period, shares.sample_kind, shares.sample_at, shares.subscription_item_id
    )
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id,
    product_key, product_id, segment, market, currency, quantity,
    {{ reduced(
        'monthly',
        whole('monthly_numerator') ~ ' * ' ~ whole('factor_numerator'),
        whole('monthly_denominator') ~ ' * ' ~ whole('factor_denominator')
    ) }},
    cast(sum(assumed_minor) over item as bigint) as item_mrr_minor,
    weight,
    assumed_minor as mrr_minor
from assumed
window item as (partition by fiscal_period, sample_kind, sample_at, subscription_item_id)
