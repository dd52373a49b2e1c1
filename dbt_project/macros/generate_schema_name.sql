{#
    Schemas are named exactly as configured (staging, intermediate, marts): the publish step copies the schema "marts"
    and nothing else.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
