{% set means %}
Red: ARR of a slice is not the sum of its customers' balances, or a column of its bridge not the sum of its movements.
A row was dropped or multiplied on the way, or a type of movement has no column.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_arr'}}, 'description': means}) }}
with amounts as (
    select
        fiscal_period, product_id, segment, market, 'closing' as step, closing_mrr as plan, closing_mrr_actual as actual
    from {{ ref('mart_arr') }}
    union all
    select balances.fiscal_period, balances.product_id, balances.segment, balances.market, 'closing',
        -{{ in_units('balances.mrr_plan_minor', 'reporting') }},
        -{{ in_units('balances.mrr_actual_minor', 'reporting') }}
    from {{ ref('fct_mrr_balance') }} as balances
    inner join {{ ref('dim_currency') }} as reporting on balances.reporting_currency = reporting.currency
    {% for move in movement_types() %}
    union all
    select fiscal_period, product_id, segment, market, '{{ move }}', {{ move }}_mrr, 0 from {{ ref('mart_arr') }}
    {% endfor %}
    union all
    select fiscal_period, product_id, segment, market, company_type, -mrr_change, 0
    from {{ ref('mart_arr_movement') }}
    where not is_intra_period
    union all
    select fiscal_period, product_id, segment, market, 'all', 0, moved_mrr_actual + fx_mrr_actual
    from {{ ref('mart_arr') }}
    union all
    select fiscal_period, product_id, segment, market, 'all', 0, -mrr_change_actual
    from {{ ref('mart_arr_movement') }}
    where not is_intra_period
)

select fiscal_period, product_id, segment, market, step, sum(plan) as plan_left, sum(actual) as actual_left
from amounts
group by fiscal_period, product_id, segment, market, step
having sum(plan) <> 0 or sum(actual) <> 0
