-- Tax that a price includes is in the line.
{% set means %}
Red: a line of a bill is missing or there twice: what the customer was billed is not what its lines come to. Load
Stripe again with the census.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'stg_stripe__invoices'}}, 'description': means}) }}
with lines as (
    select
        invoice_id, sum(amount_minor) as amount_minor,
        sum(amount_minor - discount_minor + tax_minor - included_tax_minor) as billed_minor
    from {{ ref('stg_stripe__invoice_lines') }}
    group by invoice_id
)

select invoices.invoice_id, invoices.subtotal_minor, lines.amount_minor, invoices.total_minor, lines.billed_minor
from {{ ref('stg_stripe__invoices') }} as invoices
left join lines on invoices.invoice_id = lines.invoice_id
where invoices.subtotal_minor <> coalesce(lines.amount_minor, 0)
    or invoices.total_minor <> coalesce(lines.billed_minor, 0)
