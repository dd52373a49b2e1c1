select
    record_id as subscription_item_id,
    parent_id as subscription_id,
    price_id,
    product_id,
    currency,
    interval_unit,
    interval_count,
    usage_type,
    {{ iso_minor('unit_amount_decimal', type='decimal(38, 12)') }} as unit_amount_decimal,
    currency_options,
    divide_quantity_by,
    round_quantity,
    quantity,
    current_period_starts_at,
    current_period_ends_at,
    discounts,
    metadata,
    account_prefix,
    created_at,
    load_id
from {{ ref('base_stripe__subscription_items') }}
where not is_deleted and quarantine_reason is null
