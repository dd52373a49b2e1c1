{% set means %}
Red: recurring revenue got lost or was made between the items of contracts and the customers and products that they
count to.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'fct_mrr_balance'}}, 'description': means}) }}
with items as (
    select periods.fiscal_period, items.currency, sum(items.mrr_minor) as minor
    from {{ ref('int_revenue_periods_ranged') }} as periods
    inner join {{ ref('fct_subscription_interval') }} as items
        on items.valid_from < periods.ends_at and periods.ends_at <= items.valid_to
    group by 1, 2
),

balances as (
    select fiscal_period, currency, sum(mrr_minor) as minor from {{ ref('fct_mrr_balance') }} group by 1, 2
)

select
    coalesce(items.fiscal_period, balances.fiscal_period) as fiscal_period,
    coalesce(items.currency, balances.currency) as currency, items.minor, balances.minor as shown
from items
full outer join balances on items.fiscal_period = balances.fiscal_period and items.currency = balances.currency
where items.minor is distinct from balances.minor
