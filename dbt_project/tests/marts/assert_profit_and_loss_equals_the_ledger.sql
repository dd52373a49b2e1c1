-- Every period that is not held back, to the minor unit; cost where its remainder is shown.
{% set means %}
Red: a line of a product's profit and loss is lost or counts twice: over all products it is not the company's ledger.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_product_pnl'}}, 'description': means}) }}
with both_sides as (
    select
        fiscal_period, amount_minor as ledger_revenue_minor, 0 as ledger_cost_minor, 0 as revenue_minor,
        0 as cost_minor, 0 as profit_minor
    from {{ ref('fct_revenue_recognised') }}
    where fiscal_period in (select fiscal_period from {{ ref('int_fiscal_periods_begun') }})
    union all
    select fiscal_period, 0, amount_minor, 0, 0, 0 from {{ ref('int_cost_postings_selected') }}
    union all
    select
        mart.fiscal_period, 0, 0,
        mart.recognised_revenue * {{ power_of_ten('currencies.minor_unit_exponent') }},
        (
            mart.cost_of_revenue + mart.research_and_development_direct + mart.research_and_development_shared
            + mart.sales_and_marketing + mart.general_and_administrative
        ) * {{ power_of_ten('currencies.minor_unit_exponent') }},
        mart.operating_profit * {{ power_of_ten('currencies.minor_unit_exponent') }}
    from {{ ref('mart_product_pnl') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
),

summed as (
    select
        both_sides.fiscal_period, coalesce(max(judged.remainder), '') <> 'withheld' as is_cost_whole,
        sum(ledger_revenue_minor) as ledger_revenue_minor, sum(ledger_cost_minor) as ledger_cost_minor,
        sum(revenue_minor) as revenue_minor, sum(cost_minor) as cost_minor, sum(profit_minor) as profit_minor
    from both_sides
    left join {{ ref('int_remainders_judged') }} as judged on both_sides.fiscal_period = judged.fiscal_period
    group by both_sides.fiscal_period
)

select *
from summed
where ledger_revenue_minor <> revenue_minor
    or (is_cost_whole and (ledger_cost_minor <> cost_minor or profit_minor <> ledger_revenue_minor - ledger_cost_minor))
