-- More of an item, or at another price: at the old price what is more, and the rest. At the same price all of it is
-- more.
with deltas as (
    select
        fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency, is_same_price,
        closing_minor - opening_minor as delta_minor,
        {{ half_even('opening_minor * ' ~ trillionths('closing_quantity - opening_quantity'),
            trillionths('opening_quantity')) }} as more_minor
    from {{ ref('int_mrr_items_compared') }}
    -- Most items are what they were.
    where fate = 'stays' and (opening_minor <> closing_minor or opening_quantity <> closing_quantity)
),

parts as (
    select *, case when is_same_price then delta_minor else more_minor end as quantity_minor from deltas
)

{% for change_kind in ['quantity', 'price'] %}
select
    fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
    '{{ change_kind }}' as change_kind,
    {{ 'quantity_minor' if change_kind == 'quantity' else 'delta_minor - quantity_minor' }} as delta_minor
from parts
{{ 'union all' if not loop.last }}
{% endfor %}
