with int_product_costs_summed as (select * from {{ ref('int_product_costs_summed') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

sums as (
    select
        fiscal_period, product_id, statement_group, stage, currency as home_currency,
        sum(amount_minor) as amount_minor
    from int_product_costs_summed
    group by fiscal_period, product_id, statement_group, stage, currency
),

-- As late as its older half: the ledger has the amount, people the shape.
clock as (
    {{ oldest_of(['int_quickbooks_clocks_read', 'int_bamboohr_clocks_read']) }}
),

labelled as (
    {{ labelled('sums', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.statement_group,
    labelled.stage,
    {{ in_units('labelled.amount_minor', 'labelled') }} as cost,
    labelled.currency,
    judged.remainder,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join int_remainders_judged as judged on labelled.fiscal_period = judged.fiscal_period
left join stg_quickbooks__preferences as preferences on true
where labelled.amount_minor <> 0
