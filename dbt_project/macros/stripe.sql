{#
    What Stripe's records share: lists inside of them, and the units of their amounts.
    Belongs here: shapes of the pinned version, Stripe's own minor units. Does not: types (records.sql).
#}

{#
    What an element of such a list must have to be of use. Discounts come whole because the loader asks for them; one
    that is only an id does not fit.
#}
{% macro discount_columns() -%}
    {{ return([
        {'path': '$.id', 'type': 'key', 'required': true},
        {'path': '$.source.coupon', 'type': 'key', 'required': true},
        {'path': '$.start', 'type': 'unix', 'required': true},
        {'path': '$.end', 'type': 'unix'},
    ]) }}
{%- endmacro %}
{% macro amount_columns() -%} {{ return([{'path': '$.amount', 'type': 'bigint', 'required': true}]) }} {%- endmacro %}
{% macro tax_columns() -%}
    {{ return(amount_columns() + [{'path': '$.tax_behavior', 'type': 'key', 'required': true}]) }}
{%- endmacro %}
{% macro tax_rate_columns() -%}
    {{ return([{'path': '$.percentage', 'type': 'decimal'}, {'path': '$.inclusive', 'type': 'boolean'}]) }}
{%- endmacro %}
{% macro tier_columns() -%}
    {{ return([
        {'path': '$.up_to', 'type': 'bigint'},
        {'path': '$.unit_amount_decimal', 'type': 'fine_decimal'},
        {'path': '$.flat_amount_decimal', 'type': 'fine_decimal'},
    ]) }}
{%- endmacro %}

{#
    How many, of a line or of what it is made by. It may be a part of a unit; then the whole number beside it is cut off
    (docs.stripe.com/changelog/dahlia/2026-03-25/invoice-items-decimal-quantity). Nothing else has decimals.
#}
{% macro own_quantity() -%}
    coalesce(decimal_quantity, cast(whole_quantity as decimal(38, 12)))
{%- endmacro %}

{#
    An amount in minor units of ISO 4217. Stripe counts Icelandic kronur and Uganda shillings in hundredths, which are
    always 00, and Malagasy ariary whole; everything else as ISO 4217 does (docs.stripe.com/currencies).
#}
{% macro iso_minor(amount, currency='currency', type='bigint') -%}
    case
        when {{ currency }} in ('ISK', 'UGX') then cast({{ amount }} * 0.01 as {{ type }})
        when {{ currency }} = 'MGA' then cast({{ amount }} * 100 as {{ type }})
        else {{ amount }}
    end
{%- endmacro %}

{# How many percent of tax rates are in a price, 0 where all come on top; null where there are no rates. #}
{% macro included_percent(rates) -%}
    case
        when {{ rates }} <> '[]' then {{ json_array_sum(
            rates, '$.percentage', json_text('x', "'$.inclusive'") ~ " = 'true'", 'decimal(18, 6)'
        ) }}
    end
{%- endmacro %}

{#
    What bills state about an item from one instant on, in the order in which it holds: first what is given back, then
    terms, then what is charged within one. So an item whose monthly term is given back for a yearly one has that.
#}
{% macro statement_rank(relation) -%}
    case
        when not {{ relation }}.is_change then 1
        when {{ relation }}.amount_minor < 0 then 0
        else 2
    end
{%- endmacro %}

{# Sum of the amounts in a list, of taxes also of those alone whose behaviour meets a condition. #}
{% macro amounts_of(list, behavior=none, currency='currency') -%}
    {%- set condition = json_text('x', "'$.tax_behavior'") ~ ' ' ~ behavior if behavior else 'true' -%}
    {{ iso_minor(json_array_sum(list, '$.amount', condition), currency) }}
{%- endmacro %}
