select
    record_id as customer_id,
    customer_name,
    country,
    currency,
    {{ iso_minor('balance') }} as balance_minor,
    is_delinquent,
    discount_id,
    discount_coupon_id,
    discount_starts_at,
    discount_ends_at,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__customers') }}
where not is_deleted and quarantine_reason is null
