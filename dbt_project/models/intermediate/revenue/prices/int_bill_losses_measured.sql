-- What is lost of a bill after it was written: of each line its own credits, of the whole bill refunds, fees and what
-- was written off. A part of the bill is a ratio of two sums, so that its size does not matter. What a credit note gave
-- back is a credit, also where a refund paid it.
with stg_stripe__invoice_payments as (select * from {{ ref('stg_stripe__invoice_payments') }}),
stg_stripe__charges as (select * from {{ ref('stg_stripe__charges') }}),
stg_stripe__balance_transactions as (select * from {{ ref('stg_stripe__balance_transactions') }}),
stg_stripe__refunds as (select * from {{ ref('stg_stripe__refunds') }}),
stg_stripe__credit_notes as {{ inlined() }} (select * from {{ ref('stg_stripe__credit_notes') }}),
stg_stripe__credit_note_lines as (select * from {{ ref('stg_stripe__credit_note_lines') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),

charges as (
    select
        paid.invoice_id, charges.charge_id,
        -- Fees are in the currency of the account's balance, which need not be the bill's.
        coalesce(
            {{ half_even(whole('moves.fee_minor') ~ ' * charges.amount_captured_minor',
                'nullif(moves.amount_minor, 0)') }},
            0
        ) as fee_minor
    from (select distinct invoice_id, payment_intent_id from stg_stripe__invoice_payments) as paid
    inner join stg_stripe__charges as charges on paid.payment_intent_id = charges.payment_intent_id
    left join stg_stripe__balance_transactions as moves
        on charges.balance_transaction_id = moves.balance_transaction_id
    where charges.status = 'succeeded'
),

fees as (
    select invoice_id, sum(fee_minor) as fee_minor from charges group by invoice_id
),

refunds as (
    select charges.invoice_id, sum(refunds.amount_minor) as refund_minor
    from stg_stripe__refunds as refunds
    inner join charges on refunds.charge_id = charges.charge_id
    where refunds.status = 'succeeded'
    group by charges.invoice_id
),

notes as (
    select invoice_id, sum(refunded_minor) as refunded_minor
    from stg_stripe__credit_notes
    where status = 'issued'
    group by invoice_id
),

credits as (
    select
        lines.invoice_line_id,
        sum(lines.amount_minor - lines.discount_minor + lines.tax_minor - lines.included_tax_minor) as credit_minor
    from stg_stripe__credit_note_lines as lines
    inner join stg_stripe__credit_notes as notes on lines.credit_note_id = notes.credit_note_id
    where notes.status = 'issued'
    group by lines.invoice_line_id
)

select
    lines.invoice_line_id,
    lines.subscription_item_id,
    lines.service_starts_at,
    lines.service_ends_at,
    cast(coalesce(credits.credit_minor, 0) as bigint) as credit_minor,
    lines.amount_minor - lines.discount_minor + lines.tax_minor - lines.included_tax_minor as credit_of_minor,
    cast(coalesce(refunds.refund_minor, 0) - coalesce(notes.refunded_minor, 0) as bigint) as refund_minor,
    invoices.total_minor as refund_of_minor,
    cast(coalesce(fees.fee_minor, 0) as bigint) as fee_minor,
    invoices.total_minor - invoices.tax_minor as fee_of_minor,
    case when invoices.status = 'uncollectible' then invoices.amount_remaining_minor else 0 end as write_off_minor,
    invoices.total_minor as write_off_of_minor
from stg_stripe__invoice_lines as lines
inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
left join fees on lines.invoice_id = fees.invoice_id
left join refunds on lines.invoice_id = refunds.invoice_id
left join notes on lines.invoice_id = notes.invoice_id
left join credits on lines.invoice_line_id = credits.invoice_line_id
where lines.subscription_item_id is not null and lines.amount_minor > lines.discount_minor
    and invoices.status not in ('draft', 'void') and invoices.total_minor > invoices.tax_minor
