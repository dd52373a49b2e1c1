{% set means %}
Red: a plan of the board, or the figure beside it, is not that of mart_budget for the company: a plan is compared with
another line than the one it was made for.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_board_metric'}}, 'description': means}) }}
with board as (
    {% for metric_id, metric in board_metrics().items() if metric.plan | length == 1 and not metric.denominator %}
    select '{{ metric.plan.keys() | first }}' as account_group, period_id, value, plan_value
    from {{ ref('mart_board_metric') }}
    where metric_id = '{{ metric_id }}' and slice_type = 'all' and period_type = 'fiscal_period'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select board.account_group, board.period_id, board.value, budgets.actual, board.plan_value, budgets.budget
from board
inner join {{ ref('mart_budget') }} as budgets
    on board.account_group = budgets.account_group and board.period_id = budgets.fiscal_period
    and budgets.product_id = 'COMPANY'
where board.value is distinct from budgets.actual or board.plan_value is distinct from budgets.budget
