-- Every period and product, under every model of effort, to the minor unit.
{% set means %}
Red: work is lost or made on its way from people to epics: what people cost under a product is not what epics, items
without one and days without an item add up to.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_epic_cost'}}, 'description': means}) }}
with people as (
    select
        fiscal_period,
        case when product_id = 'OVERHEAD' then 'UNALLOCATED' else product_id end as product_id,
        sum(amount_minor) as people_minor
    from {{ ref('int_standard_parts_placed') }}
    where rule_id = 'people' and account_function in ('engineering', 'product', 'design')
    group by 1, 2
),

shown as (
    select
        mart.fiscal_period, mart.product_id, 'mart_epic_cost' as view_id,
        mart.cost * {{ power_of_ten('currencies.minor_unit_exponent') }} as shown_minor
    from {{ ref('mart_epic_cost') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
    union all
    select fiscal_period, product_id, effort_model, amount_minor from {{ ref('int_epic_costs_shared') }}
),

both_sides as (
    select people.fiscal_period, people.product_id, views.view_id, people.people_minor, 0 as shown_minor
    from people
    cross join (select distinct view_id from shown) as views
    union all
    select fiscal_period, product_id, view_id, 0, shown_minor from shown
)

select fiscal_period, product_id, view_id, sum(people_minor) as people_minor, sum(shown_minor) as shown_minor
from both_sides
group by fiscal_period, product_id, view_id
having sum(people_minor) <> sum(shown_minor)
