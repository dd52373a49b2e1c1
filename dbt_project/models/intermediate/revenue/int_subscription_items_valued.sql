-- What an item brings by the month, exactly, before credits: the price of its quantity less the discounts with which its term began, by the month. A term of whole months is
-- divided by them, any other counts 365 / (12 x its days) times. Discounts are taken off one after the other, a sum never below nothing.
with recursive begun as (
    select
        items.*,
        terms.invoice_id,
        prices.product_id,
        prices.currency,
        prices.unit_amount_decimal,
        prices.interval_unit,
        prices.interval_count,
        {{ whole('costs.term_numerator') }} as numerator,
        {{ whole('costs.term_denominator') }} as denominator
    from {{ ref('int_subscription_items_ranged') }} as items
    inner join {{ ref('stg_stripe__prices') }} as prices on items.price_id = prices.price_id
    inner join {{ ref('int_price_quantities_valued') }} as costs on items.price_id = costs.price_id and items.quantity = costs.quantity
    left join {{ ref('int_subscription_terms_ranged') }} as terms
        on items.subscription_id = terms.subscription_id and terms.valid_from <= items.valid_from and items.valid_from < terms.valid_to
),

steps as (
    select
        begun.subscription_item_id, begun.valid_from, discounts.left_numerator, discounts.left_denominator, discounts.amount_off_minor,
        row_number() over (partition by begun.subscription_item_id, begun.valid_from order by discounts.discount_number, discounts.discount_id) as step
    from begun
    inner join {{ ref('int_invoice_discounts_resolved') }} as discounts
        on begun.invoice_id = discounts.invoice_id and begun.product_id = coalesce(discounts.product_id, begun.product_id)
),

discounted as (
    select subscription_item_id, valid_from, 0 as step, numerator, denominator from begun
    union all
    select
        subscription_item_id, valid_from, step,
        {{ whole_quotient('numerator', common_divisor('numerator', 'denominator')) }},
        {{ whole_quotient('denominator', common_divisor('numerator', 'denominator')) }}
    from (
        select
            steps.subscription_item_id, steps.valid_from, steps.step,
            greatest(
                discounted.numerator * steps.left_numerator - steps.amount_off_minor * discounted.denominator * steps.left_denominator, {{ whole('0') }}
            ) as numerator,
            discounted.denominator * steps.left_denominator as denominator
        from discounted
        inner join steps
            on discounted.subscription_item_id = steps.subscription_item_id and discounted.valid_from = steps.valid_from and steps.step = discounted.step + 1
    ) as stepped
),

by_month as (
    select
        begun.*,
        {{ half_even('begun.numerator', 'begun.denominator') }} as term_amount_minor,
        {{ half_even('discounted.numerator', 'discounted.denominator') }} as discounted_minor,
        discounted.numerator * case when begun.interval_unit in ('day', 'week') then 365 else 1 end as month_numerator,
        discounted.denominator * begun.interval_count
        * case begun.interval_unit when 'month' then 1 when 'year' then 12 when 'week' then 12 * 7 when 'day' then 12 end as month_denominator
    from begun
    inner join (
        select *, row_number() over (partition by subscription_item_id, valid_from order by step desc) as choice from discounted
    ) as discounted
        on begun.subscription_item_id = discounted.subscription_item_id and begun.valid_from = discounted.valid_from and discounted.choice = 1
)

select
    subscription_id,
    subscription_item_id,
    price_id,
    product_id as product_key,
    currency,
    quantity,
    valid_from,
    valid_to,
    interval_unit,
    interval_count,
    unit_amount_decimal,
    term_amount_minor,
    term_amount_minor - discounted_minor as term_discount_minor,
    {{ reduced('monthly', 'month_numerator', 'month_denominator') }}
from by_month
