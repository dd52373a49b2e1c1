-- Items in stretches over which nothing of their contract changes; those in which it is lost because nobody pays are
-- left out. Credits for days of service lower the items of their contract by the same share each, never below nothing.
with int_subscription_items_valued as {{ inlined() }} (select * from {{ ref('int_subscription_items_valued') }}),
int_subscription_credits_ranged as {{ inlined() }} (select * from {{ ref('int_subscription_credits_ranged') }}),
int_subscription_failures_ranged as {{ inlined() }} (select * from {{ ref('int_subscription_failures_ranged') }}),

edges as (
    select subscription_id, valid_from as edge_at from int_subscription_items_valued
    union
    select subscription_id, valid_to from int_subscription_items_valued
    union
    select subscription_id, valid_from from int_subscription_credits_ranged
    union
    select subscription_id, valid_to from int_subscription_credits_ranged
    union
    select subscription_id, valid_from from int_subscription_failures_ranged
    union
    select subscription_id, valid_to from int_subscription_failures_ranged
),

stretches as (
    select
        items.*,
        edges.edge_at as starts_at,
        coalesce(
            lead(edges.edge_at) over (partition by items.subscription_item_id, items.valid_from order by edges.edge_at),
            items.valid_to
        ) as ends_at
    from int_subscription_items_valued as items
    inner join edges
        on items.subscription_id = edges.subscription_id and items.valid_from <= edges.edge_at
        and edges.edge_at < items.valid_to
),

held as (
    select
        subscription_id, subscription_item_id, price_id, product_key, currency, quantity,
        starts_at as valid_from,
        ends_at as valid_to,
        interval_unit, interval_count, unit_amount_decimal, term_amount_minor, term_discount_minor,
        monthly_numerator as uncredited_numerator,
        monthly_denominator as uncredited_denominator
    from stretches
    where not exists (
        select 1 from int_subscription_failures_ranged as failures
        where failures.subscription_id = stretches.subscription_id
            and failures.valid_from <= stretches.starts_at and stretches.starts_at < failures.valid_to
    )
),

covered as (
    select
        held.subscription_id,
        held.valid_from,
        {{ whole('held.uncredited_numerator') }} as numerator,
        {{ whole('held.uncredited_denominator') }} as denominator,
        {{ whole('credits.monthly_numerator') }} as credit_numerator,
        {{ whole('credits.monthly_denominator') }} as credit_denominator
    from held
    inner join int_subscription_credits_ranged as credits
        on held.subscription_id = credits.subscription_id and credits.valid_from <= held.valid_from
        and held.valid_from < credits.valid_to
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
    held.subscription_id, held.subscription_item_id, held.price_id, held.product_key, held.currency, held.quantity,
    held.valid_from, held.valid_to,
    held.interval_unit, held.interval_count, held.unit_amount_decimal, held.term_amount_minor,
    held.term_discount_minor, held.uncredited_numerator, held.uncredited_denominator,
    {{ reduced(
        'monthly',
        whole('held.uncredited_numerator') ~ ' * coalesce(' ~ whole('shares.left_numerator') ~ ', 1)',
        whole('held.uncredited_denominator') ~ ' * coalesce(' ~ whole('shares.left_denominator') ~ ', 1)'
    ) }}
from held
left join shares on held.subscription_id = shares.subscription_id and held.valid_from = shares.valid_from
