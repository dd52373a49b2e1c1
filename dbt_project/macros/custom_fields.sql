{# Id and name of the field that fits `condition`; the oldest id where a site has several. #}
{% macro field_of(name, condition) -%}
    min_by(field_id, length(field_id) || field_id) filter (where {{ condition }}) as {{ name }}_field_id,
    min_by(field_name, length(field_id) || field_id) filter (where {{ condition }}) as {{ name }}_field_name
{%- endmacro %}

{# Whether a changelog item is about a custom field: by id where the item has one, else by name. #}
{% macro is_custom_field(name) -%}
    items.field_id = fields.{{ name }}_field_id
    or (items.field_id is null and items.field_type = 'custom' and items.field_name = fields.{{ name }}_field_name)
{%- endmacro %}
