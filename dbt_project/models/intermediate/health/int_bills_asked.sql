-- Bills of contracts, and whether somebody was asked to pay them. One that was void or written off within a day without
-- a try was not; nor was a draft, unless it is within the three days of grace, or the contract is one that Stripe calls
-- unpaid.
with int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
stg_stripe__charges as (select * from {{ ref('stg_stripe__charges') }}),
stg_stripe__invoice_payments as (select * from {{ ref('stg_stripe__invoice_payments') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

declined as (
    select distinct payments.invoice_id
    from stg_stripe__invoice_payments as payments
    inner join stg_stripe__charges as charges
        on payments.payment_intent_id = charges.payment_intent_id and charges.status = 'failed'
)

select
    invoices.invoice_id, invoices.subscription_id, invoices.customer_id, invoices.status, invoices.total_minor,
    invoices.created_at, invoices.paid_at,
    coalesce(invoices.due_at, invoices.finalized_at, invoices.created_at) as owed_at,
    case invoices.status
        when 'paid' then true
        when 'open' then true
        when 'draft' then contracts.status = 'unpaid' or (
            contracts.pause_behavior is null
            and {{ dbt.dateadd('day', 3, 'invoices.created_at') }} > clock.loaded_at
        )
        else declined.invoice_id is not null
            or coalesce(invoices.voided_at, invoices.uncollectible_at)
                > {{ dbt.dateadd('day', 1, 'coalesce(invoices.finalized_at, invoices.created_at)') }}
    end as is_asked
from stg_stripe__invoices as invoices
inner join stg_stripe__subscriptions as contracts on invoices.subscription_id = contracts.subscription_id
cross join int_stripe_clocks_read as clock
left join declined on invoices.invoice_id = declined.invoice_id
