-- What each item brings when a period begins and ends, and when the days end in it on which anything of its logo
-- changed: shared out over products, all by the mappings of the period's as-of day. So whatever differs between two
-- samples of a period happened to contracts.
with int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_logo_days_changed as (select * from {{ ref('int_logo_days_changed') }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_billing_products_resolved as (select * from {{ ref('int_billing_products_resolved') }}),

accounts as (
    select accounts.*, periods.fiscal_period, periods.starts_at, periods.ends_at
    from int_billing_accounts_resolved as accounts
    inner join int_revenue_periods_ranged as periods on accounts.mapping_date = periods.as_of_date
),

samples as (
    select accounts.*, 'opening' as sample_kind, starts_at as sample_at from accounts
    union all
    select accounts.*, 'closing', ends_at from accounts
    union all
    select accounts.*, 'day', days.sample_at
    from accounts
    inner join int_logo_days_changed as days
        on accounts.fiscal_period = days.fiscal_period and accounts.logo_id = days.logo_id
),

held as (
    select
        samples.fiscal_period, samples.sample_kind, samples.sample_at,
        items.subscription_id, items.subscription_item_id,
        samples.customer_key, samples.customer_id, samples.logo_id,
        items.product_key, products.product_id, samples.segment, samples.market, items.currency, items.quantity,
        items.monthly_numerator, items.monthly_denominator, items.mrr_minor as item_mrr_minor, products.weight
    from samples
    inner join fct_subscription_interval as items
        on samples.customer_key = items.customer_key and items.valid_from < samples.sample_at
        and samples.sample_at <= items.valid_to
    left join int_billing_products_resolved as products
        on items.product_key = products.product_key and samples.mapping_date = products.mapping_date
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id,
    product_key, product_id, segment, market,
    currency, quantity, monthly_numerator, monthly_denominator, item_mrr_minor, weight, shared_minor as mrr_minor
from (
    {{ shared_out('held', pool=['fiscal_period', 'sample_kind', 'sample_at', 'subscription_item_id'],
        names=['product_id'], amount='item_mrr_minor', weight='weight * 1000000') }}
) as shares
