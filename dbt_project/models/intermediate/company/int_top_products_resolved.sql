-- Written as a climb over today's rows: a catalogue that runs in a circle ends where it began.
with recursive climbed as (
    select
        product_id, product_id as top_product_id, parent_id, portfolio_id, 0 as distance,
        '/' || product_id || '/' as path
    from {{ ref('dim_product') }}
    union all
    select
        climbed.product_id, above.product_id, above.parent_id, climbed.portfolio_id, climbed.distance + 1,
        climbed.path || above.product_id || '/'
    from climbed
    inner join {{ ref('dim_product') }} as above on climbed.parent_id = above.product_id
    where above.product_level <> 'portfolio' and position('/' || above.product_id || '/' in climbed.path) = 0
)

select product_id, portfolio_id, max_by(top_product_id, distance) as top_product_id
from climbed
group by product_id, portfolio_id
