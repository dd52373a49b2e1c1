{{ config(materialized='view') }}

-- What a what-if assumes of prices: nothing. `prodops whatif price` puts a table in its place, in a copy of the warehouse.
select
    {% for column in ['product_id', 'market', 'segment', 'currency', 'fiscal_period'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    cast(null as bigint) as factor_hundred_millionths
where false
