select
    products.product_id,
    products.product_name,
    products.product_level,
    products.parent_id,
    products.portfolio_id,
    portfolios.product_name as portfolio_name,
    products.owner,
    products.lifecycle,
    {{ open_ends('products') }}
from {{ ref('int_products_described') }} as products
left join {{ ref('int_products_described') }} as portfolios
    on products.portfolio_id = portfolios.product_id and portfolios.is_shown
