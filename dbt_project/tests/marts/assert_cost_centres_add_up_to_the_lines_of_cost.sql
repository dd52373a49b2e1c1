-- Held against the lines before they go to products: those need rates of revenue and use.
{% set means %}
Red: cost by cost centre is not all of the cost that is shared out to products in a period and statement group, so one
of two slides is wrong.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_cost_centre'}}, 'description': means}) }}
with both_sides as (
    select
        centres.fiscal_period, centres.statement_group,
        centres.cost * {{ power_of_ten('currencies.minor_unit_exponent') }} as amount_minor
    from {{ ref('mart_cost_centre') }} as centres
    inner join {{ ref('dim_currency') }} as currencies on centres.currency = currencies.currency
    union all
    select fiscal_period, statement_group, -amount_minor from {{ ref('int_standard_parts_placed') }}
)

select fiscal_period, statement_group, sum(amount_minor) as difference_minor
from both_sides
group by fiscal_period, statement_group
having sum(amount_minor) <> 0
