-- The opening balance by the mappings, segments and markets of the last period and of this one: what differs went from
-- one place to another.
with fct_mrr_balance as (select * from {{ ref('fct_mrr_balance') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
active_items as (select * from {{ active_items() }}),

placed as (
    select
        periods.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market,
        balances.currency, -balances.mrr_minor as delta_minor
    from fct_mrr_balance as balances
    inner join int_revenue_periods_ranged as periods
        on balances.fiscal_period = periods.prior_fiscal_period
    union all
    select
        held.fiscal_period, held.customer_id, held.product_id, held.segment, held.market, held.currency, held.mrr_minor
    from active_items as held
    inner join int_revenue_periods_ranged as periods on held.fiscal_period = periods.fiscal_period
    where held.sample_kind = 'opening' and periods.prior_fiscal_period is not null
)

select
    fiscal_period, customer_id, product_id, segment, market, currency,
    case when sum(delta_minor) > 0 then 'transfer_in' else 'transfer_out' end as transfer_type,
    cast(sum(delta_minor) as bigint) as delta_minor
from placed
group by fiscal_period, customer_id, product_id, segment, market, currency
having sum(delta_minor) <> 0
