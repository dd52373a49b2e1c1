{{ config(materialized='view') }}

-- The shape of what a what-if assumes of prices: `prodops whatif price` puts a table of this name in its place, in a
-- copy of the warehouse.
select
    {% for column in ['product_id', 'market', 'segment', 'currency'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    fiscal_period,
    cast(null as bigint) as factor_hundred_millionths
from {{ ref('int_revenue_periods_ranged') }}
where false
