-- A discount that came as its id alone, as Stripe sends it unless asked to expand it, has no coupon here.
select
    invoices.account_prefix || coalesce(
        {{ json_text('elements.element', "'$.id'") }}, {{ json_text('elements.element', "'$'") }}
    ) as discount_id,
    invoices.invoice_id,
    -- The order in which they are taken off.
    elements.position as discount_number,
    invoices.account_prefix || {{ json_text('elements.element', "'$.source.coupon'") }} as coupon_id,
    {{ from_text(json_text('elements.element', "'$.start'"), 'unix') }} as starts_at,
    {{ from_text(json_text('elements.element', "'$.end'"), 'unix') }} as ends_at,
    invoices.load_id
from {{ ref('stg_stripe__invoices') }} as invoices
{{ json_array_elements('invoices.discounts', 'elements') }}
