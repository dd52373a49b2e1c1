{#
    Trees in JSON, where engines differ: rows that hold rows, as accounting reports do.
    Belongs here: the descent. Does not: what a row means (models).
#}

{#
    The CTE of a `with recursive` that walks down the rows of reports: `name(report_key, heading_id, element)`, every
    row at any depth with the id in the nearest header above it that has one. `reports(report_key, report_rows)` holds
    JSON arrays; rows within a row lie at $.Rows.Row.
#}
{% macro nested_rows(name, reports) -%} {{ return(adapter.dispatch('nested_rows')(name, reports)) }} {%- endmacro %}

{% macro default__nested_rows(name, reports) -%}
{{ name }} as (
    select reports.report_key, cast(null as {{ dbt.type_string() }}) as heading_id, line.element
    from {{ reports }} as reports {{ json_array_elements('reports.report_rows', 'line') }}
    union all
    select
        above.report_key,
        coalesce(nullif({{ json_text('above.element', "'$.Header.ColData[0].id'") }}, ''), above.heading_id),
        line.element
    from {{ name }} as above {{ json_array_elements(json_raw('above.element', "'$.Rows.Row'"), 'line') }}
)
{%- endmacro %}

{% macro duckdb__nested_rows(name, reports) -%}
{{ name }} as (
    select
        report_key, cast(null as varchar) as heading_id, unnest(json_extract(report_rows, '$[*]')) as element
    from {{ reports }}
    union all
    select
        report_key,
        coalesce(nullif(json_extract_string(element, '$.Header.ColData[0].id'), ''), heading_id),
        unnest(json_extract(element, '$.Rows.Row[*]'))
    from {{ name }}
)
{%- endmacro %}
