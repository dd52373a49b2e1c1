{#
    Recurring revenue: what is held, where movements of it are, their types, and their order.
    Belongs here: what several models of movements share. Does not: which change is of which type
    (models/intermediate/revenue).
#}

{# What items bring to products. `prodops whatif price` assumes other prices, in a copy of the warehouse. #}
{% macro active_items() -%}
    (
        select * from {{ ref('int_active_items_assumed' if var('what_if', false) else 'int_active_items_shared') }}
        where mrr_minor > 0
    )
{%- endmacro %}

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
