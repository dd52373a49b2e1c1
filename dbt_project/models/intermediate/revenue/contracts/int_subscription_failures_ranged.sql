-- When a contract counts as lost because nobody paid: an invoice is in arrears for longer than the company waits, or
-- the contract was ended for it.
with int_subscription_arrears_ranged as (select * from {{ ref('int_subscription_arrears_ranged') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

lapses as (
    select
        arrears.subscription_id,
        {{ dbt.dateadd('day', 'policy.past_due_days', 'arrears.valid_from') }} as valid_from,
        least(arrears.valid_to, coalesce(subscriptions.ended_at, arrears.valid_to)) as valid_to
    from int_subscription_arrears_ranged as arrears
    inner join stg_stripe__subscriptions as subscriptions
        on arrears.subscription_id = subscriptions.subscription_id
    cross join int_policies_read as policy
    union all
    select subscription_id, ended_at, timestamp '9999-12-31 00:00:00'
    from stg_stripe__subscriptions
    where cancellation_reason = 'payment_failed' and ended_at is not null
),

-- Invoices of one contract lapse one over the other: a range begins where none before it reaches.
marked as (
    select
        lapses.*,
        case
            when lapses.valid_from <= max(lapses.valid_to) over (
                partition by lapses.subscription_id
                order by lapses.valid_from, lapses.valid_to
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_new
    from lapses
    cross join int_stripe_clocks_read as clock
    where lapses.valid_from < lapses.valid_to and lapses.valid_from <= clock.loaded_at
),

numbered as (
    select *, sum(is_new) over (partition by subscription_id order by valid_from, valid_to) as range_number from marked
)

select subscription_id, min(valid_from) as valid_from, max(valid_to) as valid_to
from numbered
group by subscription_id, range_number
