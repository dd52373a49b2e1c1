-- What each discount of an invoice leaves of an amount, those alone that recur: one for a single invoice does not. A coupon says it, for some products or for all (null).
-- Where nobody knows the coupon any more it is read off the lines, for their products: as a share, and it recurs if it ends some day, was on more
-- than one invoice, or is attached to a contract still. So is what an item alone has, that only lines tell.
with taken as (
    select
        discounts.invoice_id, discounts.discount_id, min(discounts.discount_number) as discount_number, lines.product_id,
        sum(discounts.amount_minor) as taken_minor, sum(lines.amount_minor - discounts.before_minor) as of_minor
    from (
        select
            *,
            coalesce(sum(amount_minor) over (
                partition by invoice_line_id order by discount_number rows between unbounded preceding and 1 preceding
            ), 0) as before_minor
        from {{ ref('stg_stripe__invoice_line_discounts') }}
    ) as discounts
    inner join {{ ref('stg_stripe__invoice_lines') }} as lines on discounts.invoice_line_id = lines.invoice_line_id
    group by discounts.invoice_id, discounts.discount_id, lines.product_id
),

lasting as (
    select discount_id from {{ ref('stg_stripe__subscription_discounts') }}
    union
    select discount_id from {{ ref('stg_stripe__invoice_discounts') }} where ends_at is not null
    union
    select discount_id from taken group by discount_id having count(distinct invoice_id) > 1
),

coupons as (
    select
        discounts.invoice_id, discounts.discount_id, discounts.discount_number, coupons.duration, coupons.product_ids,
        coupons.percent_off, coupons.amount_off_minor
    from {{ ref('stg_stripe__invoice_discounts') }} as discounts
    inner join {{ ref('stg_stripe__coupons') }} as coupons on discounts.coupon_id = coupons.coupon_id
)

select
    coupons.invoice_id,
    coupons.discount_id,
    coupons.discount_number,
    cast(null as varchar) as product_id,
    {{ whole('(100 - coalesce(coupons.percent_off, 0)) * 1000000') }} as left_numerator,
    {{ whole('100000000') }} as left_denominator,
    coalesce(coupons.amount_off_minor, 0) as amount_off_minor
from coupons
where coupons.duration <> 'once' and coupons.product_ids is null
union all
select
    coupons.invoice_id,
    coupons.discount_id,
    coupons.discount_number,
    {{ json_text('elements.element', "'$'") }},
    {{ whole('(100 - coalesce(coupons.percent_off, 0)) * 1000000') }},
    {{ whole('100000000') }},
    coalesce(coupons.amount_off_minor, 0)
from coupons
{{ json_array_elements('coupons.product_ids', 'elements') }}
where coupons.duration <> 'once'
union all
select
    taken.invoice_id,
    taken.discount_id,
    taken.discount_number,
    taken.product_id,
    {{ whole('taken.of_minor - taken.taken_minor') }},
    {{ whole('taken.of_minor') }},
    0
from taken
inner join lasting on taken.discount_id = lasting.discount_id
left join coupons on taken.invoice_id = coupons.invoice_id and taken.discount_id = coupons.discount_id
where coupons.discount_id is null and taken.of_minor > 0
