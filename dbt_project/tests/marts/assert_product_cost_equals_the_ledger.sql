-- Every period that is not held back and whose remainder is shown, each statement group to the minor unit, or all that
-- share a remainder together; the ledger itself is held to QuickBooks' trial balance.
{% set means %}
Red: cost got lost, or was made, on its way from the ledger to products.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_product_cost'}}, 'description': means}) }}
with both_sides as (
    select fiscal_period, statement_group, amount_minor as ledger_minor, 0 as shown_minor
    from {{ ref('int_cost_postings_selected') }}
    union all
    select
        mart.fiscal_period, mart.statement_group, 0,
        mart.cost * {{ power_of_ten('currencies.minor_unit_exponent') }}
    from {{ ref('mart_product_cost') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
)

select
    both_sides.fiscal_period,
    case when judged.remainder = 'joint' then 'all' else both_sides.statement_group end as statement_group,
    sum(both_sides.ledger_minor) as ledger_minor, sum(both_sides.shown_minor) as shown_minor
from both_sides
left join {{ ref('int_remainders_judged') }} as judged on both_sides.fiscal_period = judged.fiscal_period
where coalesce(judged.remainder, '') <> 'withheld'
group by 1, 2
having sum(both_sides.ledger_minor) <> sum(both_sides.shown_minor)
