select
    record_id as subscription_item_id,
    parent_id as subscription_id,
    price_id,
    product_id,
    currency,
    quantity,
    current_period_starts_at,
    current_period_ends_at,
    discounts,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__subscription_items') }}
where not is_deleted and quarantine_reason is null
