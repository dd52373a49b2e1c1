-- Invoices that show that collection was paused when their terms began: a pause leaves drafts, or Stripe itself voids
-- or writes off what nobody has tried to collect, as soon as it is final. A draft of less than three days may be within
-- its grace. Stripe makes drafts of a contract in arrears, too.
with int_subscription_arrears_ranged as (select * from {{ ref('int_subscription_arrears_ranged') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

judged as (
    select
        invoices.invoice_id,
        invoices.status,
        case
            when invoices.status = 'draft' then contracts.pause_behavior is not null
                or {{ milliseconds_between('invoices.created_at', 'clock.loaded_at') }} > 3 * 24 * 3600 * 1000
            when contracts.pause_behavior is not null
                and coalesce(max(invoices.paid_at) over (partition by invoices.subscription_id), invoices.created_at)
                    <= invoices.created_at then true
            else
                {{ milliseconds_between('coalesce(invoices.finalized_at, invoices.created_at)',
                    'coalesce(invoices.voided_at, invoices.uncollectible_at)') }} <= 2 * 3600 * 1000
        end as is_paused
    from stg_stripe__invoices as invoices
    inner join stg_stripe__subscriptions as contracts on invoices.subscription_id = contracts.subscription_id
    cross join int_stripe_clocks_read as clock
    where not exists (
        select 1 from int_subscription_arrears_ranged as arrears
        where arrears.invoice_id = invoices.invoice_id
            or (
                invoices.status = 'draft' and arrears.subscription_id = invoices.subscription_id
                and arrears.valid_from <= invoices.created_at and invoices.created_at < arrears.valid_to
            )
    )
)

select invoice_id from judged where status in ('draft', 'void', 'uncollectible') and is_paused
