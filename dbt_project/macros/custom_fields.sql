{# Id of the field that fits `condition`; the oldest id where a site has several. #}
{% macro field_of(name, condition) -%}
    min_by(fields.field_id, length(fields.field_id) || fields.field_id) filter (where {{ condition }})
        as {{ name }}_field_id
{%- endmacro %}

{# The number fields of goals: each is called so, with blanks. What they were is followed. #}
{% macro goal_numbers() -%} {{ return(['start_value', 'target_value', 'current_value', 'weight']) }} {%- endmacro %}
