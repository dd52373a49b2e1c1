-- What bills state about the items of contracts. A term is a line that bills one in advance (of a tiered price a line
-- for each tier, which are one here), by itself or by hand: one that was void and written anew by hand bills its
-- item still. A change is what gives the rest of a term back or charges it, on an invoice or not yet.
with stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__invoice_items as (select * from {{ ref('stg_stripe__invoice_items') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),

lines as (
    select
        lines.*, coalesce(lines.price_id, contract_items.price_id) as own_price_id,
        invoices.customer_id, invoices.status, invoices.created_at, items.invoice_item_id as known_item_id
    from stg_stripe__invoice_lines as lines
    inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
    -- A line of an amount alone names no price.
    left join stg_stripe__subscription_items as contract_items
        on lines.subscription_item_id = contract_items.subscription_item_id
    left join stg_stripe__invoice_items as items on lines.invoice_item_id = items.invoice_item_id
),

-- By hand nobody can bill a contract: the new line names its product and its days, or no days and the same amount.
written_anew as (
    select
        by_hand.invoice_id, voided.subscription_id, voided.subscription_item_id, voided.own_price_id as price_id,
        by_hand.product_id, by_hand.currency, by_hand.quantity, by_hand.unit_amount_decimal, by_hand.amount_minor,
        by_hand.discount_minor, by_hand.included_tax_minor,
        voided.service_starts_at, voided.service_ends_at, by_hand.created_at, by_hand.invoice_line_id,
        row_number() over (
            partition by by_hand.invoice_line_id
            order by case when by_hand.price_id = voided.own_price_id then 0 else 1 end,
                abs(by_hand.amount_minor - voided.amount_minor), voided.invoice_line_id
        ) as choice
    from lines as voided
    inner join lines as by_hand
        on voided.customer_id = by_hand.customer_id and voided.currency = by_hand.currency
        and voided.created_at <= by_hand.created_at and by_hand.created_at < voided.service_ends_at
        and voided.product_id = coalesce(by_hand.product_id, voided.product_id)
        and (
            (
                by_hand.product_id is not null
                and cast(voided.service_starts_at as date) = cast(by_hand.service_starts_at as date)
                and cast(voided.service_ends_at as date) = cast(by_hand.service_ends_at as date)
            )
            or (
                by_hand.amount_minor = voided.amount_minor
                and cast(by_hand.service_starts_at as date) = cast(by_hand.service_ends_at as date)
            )
        )
    where voided.status = 'void' and voided.subscription_item_id is not null and not voided.is_proration
        and by_hand.subscription_item_id is null and by_hand.status not in ('draft', 'void')
        and by_hand.amount_minor > 0
),

billed as (
    select
        invoice_id, subscription_id, subscription_item_id, own_price_id as price_id, product_id, currency, quantity,
        unit_amount_decimal, amount_minor, discount_minor, included_tax_minor, service_starts_at, service_ends_at,
        created_at, invoice_line_id
    from lines
    where subscription_item_id is not null and not is_proration
    union all
    select
        invoice_id, subscription_id, subscription_item_id, price_id, product_id, currency, quantity,
        unit_amount_decimal, amount_minor, discount_minor, included_tax_minor, service_starts_at, service_ends_at,
        created_at, invoice_line_id
    from written_anew
    where choice = 1
),

stated as (
    select
        min(invoice_line_id) as statement_id,
        subscription_id, subscription_item_id, invoice_id, price_id, max(product_id) as product_key, currency,
        sum(quantity) as quantity,
        case when count(*) = 1 then max(unit_amount_decimal) end as unit_amount_decimal,
        false as is_change,
        sum(amount_minor) as amount_minor, sum(discount_minor) as discount_minor,
        sum(included_tax_minor) as included_tax_minor,
        service_starts_at, service_ends_at, created_at
    from billed
    group by subscription_id, subscription_item_id, invoice_id, price_id, currency, service_starts_at, service_ends_at,
        created_at
    union all
    select
        invoice_line_id, subscription_id, subscription_item_id, invoice_id, own_price_id, product_id, currency,
        quantity, unit_amount_decimal, true, amount_minor, discount_minor, included_tax_minor, service_starts_at,
        service_ends_at, created_at
    from lines
    where subscription_item_id is not null and is_proration and known_item_id is null
    union all
    select
        items.invoice_item_id, items.subscription_id, items.subscription_item_id, items.invoice_id, items.price_id,
        items.product_id, items.currency, items.quantity, items.unit_amount_decimal, true, items.amount_minor,
        coalesce(lines.discount_minor, 0), lines.included_tax_minor, items.service_starts_at,
        items.service_ends_at, items.created_at
    from stg_stripe__invoice_items as items
    left join lines
        on items.invoice_item_id = lines.invoice_item_id and items.invoice_id = lines.invoice_id
        and lines.is_proration
    where items.subscription_item_id is not null and items.is_proration
),

followed as (
    select
        stated.*,
        lead(stated.statement_id) over item_story as next_statement_id,
        lead(stated.price_id) over item_story as next_price_id,
        lead(stated.quantity) over item_story as next_quantity
    from stated
    window item_story as (
        partition by stated.subscription_item_id
        order by stated.service_starts_at, {{ statement_rank('stated') }}, stated.created_at, stated.statement_id
    )
),

-- A change whose invoice is not paid may be one that Stripe never made (a pending update): what the item was afterwards
-- says so, on its next bill or now.
compared as (
    select
        followed.*,
        max(
            case
                when not followed.is_change or coalesce(invoices.status, 'paid') = 'paid' then 0
                when followed.amount_minor >= 0
                    and coalesce(followed.next_price_id, items.price_id) = followed.price_id
                    and coalesce(followed.next_quantity, items.quantity) = followed.quantity then 0
                when followed.amount_minor >= 0 then 1
                -- Nothing was charged instead: the item is gone then.
                when followed.next_statement_id is null and items.subscription_item_id is not null then 1
                else 0
            end
        ) over (
            partition by followed.subscription_item_id, followed.invoice_id, followed.service_starts_at
        ) as is_refused
    from followed
    left join stg_stripe__invoices as invoices on followed.invoice_id = invoices.invoice_id
    left join stg_stripe__subscription_items as items
        on followed.subscription_item_id = items.subscription_item_id
)

select
    statement_id,
    subscription_id,
    subscription_item_id,
    invoice_id,
    price_id,
    product_key,
    currency,
    cast(quantity as decimal(38, 12)) as quantity,
    unit_amount_decimal,
    is_change,
    cast(amount_minor as bigint) as amount_minor,
    cast(discount_minor as bigint) as discount_minor,
    cast(included_tax_minor as bigint) as included_tax_minor,
    service_starts_at,
    service_ends_at,
    created_at
from compared
where not (is_change and is_refused = 1)
