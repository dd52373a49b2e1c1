-- What an item of a contract holds and from when to when. A term's line of an invoice says it for the term; a change
-- within it is an invoice item that gives the rest of the term back and one that charges it anew, whether they are on
-- an invoice yet or never will be. Before the first of these an item was what that says.
with stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__invoice_items as (select * from {{ ref('stg_stripe__invoice_items') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),

stated as (
    select
        lines.subscription_id, lines.subscription_item_id, lines.price_id, lines.quantity, lines.service_starts_at,
        lines.service_ends_at,
        false as is_change, lines.amount_minor, invoices.created_at, lines.invoice_line_id as source_id
    from stg_stripe__invoice_lines as lines
    inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
    where lines.subscription_item_id is not null and not lines.is_proration
    union all
    select
        subscription_id, subscription_item_id, price_id, quantity, service_starts_at, service_ends_at,
        true, amount_minor, created_at, invoice_item_id
    from stg_stripe__invoice_items
    where subscription_item_id is not null and is_proration
),

numbered as (
    select
        stated.*,
        row_number() over item_story as line_number,
        lead(stated.service_starts_at) over item_story as next_starts_at
    from stated
    window item_story as (
        partition by stated.subscription_item_id
        order by stated.service_starts_at, stated.is_change, stated.created_at, stated.amount_minor, stated.source_id
    )
),

-- Where an item ends that nobody ends: it goes on with its contract, however late the next invoice is.
items as (
    select
        items.*,
        case
            when subscriptions.status in ('active', 'past_due', 'trialing', 'unpaid')
                then timestamp '9999-12-31 00:00:00'
            else items.current_period_ends_at
        end as valid_to
    from stg_stripe__subscription_items as items
    inner join stg_stripe__subscriptions as subscriptions
        on items.subscription_id = subscriptions.subscription_id
),

held as (
    select
        items.subscription_id,
        items.subscription_item_id,
        coalesce(first_line.price_id, items.price_id) as price_id,
        coalesce(first_line.quantity, items.quantity) as quantity,
        items.created_at as valid_from,
        coalesce(first_line.service_starts_at, items.valid_to) as valid_to
    from items
    left join numbered as first_line
        on items.subscription_item_id = first_line.subscription_item_id and first_line.line_number = 1
    union all
    select
        numbered.subscription_id,
        numbered.subscription_item_id,
        numbered.price_id,
        numbered.quantity,
        numbered.service_starts_at,
        case
            when numbered.next_starts_at is null
                then greatest(numbered.service_ends_at, coalesce(items.valid_to, numbered.service_ends_at))
            else least(numbered.service_ends_at, numbered.next_starts_at)
        end
    from numbered
    left join items on numbered.subscription_item_id = items.subscription_item_id
    where not numbered.is_change or numbered.amount_minor >= 0
)

select
    held.subscription_id,
    held.subscription_item_id,
    held.price_id,
    held.quantity,
    held.valid_from,
    least(held.valid_to, coalesce(subscriptions.ended_at, held.valid_to)) as valid_to
from held
inner join stg_stripe__subscriptions as subscriptions
    on held.subscription_id = subscriptions.subscription_id
inner join stg_stripe__prices as prices
    on held.price_id = prices.price_id and prices.usage_type = 'licensed'
where held.valid_from < least(held.valid_to, coalesce(subscriptions.ended_at, held.valid_to))
    -- A contract whose first invoice was never paid has not begun.
    and subscriptions.status not in ('incomplete', 'incomplete_expired')
