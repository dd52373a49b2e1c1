<<<<<<< HEAD
-- What products bring, at the prices that a what-if assumes where there is one. What-ifs begin with a period: when it
-- begins, the prices of the last one hold.
with shares as (
    select
        shares.*,
        case
            when shares.sample_kind = 'opening' then periods.prior_fiscal_period
            else shares.fiscal_period
        end as price_period
    from {{ ref('int_active_items_shared') }} as shares
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on shares.fiscal_period = periods.fiscal_period
),

assumed as (
    select
        shares.*,
        {{ repriced('shares.shared_minor', 'factors.factor_hundred_millionths') }} as mrr_minor,
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
    left join {{ ref('int_price_factors_resolved') }} as factors
        on shares.price_period = factors.fiscal_period and shares.product_id = factors.product_id
        and shares.segment = factors.segment and shares.market = factors.market and shares.currency = factors.currency
    window item as (
        partition by shares.fiscal_period, shares.sample_kind, shares.sample_at, shares.subscription_item_id
    )
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id,
    product_key, product_id, segment, market,
    currency, quantity,
    {{ reduced('monthly', whole('monthly_numerator') ~ ' * ' ~ whole('factor_numerator'),
        whole('monthly_denominator') ~ ' * ' ~ whole('factor_denominator')) }},
    cast(
        sum(mrr_minor) over (partition by fiscal_period, sample_kind, sample_at, subscription_item_id) as bigint
    ) as item_mrr_minor,
    mrr_minor
from assumed
where mrr_minor > 0
=======
-- What products bring of each item that is held. `prodops whatif price` builds this model on assumed prices, in a copy of the warehouse.
with shares as (
    select * from {{ ref('int_active_items_assumed' if var('what_if', false) else 'int_active_items_shared') }}
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id, product_key, product_id,
    segment, market, currency, quantity,
    {{ reduced('monthly', 'monthly_numerator', 'monthly_denominator') }},
    cast(sum(shared_minor) over (partition by fiscal_period, sample_kind, sample_at, subscription_item_id) as bigint) as item_mrr_minor,
    shared_minor as mrr_minor
from shares
where shared_minor > 0
>>>>>>> fdce286 (A what-if leaves the production lineage; commands read named models that an exposure shows)
