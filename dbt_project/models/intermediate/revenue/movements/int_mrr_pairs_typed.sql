-- What went up and down again within a period, or down and up, by the ends of its days: a pair that adds up to nothing,
-- beside the net.
with int_logo_days_changed as {{ inlined() }} (select * from {{ ref('int_logo_days_changed') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
active_items as (select * from {{ active_items() }}),
int_logo_scopes_typed as {{ inlined() }} (select * from {{ ref('int_logo_scopes_typed') }}),

samples as (
    select fiscal_period, logo_id, sample_at from int_logo_days_changed
    union
    {% for instant in ['starts_at', 'ends_at'] %}
    select days.fiscal_period, days.logo_id, periods.{{ instant }}
    from int_logo_days_changed as days
    inner join int_revenue_periods_ranged as periods on days.fiscal_period = periods.fiscal_period
    {{ 'union' if not loop.last }}
    {% endfor %}
),

held as (
    select
        samples.fiscal_period, samples.logo_id, samples.sample_at, items.customer_id, items.product_id, items.segment,
        items.market, items.currency,
        sum(items.mrr_minor) as mrr_minor
    from samples
    inner join active_items as items
        on samples.fiscal_period = items.fiscal_period and samples.logo_id = items.logo_id
        and samples.sample_at = items.sample_at
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

cells as (
    select distinct fiscal_period, logo_id, customer_id, product_id, segment, market, currency from held
),

steps as (
    select
        cells.*,
        coalesce(held.mrr_minor, 0) - lag(coalesce(held.mrr_minor, 0)) over (
            partition by cells.fiscal_period, cells.logo_id, cells.customer_id, cells.product_id, cells.segment,
                cells.market, cells.currency
            order by samples.sample_at
        ) as delta_minor
    from samples
    inner join cells on samples.fiscal_period = cells.fiscal_period and samples.logo_id = cells.logo_id
    left join held
        on samples.fiscal_period = held.fiscal_period and samples.logo_id = held.logo_id
        and samples.sample_at = held.sample_at
        and {{ same_cell('cells', 'held') }}
),

pairs as (
    select
        fiscal_period, logo_id, customer_id, product_id, segment, market, currency,
        cast(least(sum(greatest(delta_minor, 0)), sum(greatest(-delta_minor, 0))) as bigint) as amount_minor
    from steps
    group by 1, 2, 3, 4, 5, 6, 7
)

{% for sign, types in [('', ['arrival_type', 'late_renewal', 'reactivation', 'cross_sell', 'expansion_quantity']),
                       ('-', ['departure_type', 'late_renewal', 'logo_churn', 'product_churn', 'contraction'])] %}
select
    pairs.fiscal_period, pairs.logo_id, pairs.customer_id, pairs.product_id, pairs.segment, pairs.market,
    pairs.currency,
    {% for scope in ['company', 'product'] %}
    case
        when not {{ scope }}.is_in_opening and not {{ scope }}.is_in_closing then {{ scope }}.{{ types[0] }}
        when {{ scope }}.is_in_opening and {{ scope }}.is_in_closing and {{ scope }}.is_ever_without
            then case when {{ scope }}.is_late_at_most then '{{ types[1] }}' else '{{ types[2] }}' end
        when not product.is_in_opening and not product.is_in_closing then '{{ types[3] }}'
        else '{{ types[4] }}'
    end as {{ scope }}_type,
    {% endfor %}
    {{ sign }}pairs.amount_minor as delta_minor
from pairs
inner join int_logo_scopes_typed as company
    on pairs.fiscal_period = company.fiscal_period and pairs.logo_id = company.logo_id and company.scope_id = 'COMPANY'
inner join int_logo_scopes_typed as product
    on pairs.fiscal_period = product.fiscal_period and pairs.logo_id = product.logo_id
    and pairs.product_id = product.scope_id
where pairs.amount_minor > 0
{{ 'union all' if not loop.last }}
{% endfor %}
