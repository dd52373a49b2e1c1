{{ config(materialized='view') }}

-- What a what-if assumes of prices, given by `prodops whatif price`; nothing in any other build.
{% set scenarios = var('price_scenarios', []) %}
{% for row in scenarios %}
select
    {% for column in ['product_id', 'market', 'segment', 'currency', 'fiscal_period'] %}
    cast({{ string_literal(row[column]) if row[column] else 'null' }} as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    cast({{ row['factor_hundred_millionths'] }} as bigint) as factor_hundred_millionths
{{ 'union all' if not loop.last }}
{% else %}
select
    {% for column in ['product_id', 'market', 'segment', 'currency', 'fiscal_period'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {% endfor %}
    cast(null as bigint) as factor_hundred_millionths
where false
{% endfor %}
