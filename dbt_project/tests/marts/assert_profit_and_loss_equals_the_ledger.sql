-- Red means: a line of a product's profit and loss is lost or counts twice: over all products it is not the company's
-- ledger. Every period that is not held back, to the minor unit.
{{ config(meta={'dagster': {'ref': {'name': 'mart_product_pnl'}}}) }}
with ledger as (
    select
        fiscal_period, 0 as revenue_minor,
        case when statement_group = 'cost_of_revenue' then amount_minor else 0 end as cost_of_revenue_minor,
        case when statement_group <> 'cost_of_revenue' then amount_minor else 0 end as operating_expense_minor
    from {{ ref('int_cost_postings_selected') }}
    union all
    select fiscal_period, amount_minor, 0, 0
    from {{ ref('fct_revenue_recognised') }}
    where fiscal_period in (select fiscal_period from {{ ref('int_fiscal_periods_begun') }})
),

shown as (
    select
        mart.*, {{ power_of_ten('currencies.minor_unit_exponent') }} as minor_units
    from {{ ref('mart_product_pnl') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
),

both_sides as (
    select fiscal_period, revenue_minor, cost_of_revenue_minor, operating_expense_minor, 0 as profit_minor from ledger
    union all
    select
        fiscal_period, -recognised_revenue * minor_units, -cost_of_revenue * minor_units,
        -(
            research_and_development_direct + research_and_development_shared + sales_and_marketing
            + general_and_administrative
        ) * minor_units,
        (recognised_revenue - cost_of_revenue - operating_expense - operating_profit) * minor_units
    from shown
)

select
    fiscal_period, sum(revenue_minor) as revenue_minor, sum(cost_of_revenue_minor) as cost_of_revenue_minor,
    sum(operating_expense_minor) as operating_expense_minor, sum(profit_minor) as profit_minor
from both_sides
group by fiscal_period
having sum(revenue_minor) <> 0 or sum(cost_of_revenue_minor) <> 0 or sum(operating_expense_minor) <> 0
    or sum(profit_minor) <> 0
