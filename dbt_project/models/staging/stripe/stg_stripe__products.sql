select
    record_id as product_id,
    product_name,
    is_active,
    default_price_id,
    unit_label,
    metadata,
    created_at,
    updated_at,
    load_id
from {{ ref('base_stripe__products') }}
where not is_deleted and quarantine_reason is null
