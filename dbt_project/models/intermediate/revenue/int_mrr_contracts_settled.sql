-- What goes by one contract of a logo and comes by another one, in the same place, did not move. It is taken off the
-- contracts in the order of their ids.
with parts as (
    select
        fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
        fate,
        sum(closing_minor + opening_minor) as amount_minor
    from {{ ref('int_mrr_items_compared') }}
    where fate in ('comes', 'goes')
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

summed as (
    select
        *,
        coalesce(sum(case when fate = 'comes' then amount_minor end) over place, 0) as come_minor,
        coalesce(sum(case when fate = 'goes' then amount_minor end) over place, 0) as gone_minor,
        sum(amount_minor) over (
            partition by fiscal_period, logo_id, customer_id, product_id, segment, market, currency, fate
            order by subscription_id
            rows between unbounded preceding and current row
        ) as so_far_minor
    from parts
    window place as (partition by fiscal_period, logo_id, customer_id, product_id, segment, market, currency)
),

settled as (
    select *, least(amount_minor, greatest(0, so_far_minor - least(come_minor, gone_minor))) as left_minor from summed
)

select
    fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
    fate as change_kind,
    cast(case when fate = 'comes' then left_minor else -left_minor end as bigint) as delta_minor
from settled
where left_minor > 0
