-- What an item brings by the month, exactly, before credits: the price of its quantity less the discounts with which
-- its term began, by the month. A term of whole months is divided by them, any other one counts 365 / (12 x its days)
-- times. Discounts are taken off one after the other, a sum from each item and never below nothing.
with recursive int_subscription_items_ranged as (select * from {{ ref('int_subscription_items_ranged') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),
int_price_quantities_valued as (select * from {{ ref('int_price_quantities_valued') }}),
int_subscription_terms_ranged as (select * from {{ ref('int_subscription_terms_ranged') }}),
int_invoice_discounts_resolved as (select * from {{ ref('int_invoice_discounts_resolved') }}),

begun as (
    select
        items.*,
        terms.invoice_id,
        prices.product_id as product_key,
        prices.currency,
        prices.interval_unit,
        prices.interval_count,
        prices.unit_amount_decimal,
        {{ whole('costs.term_numerator') }} as term_numerator,
        {{ whole('costs.term_denominator') }} as term_denominator
    from int_subscription_items_ranged as items
    inner join stg_stripe__prices as prices on items.price_id = prices.price_id
    inner join int_price_quantities_valued as costs
        on items.price_id = costs.price_id and items.quantity = costs.quantity
    left join int_subscription_terms_ranged as terms
        on items.subscription_id = terms.subscription_id and terms.valid_from <= items.valid_from
        and items.valid_from < terms.valid_to
),

discounts as (
    select
        begun.subscription_item_id,
        begun.valid_from,
        {{ whole('discounts.left_numerator') }} as left_numerator,
        {{ whole('discounts.left_denominator') }} as left_denominator,
        discounts.amount_off_minor,
        row_number() over (
            partition by begun.subscription_item_id, begun.valid_from
            order by discounts.discount_number, discounts.discount_id
        ) as step
    from begun
    inner join int_invoice_discounts_resolved as discounts
        on begun.invoice_id = discounts.invoice_id
        and begun.product_key = coalesce(discounts.product_id, begun.product_key)
),

discounted as (
    select subscription_item_id, valid_from, 0 as step, term_numerator as numerator, term_denominator as denominator
    from begun
    union all
    select
        earlier.subscription_item_id,
        earlier.valid_from,
        earlier.step + 1,
        greatest(
            earlier.numerator * discounts.left_numerator - discounts.amount_off_minor * earlier.denominator
                * discounts.left_denominator,
            {{ whole('0') }}
        ),
        earlier.denominator * discounts.left_denominator
    from discounted as earlier
    inner join discounts
        on earlier.subscription_item_id = discounts.subscription_item_id and earlier.valid_from = discounts.valid_from
        and discounts.step = earlier.step + 1
),

discounted_at_last as (
    select *, row_number() over (partition by subscription_item_id, valid_from order by step desc) as choice
    from discounted
),

by_month as (
    select
        begun.*,
        {{ half_even('begun.term_numerator', 'begun.term_denominator') }} as term_amount_minor,
        {{ half_even('discounted.numerator', 'discounted.denominator') }} as discounted_minor,
        discounted.numerator * case when begun.interval_unit in ('day', 'week') then 365 else 1 end as numerator,
        discounted.denominator * begun.interval_count
        * case begun.interval_unit
            when 'month' then 1
            when 'year' then 12
            when 'week' then 12 * 7
            when 'day' then 12
        end as denominator
    from begun
    inner join discounted_at_last as discounted
        on begun.subscription_item_id = discounted.subscription_item_id and begun.valid_from = discounted.valid_from
        and discounted.choice = 1
)

select
    subscription_id,
    subscription_item_id,
    product_key,
    price_id,
    currency,
    quantity,
    valid_from,
    valid_to,
    interval_unit,
    interval_count,
    unit_amount_decimal,
    term_amount_minor,
    term_amount_minor - discounted_minor as term_discount_minor,
    {{ reduced('monthly', 'numerator', 'denominator') }}
from by_month
