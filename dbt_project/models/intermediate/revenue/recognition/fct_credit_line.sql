-- A credit note is over lines of an invoice: what they were for is what it takes back. Where it states no tax of its
-- own, its amount has as much in it as theirs.
with stg_stripe__credit_note_lines as (select * from {{ ref('stg_stripe__credit_note_lines') }}),
stg_stripe__credit_notes as (select * from {{ ref('stg_stripe__credit_notes') }}),
fct_invoice_line as (select * from {{ ref('fct_invoice_line') }}),

credited as (
    select
        lines.*,
        notes.status as credit_note_status,
        cast(notes.created_at as date) as credited_date,
        coalesce(notes.customer_id, invoiced.customer_key) as customer_key,
        notes.invoice_id,
        invoiced.subscription_id,
        invoiced.product_key,
        invoiced.price_id,
        coalesce(invoiced.service_starts_at, notes.created_at) as service_starts_at,
        coalesce(invoiced.service_ends_at, notes.created_at) as service_ends_at,
        coalesce(invoiced.is_recurring, false) as is_recurring,
        coalesce(invoiced.is_proration, false) as is_proration,
        lines.amount_minor - lines.discount_minor - lines.included_tax_minor as stated_minor,
        lines.amount_minor - lines.discount_minor + lines.tax_minor - lines.included_tax_minor as gross_minor,
        invoiced.net_minor as invoiced_net_minor,
        invoiced.net_minor + invoiced.tax_minor as invoiced_gross_minor
    from stg_stripe__credit_note_lines as lines
    inner join stg_stripe__credit_notes as notes on lines.credit_note_id = notes.credit_note_id
    left join fct_invoice_line as invoiced on lines.invoice_line_id = invoiced.invoice_line_id
)

select
    credit_note_line_id,
    credit_note_id,
    credit_note_status,
    credited_date,
    invoice_line_id,
    invoice_id,
    customer_key,
    subscription_id,
    product_key,
    price_id,
    description,
    service_starts_at,
    service_ends_at,
    quantity,
    unit_amount_decimal,
    amount_minor,
    discount_minor,
    tax_minor,
    included_tax_minor,
    case
        when invoiced_gross_minor is null or tax_minor <> 0 then stated_minor
        when invoiced_gross_minor = 0 then 0
        else {{ half_even('cast(gross_minor as decimal(38, 0)) * invoiced_net_minor', 'invoiced_gross_minor') }}
    end as net_minor,
    currency,
    is_recurring,
    is_proration,
    load_id
from credited
