-- Every period that is not held back, to the minor unit. unmapped_minor is the part that no product is known of.
{% set means %}
Red: revenue got lost, or was made, on its way from the ledger's revenue accounts to products, segments and markets.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_revenue'}}, 'description': means}) }}
with ledger as (
    select lines.fiscal_period, -sum(lines.amount_home_minor) as ledger_minor
    from {{ ref('fct_gl_line') }} as lines
    inner join {{ ref('stg_quickbooks__accounts') }} as accounts on lines.account_id = accounts.account_id
    left join {{ ref('stg_files__account_maps') }} as maps
        on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
    where coalesce(maps.statement_group, case when accounts.account_type = 'Income' then 'revenue' end) = 'revenue'
        and lines.fiscal_period in (select fiscal_period from {{ ref('int_recognition_periods_ranged') }})
        and not exists (
            select 1 from {{ ref('int_ledger_differences_found') }} as differences
            where differences.fiscal_period = lines.fiscal_period
        )
    group by lines.fiscal_period
),

shown as (
    select
        mart.fiscal_period,
        sum(mart.recognised_revenue * {{ power_of_ten('currencies.minor_unit_exponent') }}) as shown_minor,
        sum(
            case
                when mart.product_id = 'UNMAPPED'
                    then mart.recognised_revenue * {{ power_of_ten('currencies.minor_unit_exponent') }}
                else 0
            end
        ) as unmapped_minor
    from {{ ref('mart_revenue') }} as mart
    inner join {{ ref('dim_currency') }} as currencies on mart.currency = currencies.currency
    group by mart.fiscal_period
)

select
    coalesce(ledger.fiscal_period, shown.fiscal_period) as fiscal_period, ledger.ledger_minor, shown.shown_minor,
    shown.unmapped_minor
from ledger
full outer join shown on ledger.fiscal_period = shown.fiscal_period
where coalesce(ledger.ledger_minor, 0) <> coalesce(shown.shown_minor, 0)
