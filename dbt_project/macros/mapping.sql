{#
    Rules of product_map.csv: what matches, and which of several matches counts. Belongs here: what all sources share. Does not: which keys a source has.
#}

{# Whether a rule is about a key. #}
{% macro rule_matches(text, rules) -%}
    case {{ rules }}.match_type
        when 'exact' then {{ text }} = {{ rules }}.match_key
        when 'prefix' then starts_with({{ text }}, {{ rules }}.match_key)
        when 'glob' then {{ text_globs(text, rules ~ '.match_key') }}
    end
{%- endmacro %}

{# Exact before the longest prefix before the longest glob. #}
{% macro rule_order() -%}
    case match_type when 'exact' then 1 when 'prefix' then 2 when 'glob' then 3 end, length(match_key) desc, match_key
{%- endmacro %}
