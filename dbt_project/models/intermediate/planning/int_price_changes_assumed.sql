{{ config(materialized='view') }}

<<<<<<< HEAD:dbt_project/models/intermediate/revenue/int_price_scenarios_read.sql
-- What a what-if assumes of prices: nothing. `prodops whatif price` puts a table in its place, in a copy of the
-- warehouse.
=======
-- The shape of what a what-if assumes of prices: `prodops whatif price` puts a table of this name in its place, in a copy of the warehouse.
>>>>>>> fdce286 (A what-if leaves the production lineage; commands read named models that an exposure shows):dbt_project/models/intermediate/planning/int_price_changes_assumed.sql
select
    {% for column in ['product_id', 'market', 'segment', 'currency'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    fiscal_period,
    cast(null as bigint) as factor_hundred_millionths
from {{ ref('int_revenue_periods_ranged') }}
where false
