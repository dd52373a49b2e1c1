{# Join of an issue's moment to the one range that holds then; valid_from is inclusive, valid_to exclusive, so a range of no length never holds. #}
{% macro in_force(moments, ranges) -%}
    {{ moments }}.issue_id = {{ ranges }}.issue_id
    and {{ ranges }}.valid_from <= {{ moments }}.moment_at
    and ({{ ranges }}.valid_to is null or {{ moments }}.moment_at < {{ ranges }}.valid_to)
{%- endmacro %}
