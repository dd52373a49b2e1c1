-- The terms of a contract, as told by the lines of invoices that bill one: each holds until the next begins. Of two invoices over one term the newer one counts.
with lines as (
    select lines.subscription_id, lines.invoice_id, lines.service_starts_at
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    inner join {{ ref('stg_stripe__prices') }} as prices on lines.price_id = prices.price_id and prices.usage_type = 'licensed'
    where lines.subscription_item_id is not null and not lines.is_proration
),

ranked as (
    select
        lines.subscription_id, lines.invoice_id, lines.service_starts_at, invoices.status, invoices.created_at,
        row_number() over (partition by lines.subscription_id, lines.service_starts_at order by invoices.created_at desc, lines.invoice_id desc) as choice
    from lines
    inner join {{ ref('stg_stripe__invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
),

-- Stripe makes drafts for a contract in arrears as it does in a pause, and every invoice is one for an hour.
judged as (
    select
        ranked.*,
        ranked.status = 'void' or (
            ranked.status = 'draft'
            and {{ milliseconds_between('ranked.created_at', 'clock.data_as_of') }} > 3600000
            and not exists (
                select 1 from {{ ref('int_subscription_arrears_ranged') }} as arrears
                where arrears.subscription_id = ranked.subscription_id and arrears.valid_from <= ranked.created_at and ranked.created_at < arrears.valid_to
            )
        ) as is_paused
    from ranked
    cross join {{ ref('int_billing_clocks_read') }} as clock
    where ranked.choice = 1
)

select
    subscription_id,
    invoice_id,
    service_starts_at as valid_from,
    coalesce(lead(service_starts_at) over (partition by subscription_id order by service_starts_at), timestamp '9999-12-31 00:00:00') as valid_to,
    is_paused
from judged
