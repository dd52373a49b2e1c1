-- At plan and at actual rates.
{% set means %}
Red: the bridge of ARR does not close on some roll-up of period, product, segment and market, or a period does not
open with what the one before it closed with. Rows that a board adds up give another figure than the next page shows.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_arr'}}, 'description': means}) }}
with bridges as (
    select
        arr.fiscal_period, arr.product_id, arr.segment, arr.market,
        arr.opening_mrr{% for move in movement_types() %} + arr.{{ move }}_mrr{% endfor %}
            - arr.closing_mrr as plan_left,
        arr.opening_mrr_actual + arr.moved_mrr_actual + arr.fx_mrr_actual - arr.closing_mrr_actual as actual_left
    from {{ ref('mart_arr') }} as arr
    where arr.opening_mrr is not null
    union all
    select periods.fiscal_period, arr.product_id, arr.segment, arr.market, arr.closing_mrr, arr.closing_mrr_actual
    from {{ ref('int_revenue_periods_ranged') }} as periods
    inner join {{ ref('mart_arr') }} as arr on periods.prior_fiscal_period = arr.fiscal_period
    union all
    select arr.fiscal_period, arr.product_id, arr.segment, arr.market, -arr.opening_mrr, -arr.opening_mrr_actual
    from {{ ref('mart_arr') }} as arr
    where arr.opening_mrr is not null
)

select fiscal_period, product_id, segment, market, sum(plan_left) as plan_left, sum(actual_left) as actual_left
from bridges
group by cube (fiscal_period, product_id, segment, market)
having sum(plan_left) <> 0 or sum(actual_left) <> 0
