-- When a row of a product with everything below it must not be added up: it holds what other rows hold too (a
-- portfolio, the company), or another one holds it (it stands below a product). What is left of a day are the products
-- right under their portfolio, UNMAPPED, and UNALLOCATED for what names only a portfolio: each use is in one of them.
with int_product_ancestors_ranged as (select * from {{ ref('int_product_ancestors_ranged') }}),
stg_files__products as (select * from {{ ref('stg_files__products') }})

select product_id, valid_from, valid_to from stg_files__products where level = 'portfolio'
union all
select
    ancestors.product_id,
    greatest(ancestors.valid_from, parents.valid_from),
    least(ancestors.valid_to, parents.valid_to)
from int_product_ancestors_ranged as ancestors
inner join stg_files__products as parents
    on ancestors.ancestor_id = parents.product_id and parents.level <> 'portfolio'
    and ancestors.valid_from < parents.valid_to and parents.valid_from < ancestors.valid_to
where ancestors.distance > 0
union all
select 'COMPANY', date '0001-01-01', date '9999-12-31'
