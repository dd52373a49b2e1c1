select
    record_id as balance_transaction_id,
    source_id,
    transaction_type,
    reporting_category,
    status,
    currency,
    {{ iso_minor('amount') }} as amount_minor,
    {{ iso_minor('fee') }} as fee_minor,
    {{ iso_minor('net') }} as net_minor,
    available_at,
    created_at,
    load_id
from {{ ref('base_stripe__balance_transactions') }}
where not is_deleted and quarantine_reason is null
