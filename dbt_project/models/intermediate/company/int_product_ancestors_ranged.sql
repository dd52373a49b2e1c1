-- What stands above a product and when: its parents as its own rows and theirs say for the day. Itself and the company
-- always do, also on days for which nobody describes the product. Written as a closure, so that a catalogue of any
-- depth is one join; a catalogue that runs in a circle ends where it began. What is mapped to a portfolio and to no
-- product of it counts to UNALLOCATED too, so that products add up to the company.
with recursive {{ ancestors_over_time(ref('stg_files__products'), 'product_id') }},

members as (
    select product_id from {{ ref('stg_files__products') }}
    union
    select product_id from {{ ref('stg_files__product_maps') }}
    union
    select 'UNMAPPED'
),

portfolios as (
    select distinct product_id from {{ ref('stg_files__products') }} where level = 'portfolio'
)

select product_id, ancestor_id, distance, valid_from, valid_to from chain
union all
select product_id, product_id, 0, date '0001-01-01', date '9999-12-31' from members
union all
select product_id, 'COMPANY', null, date '0001-01-01', date '9999-12-31' from members
union all
select product_id, 'UNALLOCATED', null, date '0001-01-01', date '9999-12-31'
from portfolios
where not exists (
    select 1
    from chain
    left join portfolios as above on chain.ancestor_id = above.product_id
    where chain.product_id = portfolios.product_id and above.product_id is null
)
