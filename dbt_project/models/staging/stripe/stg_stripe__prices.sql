select
    record_id as price_id,
    product_id,
    is_active,
    nickname,
    lookup_key,
    currency,
    price_type,
    interval_unit,
    interval_count,
    usage_type,
    billing_scheme,
    {{ iso_minor('unit_amount') }} as unit_amount_minor,
    {{ iso_minor('unit_amount_decimal', type='decimal(38, 12)') }} as unit_amount_decimal,
    tiers_mode,
    tiers,
    divide_quantity_by,
    round_quantity,
    tax_behavior,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__prices') }}
where not is_deleted and quarantine_reason is null
