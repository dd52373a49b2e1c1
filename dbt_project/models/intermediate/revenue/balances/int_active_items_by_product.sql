-- What products bring of each item that is held. `prodops whatif price` builds this model on assumed prices, in a copy
-- of the warehouse.
with shares as (
    select * from {{ ref('int_active_items_assumed' if var('what_if', false) else 'int_active_items_shared') }}
)

select
    fiscal_period, sample_kind, sample_at, subscription_id, subscription_item_id, customer_key, customer_id, logo_id,
    product_key, product_id, segment, market, currency, quantity,
    {{ reduced('monthly', 'monthly_numerator', 'monthly_denominator') }},
    cast(
        sum(shared_minor) over (partition by fiscal_period, sample_kind, sample_at, subscription_item_id) as bigint
    ) as item_mrr_minor,
    shared_minor as mrr_minor
from shares
where shared_minor > 0
