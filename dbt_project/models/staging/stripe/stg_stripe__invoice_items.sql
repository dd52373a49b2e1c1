select
    record_id as invoice_item_id,
    customer_id,
    invoice_id,
    subscription_id,
    subscription_item_id,
    description,
    product_id,
    price_id,
    {{ own_quantity() }} as quantity,
    {{ iso_minor('unit_amount_decimal', type='decimal(38, 12)') }} as unit_amount_decimal,
    currency,
    {{ iso_minor('amount') }} as amount_minor,
    is_proration,
    service_starts_at,
    service_ends_at,
    created_at,
    load_id
from {{ ref('base_stripe__invoice_items') }}
where not is_deleted and quarantine_reason is null
