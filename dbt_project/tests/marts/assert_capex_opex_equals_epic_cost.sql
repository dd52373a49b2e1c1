-- Every period, product and epic under every regime, the one of none too.
{% set means %}
Red: what is capitalised and expensed of an epic is not what it costs.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_capex_opex'}}, 'description': means}) }}
with both_sides as (
    select fiscal_period, regime, product_id, epic_id, 0 as cost, capitalised + expensed as split
    from {{ ref('mart_capex_opex') }}
    union all
    select costs.fiscal_period, regimes.regime, costs.product_id, costs.epic_id, costs.cost, 0
    from {{ ref('mart_epic_cost') }} as costs
    cross join (
        select 'off' as regime
        union all
        select 'asc350_40_stage'
        union all
        select 'asu_2025_06'
        union all
        select 'ias38'
    ) as regimes
)

select fiscal_period, regime, product_id, epic_id, sum(cost) as cost, sum(split) as split
from both_sides
group by fiscal_period, regime, product_id, epic_id
having sum(cost) <> sum(split)
