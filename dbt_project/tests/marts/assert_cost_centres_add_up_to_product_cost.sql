-- Red means: cost by cost centre and cost by product are not the same cost in a period and statement group, so one of
-- two slides is wrong.
{{ config(meta={'dagster': {'ref': {'name': 'mart_cost_centre'}}}) }}
select fiscal_period, statement_group, sum(cost) as difference
from (
    select fiscal_period, statement_group, cost from {{ ref('mart_cost_centre') }}
    union all
    select fiscal_period, statement_group, -cost from {{ ref('mart_product_cost') }}
) as both_sides
group by fiscal_period, statement_group
having sum(cost) <> 0
