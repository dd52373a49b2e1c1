-- Items of a contract for other items: what some products lose and others gain is a transfer, shared over either side
-- by what each lost or gained; what the larger side has more is the mix.
with deltas as (
    select
        fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
        sum(closing_minor - opening_minor) as delta_minor
    from {{ ref('int_mrr_items_compared') }}
    where fate = 'exchanged'
    group by 1, 2, 3, 4, 5, 6, 7, 8
    having sum(closing_minor - opening_minor) <> 0
),

sides as (
    select
        *,
        delta_minor > 0 as is_gain,
        abs(delta_minor) as amount_minor,
        coalesce(sum(case when delta_minor > 0 then delta_minor end) over contract, 0) as gained_minor,
        coalesce(sum(case when delta_minor < 0 then -delta_minor end) over contract, 0) as lost_minor
    from deltas
    window contract as (partition by fiscal_period, subscription_id)
),

shared as (
    {{ shared_out('(select *, least(gained_minor, lost_minor) as moved_minor from sides)',
        ['fiscal_period', 'subscription_id', 'is_gain'], ['product_id'], 'moved_minor', 'amount_minor') }}
)

{% for change_kind in ['transfer', 'mix'] %}
select
    fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
    '{{ change_kind }}' as change_kind,
    cast(
        case when is_gain then 1 else -1 end
            * {{ 'shared_minor' if change_kind == 'transfer' else '(amount_minor - shared_minor)' }} as bigint
    ) as delta_minor
from shared
{{ 'union all' if not loop.last }}
{% endfor %}
