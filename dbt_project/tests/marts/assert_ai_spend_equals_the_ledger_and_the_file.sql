{% set means %}
Red: spend on tools is lost or counts twice on its way from the ledger, or what only one of the ledger and the file
has is not named, so the difference that is shown explains nothing.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_ai_spend'}}, 'description': means}) }}
with int_tool_postings_named as (select * from {{ ref('int_tool_postings_named') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),
mart_ai_spend as (select * from {{ ref('mart_ai_spend') }})

select 'ledger' as side, fiscal_period, '' as vendor_name, sum(amount) as difference
from (
    select fiscal_period, ledger_amount as amount from mart_ai_spend
    union all
    select postings.fiscal_period, {{ in_units('-postings.amount_minor', 'currencies') }}
    from int_tool_postings_named as postings
    inner join dim_currency as currencies on postings.currency = currencies.currency
) as both_sides
group by fiscal_period
having sum(amount) <> 0
union all
select 'named items', fiscal_period, vendor_name, sum(ledger_amount - file_amount - not_in_file + not_in_ledger)
from mart_ai_spend
group by fiscal_period, vendor_name
having sum(ledger_amount - file_amount - not_in_file + not_in_ledger) <> 0
