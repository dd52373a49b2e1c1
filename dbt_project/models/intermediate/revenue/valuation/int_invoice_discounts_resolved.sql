-- What each discount leaves of an amount, those alone that recur: one for a single invoice does not. Of a percentage a
-- coupon says it, for some products or for all (null); a sum is taken off the whole invoice, and its lines say how much
-- of that each item got. Where nobody knows the coupon any more, and for what an item has alone, the lines say which
-- share was taken of which products; it recurs if it ends some day, was on more than one invoice, or is attached to a
-- contract still. What is attached to a contract counts for items that no invoice bills.
with stg_stripe__invoice_discounts as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_discounts') }}),
stg_stripe__coupons as (select * from {{ ref('stg_stripe__coupons') }}),
stg_stripe__invoice_line_discounts as (select * from {{ ref('stg_stripe__invoice_line_discounts') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__subscription_discounts as (select * from {{ ref('stg_stripe__subscription_discounts') }}),

known as (
    select
        discounts.source_id, discounts.subscription_item_id, discounts.discount_id, discounts.discount_number,
        discounts.starts_at,
        discounts.is_billed, coupons.duration, coupons.product_ids, coupons.account_prefix,
        coupons.amount_off_minor,
        100 - coalesce(coupons.percent_off, 0) as percent_left
    from (
        select
            invoice_id as source_id, cast(null as varchar) as subscription_item_id, discount_id, discount_number,
            coupon_id, starts_at, true as is_billed
        from stg_stripe__invoice_discounts
        union all
        select subscription_id, subscription_item_id, discount_id, discount_number, coupon_id, starts_at, false
        from stg_stripe__subscription_discounts
    ) as discounts
    inner join stg_stripe__coupons as coupons on discounts.coupon_id = coupons.coupon_id
),

lines as (
    select
        discounts.invoice_id, discounts.discount_id, discounts.discount_number, lines.product_id,
        lines.subscription_item_id,
        lines.amount_minor - coalesce(sum(discounts.amount_minor) over (
            partition by discounts.invoice_line_id order by discounts.discount_number
            rows between unbounded preceding and 1 preceding
        ), 0) as of_minor,
        discounts.amount_minor as taken_minor
    from stg_stripe__invoice_line_discounts as discounts
    inner join stg_stripe__invoice_lines as lines on discounts.invoice_line_id = lines.invoice_line_id
),

billed as (
    select invoice_id, product_id, count(distinct subscription_item_id) as items
    from stg_stripe__invoice_lines
    where amount_minor > 0 and not is_proration
    group by invoice_id, product_id
),

unknown as (
    select *
    from lines
    where not exists (
        select 1 from known where known.source_id = lines.invoice_id and known.discount_id = lines.discount_id
    )
),

-- Of one item where others of its product have none of it.
reached as (
    select unknown.invoice_id, unknown.discount_id, unknown.product_id
    from unknown
    inner join billed on unknown.invoice_id = billed.invoice_id and unknown.product_id = billed.product_id
    group by unknown.invoice_id, unknown.discount_id, unknown.product_id
    having count(distinct unknown.subscription_item_id) < min(billed.items)
),

taken as (
    select
        unknown.invoice_id, unknown.discount_id, unknown.product_id,
        case when reached.invoice_id is not null then unknown.subscription_item_id end as own_item_id,
        min(unknown.discount_number) as discount_number, sum(unknown.of_minor) as of_minor,
        sum(unknown.taken_minor) as taken_minor
    from unknown
    left join reached
        on unknown.invoice_id = reached.invoice_id and unknown.discount_id = reached.discount_id
        and unknown.product_id = reached.product_id
    group by 1, 2, 3, 4
),

lasting as (
    select discount_id from stg_stripe__subscription_discounts
    union
    select discount_id from stg_stripe__invoice_discounts where ends_at is not null
    union
    select discount_id from taken group by discount_id having count(distinct invoice_id) > 1
),

resolved as (
    select
        source_id, discount_id, discount_number, starts_at, cast(null as varchar) as product_id, subscription_item_id,
        percent_left * 1000000 as numerator, 100000000 as denominator,
        coalesce(amount_off_minor, 0) as amount_off_minor
    from known
    where duration <> 'once' and product_ids is null and (amount_off_minor is null or not is_billed)
    union all
    select
        known.source_id, known.discount_id, known.discount_number, known.starts_at,
        known.account_prefix || {{ json_text('elements.element', "'$'") }}, known.subscription_item_id,
        known.percent_left * 1000000, 100000000,
        coalesce(known.amount_off_minor, 0)
    from known
    {{ json_array_elements('known.product_ids', 'elements') }}
    where known.duration <> 'once' and (known.amount_off_minor is null or not known.is_billed)
    union all
    select
        known.source_id, known.discount_id, known.discount_number, known.starts_at, null, lines.subscription_item_id,
        100000000, 100000000, cast(sum(lines.taken_minor) as bigint)
    from known
    inner join lines on known.source_id = lines.invoice_id and known.discount_id = lines.discount_id
    where known.duration <> 'once' and known.amount_off_minor is not null and lines.subscription_item_id is not null
    group by known.source_id, known.discount_id, known.discount_number, known.starts_at, lines.subscription_item_id
    union all
    select
        taken.invoice_id, taken.discount_id, taken.discount_number, null, taken.product_id, taken.own_item_id,
        taken.of_minor - taken.taken_minor, taken.of_minor, 0
    from taken
    inner join lasting on taken.discount_id = lasting.discount_id
    where taken.of_minor > 0
)

select
    source_id, discount_id, discount_number, starts_at, product_id, subscription_item_id,
    {{ reduced('left', 'numerator', 'denominator') }}, amount_off_minor
from resolved
