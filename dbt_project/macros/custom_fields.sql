{# Id of the field that fits `condition`; the oldest id where a site has several. #}
{% macro field_of(name, condition) -%}
    min_by(fields.field_id, length(fields.field_id) || fields.field_id) filter (where {{ condition }})
        as {{ name }}_field_id
{%- endmacro %}
