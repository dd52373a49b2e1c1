{% set means %}
Red: a bridge of the board does not lead from the opening to the closing ARR, of a slice, period or quarter. A kind of
movement is in none of its columns or in two, or a quarter lacks a period.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_board_metric'}}, 'description': means}) }}
{% set kinds = ['logo_new', 'reactivation', 'late_renewal', 'cross_sell', 'expansion_quantity', 'expansion_price',
    'expansion_mix', 'contraction', 'product_churn', 'logo_churn', 'transfer', 'fx'] %}
{% set groups = ['logo_new', 'returned', 'expansion', 'contraction', 'churn', 'transfer_and_fx'] %}
with figures as (
    select board.*
    from {{ ref('mart_board_metric') }} as board
    inner join {{ ref('mart_board_metric') }} as company
        on board.period_type = company.period_type and board.period_id = company.period_id
        and company.metric_id = 'net_new_arr' and company.slice_type = 'all' and company.value is not null
),

bridges as (
    {% for name, moves in [('kinds', kinds), ('groups', groups), ('net', ['net_new'])] %}
    select
        '{{ name }}' as bridge, slice_type, slice_value, period_type, period_id,
        case metric_id when 'arr' then -value else value end as value
    from figures
    where metric_id in ('arr', 'opening_arr', '{{ moves | join("_arr', '") }}_arr')
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select bridge, slice_type, slice_value, period_type, period_id, sum(value) as amount_left
from bridges
group by bridge, slice_type, slice_value, period_type, period_id
having sum(value) <> 0
