-- Every period and product, to the minor unit.
{{ config(meta={'dagster': {'ref': {'name': 'mart_work_ladder'}}}) }}
with both_sides as (
    select fiscal_period, product_id, cost as ladder_cost, 0 as epic_cost
    from {{ ref('mart_work_ladder') }}
    where not is_rollup and cost is not null
    union all
    select fiscal_period, product_id, 0, cost from {{ ref('mart_epic_cost') }}
)

select fiscal_period, product_id, sum(ladder_cost) as ladder_cost, sum(epic_cost) as epic_cost
from both_sides
group by fiscal_period, product_id
having sum(ladder_cost) <> sum(epic_cost)
