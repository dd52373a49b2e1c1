-- From the first try to have an invoice of a contract paid that failed, until it is paid or void.
with stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__invoice_payments as (select * from {{ ref('stg_stripe__invoice_payments') }}),
stg_stripe__charges as (select * from {{ ref('stg_stripe__charges') }})

select
    invoices.subscription_id,
    invoices.invoice_id,
    min(charges.created_at) as valid_from,
    coalesce(min(invoices.paid_at), min(invoices.voided_at), timestamp '9999-12-31 00:00:00') as valid_to
from stg_stripe__invoices as invoices
inner join stg_stripe__invoice_payments as payments on invoices.invoice_id = payments.invoice_id
inner join stg_stripe__charges as charges
    on payments.payment_intent_id = charges.payment_intent_id and charges.status = 'failed'
where invoices.subscription_id is not null
group by invoices.subscription_id, invoices.invoice_id
