select
    record_id as refund_id,
    charge_id,
    payment_intent_id,
    balance_transaction_id,
    status,
    reason,
    currency,
    {{ iso_minor('amount') }} as amount_minor,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__refunds') }}
where not is_deleted and quarantine_reason is null
