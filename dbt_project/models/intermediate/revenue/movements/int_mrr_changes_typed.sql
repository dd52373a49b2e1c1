-- By one rule, asked of the company and of the product alone: who comes to it and who leaves it, else what became of
-- the item.
with int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_logo_scopes_typed as {{ inlined() }} (select * from {{ ref('int_logo_scopes_typed') }}),
int_subscription_failures_ranged as (select * from {{ ref('int_subscription_failures_ranged') }}),

parts as (
    {% for model in ['int_mrr_prices_split', 'int_mrr_exchanges_shared', 'int_mrr_contracts_settled'] %}
    select * from {{ ref(model) }} where delta_minor <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    parts.fiscal_period,
    parts.logo_id,
    parts.subscription_id,
    parts.customer_id,
    parts.product_id,
    parts.segment,
    parts.market,
    parts.currency,
    {% for scope in ['company', 'product'] %}
    case
        when parts.change_kind = 'fx' then 'fx'
        when parts.change_kind = 'transfer' and parts.delta_minor > 0 then 'transfer_in'
        when parts.change_kind = 'transfer' then 'transfer_out'
        when parts.change_kind <> 'mix' and not {{ scope }}.is_in_opening then {{ scope }}.arrival_type
        when parts.change_kind <> 'mix' and not {{ scope }}.is_in_closing then {{ scope }}.departure_type
        when parts.change_kind = 'comes' and not product.is_in_opening then 'cross_sell'
        when parts.change_kind = 'goes' and not product.is_in_closing then 'product_churn'
        when parts.delta_minor < 0 then 'contraction'
        when parts.change_kind = 'comes' then 'expansion_quantity'
        else 'expansion_' || parts.change_kind
    end as {{ scope }}_type,
    {% endfor %}
    -- Nobody paid for the contract any more; what goes over to another product or currency is still paid for.
    parts.delta_minor < 0 and parts.change_kind not in ('transfer', 'fx')
        and failures.subscription_id is not null as is_involuntary,
    parts.delta_minor
from parts
inner join int_revenue_periods_ranged as periods on parts.fiscal_period = periods.fiscal_period
inner join int_logo_scopes_typed as company
    on parts.fiscal_period = company.fiscal_period and parts.logo_id = company.logo_id and company.scope_id = 'COMPANY'
inner join int_logo_scopes_typed as product
    on parts.fiscal_period = product.fiscal_period and parts.logo_id = product.logo_id
    and parts.product_id = product.scope_id
left join int_subscription_failures_ranged as failures
    on parts.subscription_id = failures.subscription_id and failures.valid_from < periods.ends_at
    and periods.ends_at <= failures.valid_to
