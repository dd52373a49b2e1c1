-- Items in stretches over which nothing of their contract changes; those in which it is lost because nobody pays are
-- left out.
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
)

select
    subscription_id, subscription_item_id, price_id, product_key, currency, quantity,
    starts_at as valid_from,
    ends_at as valid_to,
    interval_unit, interval_count, unit_amount_decimal, term_amount_minor, term_discount_minor, monthly_numerator,
    monthly_denominator
from stretches
where not exists (
    select 1 from int_subscription_failures_ranged as failures
    where failures.subscription_id = stretches.subscription_id
        and failures.valid_from <= stretches.starts_at and stretches.starts_at < failures.valid_to
)
