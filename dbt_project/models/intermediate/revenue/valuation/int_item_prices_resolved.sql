-- The price of each item, for what no bill states: the one embedded in the item, which stays as it was agreed; else the
-- catalogue's of today. A price in several currencies is that of the contract's currency. Where nobody knows the price
-- any more, lines that bill a time that is over say that it is one by use.
with stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as {{ inlined() }} (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__invoice_items as (select * from {{ ref('stg_stripe__invoice_items') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),

named as (
    select
        lines.subscription_id, lines.subscription_item_id, lines.price_id, lines.product_id,
        case when lines.service_ends_at <= invoices.created_at and not lines.is_proration then 1 else 0 end as is_by_use
    from stg_stripe__invoice_lines as lines
    inner join stg_stripe__invoices as invoices on lines.invoice_id = invoices.invoice_id
    where lines.subscription_item_id is not null and lines.price_id is not null
    union all
    select subscription_id, subscription_item_id, price_id, product_id, 0
    from stg_stripe__invoice_items
    where subscription_item_id is not null and price_id is not null
    union all
    select subscription_id, subscription_item_id, price_id, product_id, 0 from stg_stripe__subscription_items
),

keys as (
    select
        subscription_item_id, price_id, max(subscription_id) as subscription_id, max(product_id) as product_key,
        max(is_by_use) as is_by_use
    from named
    group by subscription_item_id, price_id
),

known as (
    select
        keys.subscription_id, keys.subscription_item_id, keys.price_id, keys.product_key, keys.is_by_use,
        contracts.currency,
        {% for column in ['interval_unit', 'interval_count', 'usage_type', 'unit_amount_decimal',
            'divide_quantity_by', 'round_quantity', 'tax_behavior'] %}
        case when items.price_id is null then prices.{{ column }} else items.{{ column }} end as {{ column }},
        {% endfor %}
        coalesce(items.currency, prices.currency) as price_currency,
        -- Stripe does not embed tiers, and gives options when it is asked alone.
        case when items.unit_amount_decimal is null then prices.tiers end as tiers,
        prices.tiers_mode,
        {{ json_text("coalesce(items.currency_options, prices.currency_options)",
            "'$.' || lower(contracts.currency) || '.unit_amount_decimal'") }} as option_text,
        {{ json_text("coalesce(items.currency_options, prices.currency_options)",
            "'$.' || lower(contracts.currency) || '.tax_behavior'") }} as option_tax_behavior,
        {{ json_text('prices.tiers', "'$[0].flat_amount_decimal'") }} as flat_text
    from keys
    inner join stg_stripe__subscriptions as contracts on keys.subscription_id = contracts.subscription_id
    left join stg_stripe__subscription_items as items
        on keys.subscription_item_id = items.subscription_item_id and keys.price_id = items.price_id
    left join stg_stripe__prices as prices on keys.price_id = prices.price_id
),

-- Of a price by use a fee that is charged for nothing used recurs: it is one unit of the first tier.
typed as (
    select
        *,
        case when option_text is null then coalesce(price_currency, currency) else currency end as own_currency,
        case
            when coalesce(usage_type, case when is_by_use = 1 then 'metered' else 'licensed' end) = 'licensed'
                then 'licensed'
            when {{ from_text('flat_text', 'fine_decimal') }} > 0 then 'base_fee'
            else 'metered'
        end as own_usage_type
    from known
)

select
    subscription_id,
    subscription_item_id,
    price_id,
    product_key,
    own_currency as currency,
    interval_unit,
    interval_count,
    own_usage_type as usage_type,
    case
        when own_usage_type = 'base_fee'
            then {{ iso_minor(from_text('flat_text', 'fine_decimal'), 'own_currency', 'decimal(38, 12)') }}
        when option_text is null or price_currency = currency then unit_amount_decimal
        else {{ iso_minor(from_text('option_text', 'fine_decimal'), type='decimal(38, 12)') }}
    end as unit_amount_decimal,
    case when own_usage_type <> 'base_fee' then divide_quantity_by end as divide_quantity_by,
    round_quantity,
    case when own_usage_type <> 'base_fee' then tiers end as tiers,
    tiers_mode,
    coalesce(option_tax_behavior, tax_behavior, '') = 'inclusive' as is_tax_included
from typed
