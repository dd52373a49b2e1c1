-- What each item brings when a period begins and ends, and when the days end in it on which anything of its logo changed: shared out over products, all by the
-- mappings of the day by which the period is told. So whatever differs between two samples of a period happened to contracts.
with accounts as (
    select accounts.*, periods.fiscal_period, periods.prior_fiscal_period, periods.starts_at, periods.ends_at
    from {{ ref('int_billing_accounts_resolved') }} as accounts
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on accounts.mapping_date = periods.as_of_date
),

samples as (
    select accounts.*, 'opening' as sample_kind, starts_at as sample_at from accounts
    union all
    select accounts.*, 'closing', ends_at from accounts
    union all
    select accounts.*, 'day', days.sample_at
    from accounts
    inner join {{ ref('int_logo_days_changed') }} as days on accounts.fiscal_period = days.fiscal_period and accounts.logo_id = days.logo_id
),

held as (
    select
        samples.fiscal_period, samples.sample_kind, samples.sample_at,
        case when samples.sample_kind = 'opening' then samples.prior_fiscal_period else samples.fiscal_period end as price_period,
        items.subscription_id, items.subscription_item_id,
        samples.customer_key, samples.customer_id, samples.logo_id,
        items.product_key, products.product_id, samples.segment, samples.market, items.currency, items.quantity,
        items.monthly_numerator, items.monthly_denominator, items.mrr_minor as item_mrr_minor, products.weight
    from samples
    inner join {{ ref('fct_subscription_interval') }} as items
        on samples.customer_key = items.customer_key and items.valid_from < samples.sample_at and samples.sample_at <= items.valid_to
    left join {{ ref('int_billing_products_resolved') }} as products
        on items.product_key = products.product_key and samples.mapping_date = products.mapping_date
),

shares as (
    {{ shared_out('held', pool=['fiscal_period', 'sample_kind', 'sample_at', 'subscription_item_id'], names=['product_id'], amount='item_mrr_minor', weight='weight * 1000000') }}
),

-- What-ifs begin with a period: when it begins, the prices of the last one hold.
assumed as (
    select
        shares.*,
        {{ repriced('shares.shared_minor', 'factors.factor_hundred_millionths') }} as mrr_minor,
        case
            when count(factors.factor_hundred_millionths) over item = 0 then 1
            else sum(cast(shares.weight * 1000000 as bigint) * coalesce(factors.factor_hundred_millionths, 100000000)) over item
        end as factor_numerator,
        case
            when count(factors.factor_hundred_millionths) over item = 0 then 1
            else sum(cast(shares.weight * 1000000 as bigint) * cast(100000000 as bigint)) over item
        end as factor_denominator
    from shares
    left join {{ ref('int_price_factors_resolved') }} as factors
        on shares.price_period = factors.fiscal_period and shares.product_id = factors.product_id
        and shares.segment = factors.segment and shares.market = factors.market and shares.currency = factors.currency
    window item as (partition by shares.fiscal_period, shares.sample_kind, shares.sample_at, shares.subscription_item_id)
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id, product_key, product_id, segment, market,
    currency, quantity,
    {{ reduced('monthly', whole('monthly_numerator') ~ ' * ' ~ whole('factor_numerator'), whole('monthly_denominator') ~ ' * ' ~ whole('factor_denominator')) }},
    cast(sum(mrr_minor) over (partition by fiscal_period, sample_kind, sample_at, subscription_item_id) as bigint) as item_mrr_minor,
    mrr_minor
from assumed
where mrr_minor > 0
