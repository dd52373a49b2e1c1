-- What discounts took from a line: those of the whole invoice, and those of what it bills alone.
select
    lines.account_prefix || {{ json_text('elements.element', "'$.discount'") }} as discount_id,
    lines.record_id as invoice_line_id,
    lines.parent_id as invoice_id,
    -- The order in which they are taken off.
    elements.position as discount_number,
    lines.currency,
    {{ iso_minor(from_text(json_text('elements.element', "'$.amount'"), 'bigint'), 'lines.currency') }} as amount_minor,
    lines.load_id
from {{ ref('base_stripe__invoice_lines') }} as lines
{{ json_array_elements('lines.discount_amounts', 'elements') }}
where not lines.is_deleted and lines.quarantine_reason is null
