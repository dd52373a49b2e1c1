-- Neighbours that are the same are one. What the data's clock has not reached yet is open.
with int_subscription_items_split as (select * from {{ ref('int_subscription_items_split') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

rounded as (
    select items.*, {{ half_even('items.monthly_numerator', 'items.monthly_denominator') }} as mrr_minor
    from int_subscription_items_split as items
    inner join int_stripe_clocks_read as clock on items.valid_from <= clock.loaded_at
),

marked as (
    select
        *,
        case
            when lag(valid_to) over item_story = valid_from and lag(price_id) over item_story = price_id
                and lag(quantity) over item_story = quantity
                and lag(term_discount_minor) over item_story = term_discount_minor
                and lag(monthly_numerator) over item_story = monthly_numerator
                and lag(monthly_denominator) over item_story = monthly_denominator then 0
            else 1
        end as is_new
    from rounded
    where mrr_minor > 0
    window item_story as (partition by subscription_item_id order by valid_from)
),

numbered as (
    select *, sum(is_new) over (partition by subscription_item_id order by valid_from) as range_number from marked
),

ranges as (
    select
        subscription_id, subscription_item_id, product_key, price_id, currency, quantity, interval_unit, interval_count,
        unit_amount_decimal,
        term_amount_minor, term_discount_minor, monthly_numerator, monthly_denominator, mrr_minor,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from numbered
    group by subscription_id, subscription_item_id, product_key, price_id, currency, quantity, interval_unit,
        interval_count, unit_amount_decimal,
        term_amount_minor, term_discount_minor, monthly_numerator, monthly_denominator, mrr_minor, range_number
)

select
    ranges.subscription_id,
    ranges.subscription_item_id,
    subscriptions.customer_id as customer_key,
    ranges.product_key,
    ranges.price_id,
    ranges.currency,
    ranges.quantity,
    ranges.valid_from,
    case
        when ranges.valid_to > clock.loaded_at then timestamp '9999-12-31 00:00:00'
        else ranges.valid_to
    end as valid_to,
    ranges.interval_unit,
    ranges.interval_count,
    ranges.unit_amount_decimal,
    ranges.term_amount_minor,
    ranges.term_discount_minor,
    ranges.monthly_numerator,
    ranges.monthly_denominator,
    ranges.mrr_minor
from ranges
inner join stg_stripe__subscriptions as subscriptions
    on ranges.subscription_id = subscriptions.subscription_id
cross join int_stripe_clocks_read as clock
