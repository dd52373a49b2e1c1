select
    record_id as charge_id,
    customer_id,
    payment_intent_id,
    balance_transaction_id,
    status,
    failure_code,
    currency,
    {{ iso_minor('amount') }} as amount_minor,
    {{ iso_minor('amount_captured') }} as amount_captured_minor,
    {{ iso_minor('amount_refunded') }} as amount_refunded_minor,
    is_paid,
    is_captured,
    is_refunded,
    is_disputed,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__charges') }}
where not is_deleted and quarantine_reason is null
