-- What part of a price is no tax where its own bill does not show it: the item's newest bill says it, else the tax
-- rates of the item, else those of its contract. Of a price that says that tax is in it, and not how much, the
-- customer's newest bill with tax in it does. Where nothing says it nobody knows, and all of the price counts.
with int_item_prices_resolved as (select * from {{ ref('int_item_prices_resolved') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),

-- Of a draft Stripe has not worked the tax out.
lines as (
    select
        lines.subscription_item_id, invoices.customer_id,
        abs(lines.amount_minor - lines.discount_minor - lines.included_tax_minor) as untaxed_minor,
        abs(lines.amount_minor - lines.discount_minor) as taxed_minor,
        row_number() over (
            partition by lines.subscription_item_id order by invoices.created_at desc, lines.invoice_line_id
        ) as newness_of_item,
        row_number() over (
            partition by invoices.customer_id, lines.included_tax_minor <> 0
            order by invoices.created_at desc, lines.invoice_line_id
        ) as newness_of_customer,
        lines.included_tax_minor <> 0 as has_tax
    from stg_stripe__invoice_lines as lines
    inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
    where invoices.status <> 'draft' and lines.amount_minor <> lines.discount_minor
),

known as (
    select
        prices.subscription_item_id, prices.price_id, prices.is_tax_included,
        own.untaxed_minor as own_untaxed_minor, own.taxed_minor as own_taxed_minor,
        others.untaxed_minor as other_untaxed_minor, others.taxed_minor as other_taxed_minor,
        coalesce(items.included_tax_percent, contracts.included_tax_percent) as included_tax_percent,
        case
            when own.taxed_minor is not null then 'bill'
            when coalesce(items.included_tax_percent, contracts.included_tax_percent) is not null then 'rates'
            when not prices.is_tax_included then 'price'
            when others.taxed_minor is not null then 'customer'
        end as evidence
    from int_item_prices_resolved as prices
    inner join stg_stripe__subscriptions as contracts on prices.subscription_id = contracts.subscription_id
    left join stg_stripe__subscription_items as items on prices.subscription_item_id = items.subscription_item_id
    left join lines as own
        on prices.subscription_item_id = own.subscription_item_id and own.newness_of_item = 1
    left join lines as others
        on contracts.customer_id = others.customer_id and others.has_tax and others.newness_of_customer = 1
)

select
    subscription_item_id,
    price_id,
    is_tax_included,
    evidence,
    case evidence
        when 'bill' then own_untaxed_minor
        when 'rates' then 100000000
        when 'customer' then other_untaxed_minor
        else 1
    end as untaxed_numerator,
    case evidence
        when 'bill' then own_taxed_minor
        when 'rates' then cast((100 + included_tax_percent) * 1000000 as bigint)
        when 'customer' then other_taxed_minor
        else 1
    end as untaxed_denominator
from known
