-- In the contract's currency and at either rate.
{% set means %}
Red: opening, movements and exchange rates do not add up to the closing recurring revenue of a customer or slice: a
change of a contract counts twice, not at all, or by two rates.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'fct_mrr_movement'}}, 'description': means}) }}
with sides as (
    select
        periods.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market,
        balances.currency,
        balances.mrr_minor as minor, balances.mrr_plan_minor as plan_minor, balances.mrr_actual_minor as actual_minor
    from {{ ref('fct_mrr_balance') }} as balances
    inner join {{ ref('int_revenue_periods_ranged') }} as periods
        on balances.fiscal_period = periods.prior_fiscal_period
    union all
    select
        fiscal_period, customer_id, product_id, segment, market, currency, delta_minor, delta_plan_minor,
        delta_actual_minor
    from {{ ref('fct_mrr_movement') }}
    union all
    select
        periods.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market,
        balances.currency,
        -balances.mrr_minor, -balances.mrr_plan_minor, -balances.mrr_actual_minor
    from {{ ref('fct_mrr_balance') }} as balances
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on balances.fiscal_period = periods.fiscal_period
    where periods.prior_fiscal_period is not null
)

-- Each customer's place, and every slice that a board could ask for: all 16 roll-ups of month, product, segment and
-- market, down to the company as a whole.
select
    fiscal_period, customer_id, product_id, segment, market, currency,
    sum(minor) as minor, sum(plan_minor) as plan_minor, sum(actual_minor) as actual_minor
from sides
group by grouping sets (
    (fiscal_period, customer_id, product_id, segment, market, currency),
    cube (fiscal_period, product_id, segment, market)
)
having sum(plan_minor) <> 0 or sum(actual_minor) <> 0 or (grouping(currency) = 0 and sum(minor) <> 0)
