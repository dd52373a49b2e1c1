-- Every period and product, to the minor unit.
{% set means %}
Red: cost is lost or made on its way from epics to key results: what work for something and work for nothing cost
under a product is not what its epics do.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_work_ladder'}}, 'description': means}) }}
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
