-- What an item of a contract holds and from when to when: a term's line of an invoice says it for the term, a change within a term by what is given back and what is
-- charged for the rest of it, whether that is on an invoice yet or never will be. Until the first line an item is what that line says, since it was created.
with told as (
    select
        lines.subscription_id, lines.subscription_item_id, lines.price_id, lines.quantity, lines.service_starts_at, lines.service_ends_at,
        1 as sequence, invoices.created_at, lines.amount_minor, lines.invoice_line_id as told_id
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    inner join {{ ref('stg_stripe__invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    where not lines.is_proration
    union all
    select
        lines.subscription_id, lines.subscription_item_id, lines.price_id, lines.quantity, lines.service_starts_at, lines.service_ends_at,
        2, invoices.created_at, lines.amount_minor, lines.invoice_line_id
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    inner join {{ ref('stg_stripe__invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    where lines.is_proration
),

numbered as (
    select
        told.*,
        row_number() over item_story as told_number,
        lead(told.service_starts_at) over item_story as next_starts_at
    from told
    inner join {{ ref('stg_stripe__prices') }} as prices on told.price_id = prices.price_id and prices.usage_type = 'licensed'
    where told.subscription_item_id is not null
    window item_story as (partition by told.subscription_item_id order by told.service_starts_at, told.sequence, told.created_at, told.amount_minor, told.told_id)
),

items as (
    select items.*, subscriptions.ended_at is null and subscriptions.status in ('active', 'past_due', 'trialing', 'unpaid') as is_live
    from {{ ref('stg_stripe__subscription_items') }} as items
    inner join {{ ref('stg_stripe__subscriptions') }} as subscriptions on items.subscription_id = subscriptions.subscription_id
    inner join {{ ref('stg_stripe__prices') }} as prices on items.price_id = prices.price_id and prices.usage_type = 'licensed'
),

held as (
    select
        items.subscription_id, items.subscription_item_id, coalesce(first_told.price_id, items.price_id) as price_id,
        coalesce(first_told.quantity, items.quantity) as quantity, items.created_at as valid_from,
        coalesce(first_told.service_starts_at, case when items.is_live then timestamp '9999-12-31 00:00:00' else items.current_period_ends_at end) as valid_to
    from items
    left join numbered as first_told on items.subscription_item_id = first_told.subscription_item_id and first_told.told_number = 1
    union all
    select
        numbered.subscription_id, numbered.subscription_item_id, numbered.price_id, numbered.quantity, numbered.service_starts_at,
        case
            when numbered.next_starts_at is not null then least(numbered.next_starts_at, numbered.service_ends_at)
            when items.is_live then timestamp '9999-12-31 00:00:00'
            else numbered.service_ends_at
        end
    from numbered
    left join items on numbered.subscription_item_id = items.subscription_item_id
    where not (numbered.sequence = 2 and numbered.amount_minor < 0)
)

select
    held.subscription_id, held.subscription_item_id, held.price_id, held.quantity, held.valid_from,
    least(held.valid_to, coalesce(subscriptions.ended_at, held.valid_to)) as valid_to
from held
inner join {{ ref('stg_stripe__subscriptions') }} as subscriptions on held.subscription_id = subscriptions.subscription_id
cross join {{ ref('int_billing_clocks_read') }} as clock
where held.valid_from < least(held.valid_to, coalesce(subscriptions.ended_at, held.valid_to)) and held.valid_from <= clock.data_as_of
