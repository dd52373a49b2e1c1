{{ config(materialized='view') }}

-- The shape of what a what-if assumes of people: `prodops whatif cost` puts a table of this name in its place, in a
-- copy of the warehouse.
select
    fiscal_period,
    {% for column in ['team_id', 'function_name'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    as_of_date as work_date,
    cast(null as bigint) as fte_thousandths
from {{ ref('int_fiscal_periods_begun') }}
where false
