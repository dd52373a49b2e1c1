{{ config(materialized='view') }}
select portfolios.product_id, periods.as_of_date as mapping_date, portfolios.portfolio_id
from {{ ref('int_revenue_periods_ranged') }} as periods
inner join {{ ref('int_product_portfolios_ranged') }} as portfolios on {{ valid_on('portfolios', 'periods.as_of_date') }}
