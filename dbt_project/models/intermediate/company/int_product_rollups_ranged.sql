-- When a row of a product with everything below it must not be added up: it holds what other rows hold too (a
-- portfolio, the company), or another one holds it (it stands below a product). What is left of a day are the products
-- right under their portfolio, UNMAPPED, and UNALLOCATED for what names only a portfolio: each use is in one of them.
-- A product stands where its own row says, also on days on which nobody describes what is above it.
with portfolios as (
    select distinct product_id from {{ ref('stg_files__products') }} where level = 'portfolio'
)

select product_id, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to from portfolios
union all
select product_id, valid_from, valid_to
from {{ ref('int_product_ancestors_ranged') }} as ancestors
where distance > 0 and not exists (select 1 from portfolios where portfolios.product_id = ancestors.ancestor_id)
union all
select 'COMPANY', date '0001-01-01', date '9999-12-31'
