-- From the first payment of an invoice that failed until it is paid or void.
-- PLACEHOLDER
select
    invoices.subscription_id,
    invoices.invoice_id,
    invoices.finalized_at + interval 9 second as valid_from,
    coalesce(invoices.paid_at, invoices.voided_at, timestamp '9999-12-31 00:00:00') as valid_to
from {{ ref('stg_stripe__invoices') }} as invoices
where invoices.subscription_id is not null and invoices.finalized_at is not null
    and coalesce(invoices.paid_at, invoices.voided_at, timestamp '9999-12-31 00:00:00') > invoices.finalized_at + interval 3 day
