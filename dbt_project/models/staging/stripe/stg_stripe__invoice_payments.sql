select
    record_id as invoice_payment_id,
    parent_id as invoice_id,
    payment_type,
    payment_intent_id,
    charge_id,
    status,
    is_default,
    currency,
    {{ iso_minor('amount_requested') }} as amount_requested_minor,
    {{ iso_minor('amount_paid') }} as amount_paid_minor,
    paid_at,
    canceled_at,
    created_at,
    load_id
from {{ ref('base_stripe__invoice_payments') }}
where not is_deleted and quarantine_reason is null
