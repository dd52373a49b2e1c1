-- The portfolio above each product on each day by which a period is told: as it was then, whatever the catalogue says today.
select
    ancestors.product_id,
    periods.as_of_date as mapping_date,
    min(ancestors.ancestor_id) as portfolio_id
from {{ ref('int_revenue_periods_ranged') }} as periods
inner join {{ ref('int_product_ancestors_ranged') }} as ancestors on {{ valid_on('ancestors', 'periods.as_of_date') }}
inner join {{ ref('stg_files__products') }} as products
    on ancestors.ancestor_id = products.product_id and products.level = 'portfolio' and {{ valid_on('products', 'periods.as_of_date') }}
group by ancestors.product_id, periods.as_of_date
