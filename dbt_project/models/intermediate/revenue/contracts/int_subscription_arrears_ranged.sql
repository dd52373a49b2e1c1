-- From when an invoice of a contract should have been paid and was not, until the contract is good again: it is paid or
-- void, or a later one is paid, or it was written off and Stripe does not call the contract unpaid. What is sent is
-- late after its due date; what is charged after the first try that failed, or, where nothing could be tried, once it
-- is final. Of a contract that it calls unpaid Stripe makes drafts alone. Where the invoice that is not paid is older
-- than what is loaded, arrears begin with the term that it bills, or when that is due.
with stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__invoice_payments as (select * from {{ ref('stg_stripe__invoice_payments') }}),
stg_stripe__charges as (select * from {{ ref('stg_stripe__charges') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),

declined as (
    select payments.invoice_id, min(charges.created_at) as declined_at
    from stg_stripe__invoice_payments as payments
    inner join stg_stripe__charges as charges
        on payments.payment_intent_id = charges.payment_intent_id and charges.status = 'failed'
    group by payments.invoice_id
),

recovered as (
    select late.invoice_id, min(later.paid_at) as recovered_at
    from stg_stripe__invoices as late
    inner join stg_stripe__invoices as later
        on late.subscription_id = later.subscription_id and late.created_at < later.created_at
        and later.total_minor > 0
    group by late.invoice_id
),

ranged as (
    select
        invoices.subscription_id,
        invoices.invoice_id,
        case
            when invoices.collection_method = 'send_invoice' and invoices.due_at is not null
                and invoices.status <> 'draft' then invoices.due_at
            when declined.declined_at is not null then declined.declined_at
            when contracts.status = 'unpaid' and invoices.status = 'draft' then invoices.created_at
            when contracts.status in ('past_due', 'unpaid') and invoices.status = 'open' then invoices.finalized_at
        end as valid_from,
        least(
            coalesce(invoices.paid_at, timestamp '9999-12-31 00:00:00'),
            coalesce(invoices.voided_at, timestamp '9999-12-31 00:00:00'),
            coalesce(recovered.recovered_at, timestamp '9999-12-31 00:00:00'),
            case
                when contracts.status in ('past_due', 'unpaid')
                    or coalesce(contracts.cancellation_reason, '') = 'payment_failed'
                    then timestamp '9999-12-31 00:00:00'
                else coalesce(invoices.uncollectible_at, timestamp '9999-12-31 00:00:00')
            end
        ) as valid_to
    from stg_stripe__invoices as invoices
    inner join stg_stripe__subscriptions as contracts on invoices.subscription_id = contracts.subscription_id
    left join declined on invoices.invoice_id = declined.invoice_id
    left join recovered on invoices.invoice_id = recovered.invoice_id
)

select subscription_id, invoice_id, valid_from, valid_to
from ranged
where valid_from < valid_to
union all
select
    contracts.subscription_id,
    contracts.latest_invoice_id,
    {{ dbt.dateadd('day', 'coalesce(max(contracts.days_until_due), 0)', 'max(items.current_period_starts_at)') }},
    timestamp '9999-12-31 00:00:00'
from stg_stripe__subscriptions as contracts
inner join stg_stripe__subscription_items as items on contracts.subscription_id = items.subscription_id
left join stg_stripe__invoices as invoices on contracts.latest_invoice_id = invoices.invoice_id
where contracts.status in ('past_due', 'unpaid') and contracts.latest_invoice_id is not null
    and invoices.invoice_id is null
group by contracts.subscription_id, contracts.latest_invoice_id
