-- The terms of a contract, as stated by the lines of invoices that bill one in advance: each holds until the next
-- begins. Of two invoices over one term the newer one counts.
with stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
int_subscription_arrears_ranged as (select * from {{ ref('int_subscription_arrears_ranged') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

lines as (
    select
        lines.subscription_id, lines.service_starts_at, invoices.invoice_id, invoices.status, invoices.created_at,
        row_number() over (
            partition by lines.subscription_id, lines.service_starts_at
            order by invoices.created_at desc, invoices.invoice_id desc
        ) as choice
    from stg_stripe__invoice_lines as lines
    inner join stg_stripe__prices as prices
        on lines.price_id = prices.price_id and prices.usage_type = 'licensed'
    inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
    where lines.subscription_item_id is not null and not lines.is_proration
),

-- Stripe makes drafts of a contract in arrears as it does in a pause.
drafts_in_arrears as (
    select distinct lines.invoice_id
    from lines
    inner join int_subscription_arrears_ranged as arrears
        on lines.subscription_id = arrears.subscription_id and arrears.valid_from <= lines.created_at
        and lines.created_at < arrears.valid_to
    where lines.status = 'draft'
)

select
    lines.subscription_id,
    lines.invoice_id,
    lines.service_starts_at as valid_from,
    coalesce(
        lead(lines.service_starts_at) over (partition by lines.subscription_id order by lines.service_starts_at),
        timestamp '9999-12-31 00:00:00'
    ) as valid_to,
    -- Every invoice is a draft for an hour, that of a pause which still lasts as well.
    lines.status = 'void' or (
        lines.status = 'draft' and drafts_in_arrears.invoice_id is null
        and (
            subscriptions.pause_behavior is not null
                or {{ milliseconds_between('lines.created_at', 'clock.loaded_at') }} > 3600000
        )
    ) as is_paused
from lines
inner join stg_stripe__subscriptions as subscriptions
    on lines.subscription_id = subscriptions.subscription_id
left join drafts_in_arrears on lines.invoice_id = drafts_in_arrears.invoice_id
cross join int_stripe_clocks_read as clock
where lines.choice = 1
