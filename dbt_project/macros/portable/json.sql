{#
    JSON, where engines differ: one dispatched macro each, the default beside DuckDB's own where they part.

    DuckDB parses a number before it gives it as text: 1.10 comes out as 1.1, NaN and 1e400 are let in. Harmless for
    points, hours and percentages. Money comes as integers, which stay exact at any length (12345678901234567890123
    tried), and as decimals in strings, which are not parsed. A lone surrogate is invalid JSON. json_extract_string on
    the wrong shape gives NULL, on invalid text it raises, so it stands inside try(). Several paths in one call are one
    parse: 20,000 payloads of 8.7 kB took 0.16 s so, 0.71 s by from_json with a struct.
#}

{# Texts at several paths in one parse, as a list; NULL when the column is not JSON. #}
{% macro json_texts(column, paths) -%} {{ return(adapter.dispatch('json_texts')(column, paths)) }} {%- endmacro %}
{% macro default__json_texts(column, paths) -%}
    case
        when {{ column }} is not null
            then array(
                {% for path in paths %}get_json_object(
                    {{ column }}, {{ string_literal(path) }}
                ){{ ', ' if not loop.last }}{% endfor %}
            )
    end
{%- endmacro %}
{% macro duckdb__json_texts(column, paths) -%}
    try(
        json_extract_string(
            {{ column }}, [{% for path in paths %}{{ string_literal(path) }}{{ ', ' if not loop.last }}{% endfor %}]
        )
    )
{%- endmacro %}

{# Text at one path given as SQL. #}
{% macro json_text(column, path_sql) -%} {{ return(adapter.dispatch('json_text')(column, path_sql)) }} {%- endmacro %}
{% macro default__json_text(column, path_sql) -%} get_json_object({{ column }}, {{ path_sql }}) {%- endmacro %}
{% macro duckdb__json_text(column, path_sql) -%} try(json_extract_string({{ column }}, {{ path_sql }})) {%- endmacro %}

{# JSON at one path given as SQL, kept as JSON text ("x" keeps its quotes); a JSON null is NULL. #}
{% macro json_raw(column, path_sql) -%} {{ return(adapter.dispatch('json_raw')(column, path_sql)) }} {%- endmacro %}
{% macro default__json_raw(column, path_sql) -%} get_json_object({{ column }}, {{ path_sql }}) {%- endmacro %}
{% macro duckdb__json_raw(column, path_sql) -%}
    nullif(try(json_extract({{ column }}, {{ path_sql }}))::varchar, 'null')
{%- endmacro %}

{# A list of the texts at `path` in each element of a JSON array; NULL where it is no array. #}
{% macro json_array_texts(column, path) -%}
    {{ return(adapter.dispatch('json_array_texts')(column, path)) }}
{%- endmacro %}
{% macro default__json_array_texts(column, path) -%}
    transform(from_json({{ column }}, 'array<string>'), x -> get_json_object(x, {{ string_literal(path) }}))
{%- endmacro %}
{% macro duckdb__json_array_texts(column, path) -%}
    list_transform(
        try(from_json({{ column }}, '["JSON"]')), lambda x: json_extract_string(x, {{ string_literal(path) }})
    )
{%- endmacro %}

{# Elements of a JSON array with their position from 1, as a lateral table `alias(position, element)`. #}
{% macro json_array_elements(column, alias) -%}
    {{ return(adapter.dispatch('json_array_elements')(column, alias)) }}
{%- endmacro %}
{% macro default__json_array_elements(column, alias) -%}
    lateral view posexplode(from_json({{ column }}, 'array<string>')) {{ alias }} as position, element
{%- endmacro %}
{% macro duckdb__json_array_elements(column, alias) -%}
    cross join lateral (
        select
            unnest(json_extract({{ column }}, '$[*]')) as element,
            generate_subscripts(json_extract({{ column }}, '$[*]'), 1) as position
    ) as {{ alias }}
{%- endmacro %}

{# Whether a text is a JSON array whose every element `x` meets a condition. #}
{% macro json_array_holds(column, condition) -%}
    {{ return(adapter.dispatch('json_array_holds')(column, condition)) }}
{%- endmacro %}
{% macro default__json_array_holds(column, condition) -%}
    coalesce(forall(from_json({{ column }}, 'array<string>'), x -> coalesce({{ condition }}, false)), false)
{%- endmacro %}
{% macro duckdb__json_array_holds(column, condition) -%}
    coalesce(
        len(list_filter(try(from_json({{ column }}, '["JSON"]')), lambda x: not coalesce({{ condition }}, false))) = 0,
        false
    )
{%- endmacro %}

{#
    The sum of the numbers at `path`, integers unless `type` says otherwise, over the elements of a JSON array that meet
    a condition on `x`; 0 over none and where there is no array.
#}
{% macro json_array_sum(column, path, condition='true', type='bigint') -%}
    {{ return(adapter.dispatch('json_array_sum')(column, path, condition, type)) }}
{%- endmacro %}
{% macro default__json_array_sum(column, path, condition, type) -%}
    coalesce(aggregate(
        filter(from_json({{ column }}, 'array<string>'), x -> coalesce({{ condition }}, false)),
        cast(0 as {{ type }}),
        (total, x) -> cast(total + cast(get_json_object(x, {{ string_literal(path) }}) as {{ type }}) as {{ type }})
    ), 0)
{%- endmacro %}
{% macro duckdb__json_array_sum(column, path, condition, type) -%}
    coalesce(cast(list_sum(list_transform(
        list_filter(from_json({{ column }}, '["JSON"]'), lambda x: coalesce({{ condition }}, false)),
        lambda x: cast(json_extract_string(x, {{ string_literal(path) }}) as {{ type }})
    )) as {{ type }}), 0)
{%- endmacro %}

{#
    Plain text of a field that is an Atlassian document (ADF), or plain text in older payloads. Text nodes in their
    order, a new line per block. Read off the JSON text, so that nesting of any depth is one pass: inside a string every
    quote is escaped, so a match can't begin there.
#}
{% macro adf_text(column) -%} {{ return(adapter.dispatch('adf_text')(column)) }} {%- endmacro %}
{% macro default__adf_text(column) -%}
    case when {{ column }} like '"%' then get_json_object('{"a":' || {{ column }} || '}', '$.a')
    else trim(array_join(transform(
        regexp_extract_all({{ column }}, '{{ adf_pattern() }}', 0),
        x -> case when x like '"type"%' then '\n' else get_json_object('{' || x || '}', '$.text') end), '')) end
{%- endmacro %}
{% macro duckdb__adf_text(column) -%}
    case when {{ column }} like '"%' then json_extract_string({{ column }}, '$')
    else trim(array_to_string(list_transform(
        regexp_extract_all({{ column }}, '{{ adf_pattern() }}'),
        lambda x: case
            when x like '"type"%' then chr(10)
            else json_extract_string('{' || x || '}', '$.text')
        end), ''), chr(10) || ' ') end
{%- endmacro %}
{% macro adf_pattern() -%}
    "type"\s*:\s*"(?:paragraph|heading|codeBlock|hardBreak|listItem|tableCell|rule)"|"text"\s*:\s*"(?:[^"\\]|\\.)*"
{%- endmacro %}
