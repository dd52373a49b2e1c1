select
    record_id as invoice_line_id,
    parent_id as invoice_id,
    description,
    product_id,
    price_id,
    {{ own_quantity() }} as quantity,
    {{ iso_minor('unit_amount_decimal', type='decimal(38, 12)') }} as unit_amount_decimal,
    currency,
    {{ iso_minor('amount') }} as amount_minor,
    {{ amounts_of('discount_amounts') }} as discount_minor,
    {{ amounts_of('taxes') }} as tax_minor,
    {{ amounts_of('taxes', "= 'inclusive'") }} as included_tax_minor,
    service_starts_at,
    service_ends_at,
    parent_type as line_type,
    case parent_type
        when 'subscription_item_details' then item_subscription_id
        when 'invoice_item_details' then invoice_item_subscription_id
    end as subscription_id,
    case when parent_type = 'subscription_item_details' then subscription_item_id end as subscription_item_id,
    coalesce(
        case parent_type
            when 'subscription_item_details' then item_is_proration
            when 'invoice_item_details' then invoice_item_is_proration
        end,
        false
    ) as is_proration,
    case parent_type
        when 'subscription_item_details' then item_invoice_item_id
        when 'invoice_item_details' then invoice_item_id
    end as invoice_item_id,
    load_id
from {{ ref('base_stripe__invoice_lines') }}
where not is_deleted and quarantine_reason is null
