{% set means %}
Red: products, portfolios, segments or markets of the board do not add up to the company, or periods to their quarter:
two pages of one pack would disagree.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_board_metric'}}, 'description': means}) }}
{#- What adds up exactly; full-time equivalents of products are shares, rounded one by one. -#}
{% set added = {} %}
{% for metric_id, metric in board_metrics().items() %}
{% if not metric.denominator and metric.over_products == 'sum' and metric.over_periods != 'anew'
    and metric.unit != 'fte' %}
{% do added.update({metric_id: metric}) %}
{% endif %}
{% endfor %}
with board as (select * from {{ ref('mart_board_metric') }}),
dim_fiscal_period as (select * from {{ ref('dim_fiscal_period') }}),

parts as (
    select metric_id, period_type, period_id, slice_type as parts, value
    from board
    where slice_type <> 'all' and metric_id in ('{{ added | join("', '") }}')
    union all
    select metric_id, period_type, period_id, 'portfolio', value
    from board
    where slice_type = 'product' and portfolio_id is null and metric_id in ('{{ added | join("', '") }}')
    union all
    select board.metric_id, 'fiscal_quarter', calendar.fiscal_quarter, 'periods', board.value
    from board
    inner join dim_fiscal_period as calendar
        on board.period_type = 'fiscal_period' and board.period_id = calendar.fiscal_period
    where
        board.slice_type = 'all' and board.metric_id in (
            {% for metric_id, metric in added.items() if metric.over_periods == 'sum' %}
            '{{ metric_id }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
)

select company.metric_id, company.period_type, company.period_id, parts.parts, company.value, sum(parts.value) as added
from board as company
inner join parts
    on company.metric_id = parts.metric_id and company.period_type = parts.period_type
    and company.period_id = parts.period_id
where company.slice_type = 'all' and company.value is not null
group by company.metric_id, company.period_type, company.period_id, parts.parts, company.value
having sum(parts.value) is distinct from company.value
