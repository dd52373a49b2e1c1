{#
    Movements of recurring revenue: where they are, their types, and their order.
    Belongs here: what several models of movements share. Does not: which change is of which type
    (models/intermediate/revenue).
#}

{# Whether two rows are in one place. #}
{% macro same_cell(one, other) -%}
    {{ one }}.customer_id = {{ other }}.customer_id and {{ one }}.product_id = {{ other }}.product_id
    and {{ one }}.segment = {{ other }}.segment and {{ one }}.market = {{ other }}.market
    and {{ one }}.currency = {{ other }}.currency
{%- endmacro %}

{# In the order in which movements of a cell are taken one after the other. #}
{% macro movement_types() -%}
    {{ return([
        'fx', 'transfer_out', 'transfer_in', 'logo_new', 'reactivation', 'late_renewal', 'cross_sell',
        'expansion_quantity', 'expansion_price', 'expansion_mix', 'contraction', 'product_churn', 'logo_churn',
    ]) }}
{%- endmacro %}

{% macro movement_rank(movement_type) -%}
    case {{ movement_type }} {% for known in movement_types() %}when '{{ known }}' then {{ loop.index }} {% endfor %}end
{%- endmacro %}
