{#
    Trees in JSON, where engines differ: rows that hold rows, as accounting reports do.
    Belongs here: the descent. Does not: what a row means (models).
#}

{#
    The CTE of a `with recursive` that walks down the rows of reports: `name(report_key, depth, element, section)`, every row at any depth, with the first cell of the
    innermost section around it that has an id. `reports(report_key, report_rows)` holds JSON arrays; rows within a row lie at $.Rows.Row.
#}
{% macro nested_rows(name, reports) -%} {{ return(adapter.dispatch('nested_rows')(name, reports)) }} {%- endmacro %}

{% macro default__nested_rows(name, reports) -%}
{{ name }} as (
    select reports.report_key, 1 as depth, line.element, cast(null as string) as section_id
    from {{ reports }} as reports {{ json_array_elements('reports.report_rows', 'line') }}
    union all
    select
        above.report_key, above.depth + 1, line.element,
        coalesce(nullif({{ json_text('above.element', "'$.Header.ColData[0].id'") }}, ''), above.section_id)
    from {{ name }} as above {{ json_array_elements(json_raw('above.element', "'$.Rows.Row'"), 'line') }}
)
{%- endmacro %}

{% macro duckdb__nested_rows(name, reports) -%}
{{ name }} as (
    select report_key, 1 as depth, unnest(json_extract(report_rows, '$[*]')) as element, cast(null as varchar) as section_id
    from {{ reports }}
    union all
    select
        report_key, depth + 1, unnest(json_extract(element, '$.Rows.Row[*]')),
        coalesce(nullif(json_extract_string(element, '$.Header.ColData[0].id'), ''), section_id)
    from {{ name }}
)
{%- endmacro %}
