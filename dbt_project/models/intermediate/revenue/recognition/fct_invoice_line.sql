with stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }})

select
    lines.invoice_line_id,
    lines.invoice_id,
    invoices.status as invoice_status,
    -- A draft was billed to nobody yet.
    cast(invoices.finalized_at as date) as billed_date,
    invoices.customer_id as customer_key,
    lines.subscription_id,
    lines.subscription_item_id,
    lines.product_id as product_key,
    lines.price_id,
    lines.description,
    lines.service_starts_at,
    lines.service_ends_at,
    lines.quantity,
    lines.unit_amount_decimal,
    lines.amount_minor,
    lines.discount_minor,
    lines.tax_minor,
    lines.included_tax_minor,
    lines.amount_minor - lines.discount_minor - lines.included_tax_minor as net_minor,
    lines.currency,
    coalesce(prices.price_type = 'recurring' and prices.usage_type = 'licensed', false) as is_recurring,
    lines.is_proration,
    lines.load_id
from stg_stripe__invoice_lines as lines
inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
left join stg_stripe__prices as prices on lines.price_id = prices.price_id
