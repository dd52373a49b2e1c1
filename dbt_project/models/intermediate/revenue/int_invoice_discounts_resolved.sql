-- What each discount of an invoice leaves of an amount, those alone that recur: one for a single invoice does not. A
-- coupon says it, for some products or for all (null). Where nobody knows the coupon any more, and for what an item has
-- alone, the lines say which share was taken of which products; it recurs if it ends some day, was on more than one
-- invoice, or is attached to a contract still.
with stg_stripe__invoice_discounts as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_discounts') }}),
stg_stripe__coupons as (select * from {{ ref('stg_stripe__coupons') }}),
stg_stripe__invoice_line_discounts as (select * from {{ ref('stg_stripe__invoice_line_discounts') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__subscription_discounts as (select * from {{ ref('stg_stripe__subscription_discounts') }}),

known as (
    select
        discounts.invoice_id, discounts.discount_id, discounts.discount_number, coupons.duration, coupons.product_ids,
        100 - coalesce(coupons.percent_off, 0) as percent_left,
        coalesce(coupons.amount_off_minor, 0) as amount_off_minor
    from stg_stripe__invoice_discounts as discounts
    inner join stg_stripe__coupons as coupons on discounts.coupon_id = coupons.coupon_id
),

taken as (
    select
        discounts.invoice_id, discounts.discount_id, lines.product_id,
        min(discounts.discount_number) as discount_number,
        sum(lines.amount_minor - discounts.taken_before_minor) as of_minor,
        sum(discounts.amount_minor) as taken_minor
    from (
        select
            *,
            coalesce(sum(amount_minor) over (
                partition by invoice_line_id order by discount_number rows between unbounded preceding and 1 preceding
            ), 0) as taken_before_minor
        from stg_stripe__invoice_line_discounts
    ) as discounts
    inner join stg_stripe__invoice_lines as lines on discounts.invoice_line_id = lines.invoice_line_id
    where not exists (
        select 1 from known where known.invoice_id = discounts.invoice_id and known.discount_id = discounts.discount_id
    )
    group by discounts.invoice_id, discounts.discount_id, lines.product_id
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
        invoice_id, discount_id, discount_number, cast(null as varchar) as product_id,
        percent_left * 1000000 as numerator, 100000000 as denominator, amount_off_minor
    from known
    where duration <> 'once' and product_ids is null
    union all
    select
        known.invoice_id, known.discount_id, known.discount_number, {{ json_text('elements.element', "'$'") }},
        known.percent_left * 1000000, 100000000, known.amount_off_minor
    from known
    {{ json_array_elements('known.product_ids', 'elements') }}
    where known.duration <> 'once'
    union all
    select
        taken.invoice_id, taken.discount_id, taken.discount_number, taken.product_id,
        taken.of_minor - taken.taken_minor, taken.of_minor, 0
    from taken
    inner join lasting on taken.discount_id = lasting.discount_id
    where taken.of_minor > 0
)

select
    invoice_id, discount_id, discount_number, product_id, {{ reduced('left', 'numerator', 'denominator') }},
    amount_off_minor
from resolved
