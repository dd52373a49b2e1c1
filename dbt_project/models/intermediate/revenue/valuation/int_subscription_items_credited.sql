-- Credits for days of service lower the items of their contract by the same share each, never below nothing.
with covered as (
    select
        items.subscription_id,
        items.valid_from,
        {{ whole('items.monthly_numerator') }} as numerator,
        {{ whole('items.monthly_denominator') }} as denominator,
        {{ whole('credits.monthly_numerator') }} as credit_numerator,
        {{ whole('credits.monthly_denominator') }} as credit_denominator
    from {{ ref('int_subscription_items_split') }} as items
    inner join {{ ref('int_subscription_credits_ranged') }} as credits
        on items.subscription_id = credits.subscription_id and credits.valid_from <= items.valid_from
        and items.valid_from < credits.valid_to
),

denominators as (
    select subscription_id, valid_from, {{ common_multiple('denominator') }} as common_denominator
    from covered
    group by subscription_id, valid_from
),

-- What the contract brings and what is credited, over one denominator.
contracts as (
    select
        covered.subscription_id,
        covered.valid_from,
        sum(covered.numerator * {{ whole_quotient('denominators.common_denominator', 'covered.denominator') }})
            * min(covered.credit_denominator) as brought,
        min(covered.credit_numerator) * min(denominators.common_denominator) as credited
    from covered
    inner join denominators
        on covered.subscription_id = denominators.subscription_id and covered.valid_from = denominators.valid_from
    group by covered.subscription_id, covered.valid_from
),

shares as (
    select subscription_id, valid_from, {{ reduced('left', 'greatest(brought - credited, 0)', 'brought') }}
    from contracts
    where brought > 0
)

select
    items.subscription_id, items.subscription_item_id, items.price_id, items.product_key, items.currency,
    items.quantity, items.valid_from, items.valid_to,
    items.interval_unit, items.interval_count, items.unit_amount_decimal, items.term_amount_minor,
    items.term_discount_minor,
    {{ reduced(
        'monthly',
        whole('items.monthly_numerator') ~ ' * coalesce(' ~ whole('shares.left_numerator') ~ ', 1)',
        whole('items.monthly_denominator') ~ ' * coalesce(' ~ whole('shares.left_denominator') ~ ', 1)'
    ) }}
from {{ ref('int_subscription_items_split') }} as items
left join shares on items.subscription_id = shares.subscription_id and items.valid_from = shares.valid_from
