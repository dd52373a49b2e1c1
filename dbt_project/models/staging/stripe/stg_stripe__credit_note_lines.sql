-- A line does not say its currency: that is its note's.
select
    lines.record_id as credit_note_line_id,
    lines.parent_id as credit_note_id,
    lines.invoice_line_id,
    lines.line_type,
    lines.description,
    lines.quantity,
    {{ iso_minor('lines.unit_amount_decimal', 'notes.currency', type='decimal(38, 12)') }} as unit_amount_decimal,
    notes.currency,
    {{ iso_minor('lines.amount', 'notes.currency') }} as amount_minor,
    {{ amounts_of('lines.discount_amounts', currency='notes.currency') }} as discount_minor,
    {{ amounts_of('lines.taxes', currency='notes.currency') }} as tax_minor,
    {{ amounts_of('lines.taxes', "= 'inclusive'", 'notes.currency') }} as included_tax_minor,
    lines.load_id
from {{ ref('base_stripe__credit_note_lines') }} as lines
left join {{ ref('base_stripe__credit_notes') }} as notes on lines.parent_id = notes.record_id
where not lines.is_deleted and lines.quarantine_reason is null
