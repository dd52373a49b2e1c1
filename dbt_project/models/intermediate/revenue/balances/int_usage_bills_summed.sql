-- What use brought by the month when a period ends: what the bill of the term around that end says, less discounts, tax
-- and the fee that is charged for nothing used, which recurs. Drafts and void bills say nothing. Only where the company
-- shows it: it is in no recurring revenue.
with int_statement_terms_measured as (select * from {{ ref('int_statement_terms_measured') }}),
int_item_prices_resolved as (select * from {{ ref('int_item_prices_resolved') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
int_billing_products_resolved as (select * from {{ ref('int_billing_products_resolved') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),

used as (
    select
        terms.statement_id,
        terms.currency,
        terms.service_starts_at as valid_from,
        terms.service_ends_at as valid_to,
        prices.product_key,
        invoices.customer_id as customer_key,
        {{ whole('terms.untaxed_numerator') }}
        * greatest(
            {{ trillionths('terms.amount_minor') }}
                - case
                    when prices.usage_type = 'base_fee' then {{ trillionths('prices.unit_amount_decimal') }} else 0
                end,
            0
        )
        * case when terms.is_of_months and terms.months > 0 then 1 else 365 end as numerator,
        {{ trillionths('terms.amount_minor') }}
        * case when terms.is_of_months and terms.months > 0 then terms.months else 12 * greatest(terms.days, 1) end
            as denominator
    from int_statement_terms_measured as terms
    inner join int_item_prices_resolved as prices
        on terms.subscription_item_id = prices.subscription_item_id and terms.price_id = prices.price_id
        and prices.usage_type in ('metered', 'base_fee')
    inner join stg_stripe__invoices as invoices
        on terms.invoice_id = invoices.invoice_id and invoices.status not in ('draft', 'void')
    inner join int_policies_read as policy on policy.usage_shown
    where not terms.is_change and terms.amount_minor > 0 and terms.taxed_minor > 0
),

held as (
    select
        periods.fiscal_period, used.statement_id, accounts.customer_id, accounts.segment, accounts.market,
        used.currency, products.product_id, products.weight,
        {{ half_even('used.numerator', 'used.denominator') }} as used_minor
    from used
    inner join int_revenue_periods_ranged as periods
        on used.valid_from < periods.ends_at and periods.ends_at <= used.valid_to
    inner join int_billing_accounts_resolved as accounts
        on used.customer_key = accounts.customer_key and periods.as_of_date = accounts.mapping_date
    inner join int_billing_products_resolved as products
        on used.product_key = products.product_key and periods.as_of_date = products.mapping_date
),

shared as (
    {{ shared_out('held', pool=['fiscal_period', 'statement_id'], names=['product_id'], amount='used_minor',
        weight='weight * 1000000') }}
),

cells as (
    select fiscal_period, customer_id, product_id, segment, market, currency, sum(shared_minor) as usage_minor
    from shared
    group by fiscal_period, customer_id, product_id, segment, market, currency
)

select
    cells.fiscal_period,
    cells.customer_id,
    cells.product_id,
    cells.segment,
    cells.market,
    cells.currency,
    cast(cells.usage_minor as bigint) as usage_minor,
    {{ half_even('cells.usage_minor * rates.plan_numerator', 'rates.plan_denominator') }} as usage_plan_minor
from cells
left join int_revenue_rates_resolved as rates
    on cells.fiscal_period = rates.fiscal_period and cells.currency = rates.currency
