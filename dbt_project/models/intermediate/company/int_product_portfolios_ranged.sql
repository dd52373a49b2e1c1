-- The portfolio above each product and when, whatever the catalogue says today.
select
    ancestors.product_id,
    portfolios.product_id as portfolio_id,
    greatest(ancestors.valid_from, portfolios.valid_from) as valid_from,
    least(ancestors.valid_to, portfolios.valid_to) as valid_to
from {{ ref('int_product_ancestors_ranged') }} as ancestors
inner join {{ ref('stg_files__products') }} as portfolios
    on ancestors.ancestor_id = portfolios.product_id and portfolios.level = 'portfolio'
    and ancestors.valid_from < portfolios.valid_to and portfolios.valid_from < ancestors.valid_to
