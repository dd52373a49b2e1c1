select
    record_id as credit_note_id,
    invoice_id,
    customer_id,
    credit_note_number,
    status,
    reason,
    currency,
    {{ iso_minor('subtotal') }} as subtotal_minor,
    {{ amounts_of('discount_amounts') }} as discount_minor,
    {{ amounts_of('taxes') }} as tax_minor,
    {{ amounts_of('taxes', "= 'inclusive'") }} as included_tax_minor,
    {{ iso_minor('total') }} as total_minor,
    {{ iso_minor('total_excluding_tax') }} as total_excluding_tax_minor,
    {{ iso_minor('pre_payment') }} as pre_payment_minor,
    {{ iso_minor('post_payment') }} as post_payment_minor,
    {{ iso_minor('out_of_band') }} as out_of_band_minor,
    effective_at,
    voided_at,
    metadata,
    created_at,
    load_id
from {{ ref('base_stripe__credit_notes') }}
where not is_deleted and quarantine_reason is null
