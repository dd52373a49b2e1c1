-- What customers' contracts bring by the month when a period ends, in the currency of the contract and at both rates:
-- each balance is rounded once. Accounts that are nobody's are one cell, whatever logos they are.
with active_items as (select * from {{ active_items() }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),

cells as (
    select
        fiscal_period, customer_id, product_id, segment, market, currency,
        case when customer_id = 'UNMAPPED' then 'UNMAPPED' else logo_id end as logo_id,
        sum(mrr_minor) as mrr_minor
    from active_items
    where sample_kind = 'closing'
    group by 1, 2, 3, 4, 5, 6, 7
)

select
    cells.fiscal_period,
    cells.customer_id,
    cells.product_id,
    cells.segment,
    cells.market,
    cells.currency,
    cells.logo_id,
    cast(cells.mrr_minor as bigint) as mrr_minor,
    {{ half_even('cells.mrr_minor * rates.plan_numerator', 'rates.plan_denominator') }} as mrr_plan_minor,
    {{ half_even('cells.mrr_minor * rates.actual_numerator', 'rates.actual_denominator') }} as mrr_actual_minor,
    clock.reporting_currency
from cells
cross join int_stripe_clocks_read as clock
left join int_revenue_rates_resolved as rates
    on cells.fiscal_period = rates.fiscal_period and cells.currency = rates.currency
