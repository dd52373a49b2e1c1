-- Red means: cost got lost, or was made, on its way from the ledger to products. Every period that is not held back, each
-- statement group to the minor unit; the ledger itself is held to QuickBooks' trial balance.
{{ config(meta={'dagster': {'ref': {'name': 'mart_product_cost'}}}) }}
with ledger as (
    select fiscal_period, statement_group, sum(amount_minor) as ledger_minor
    from {{ ref('int_cost_postings_selected') }}
    group by fiscal_period, statement_group
),

shown as (
    select
        mart.fiscal_period, mart.statement_group,
        sum(mart.cost * {{ power_of_ten('currencies.minor_unit_exponent') }}) as shown_minor
    from {{ ref('mart_product_cost') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
    group by mart.fiscal_period, mart.statement_group
)

select
    coalesce(ledger.fiscal_period, shown.fiscal_period) as fiscal_period,
    coalesce(ledger.statement_group, shown.statement_group) as statement_group, ledger.ledger_minor, shown.shown_minor
from ledger
full outer join shown
    on ledger.fiscal_period = shown.fiscal_period and ledger.statement_group = shown.statement_group
where coalesce(ledger.ledger_minor, 0) <> coalesce(shown.shown_minor, 0)
