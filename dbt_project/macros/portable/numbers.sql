{#
    Whole numbers wider than a bigint, where engines differ. Products of two bigints fit; what does not fit raises,
    nothing is ever rounded.
    Belongs here: how an engine counts. Does not: how money is rounded or shared out (money.sql).
#}

{% macro whole(expression) -%} {{ return(adapter.dispatch('whole')(expression)) }} {%- endmacro %}
{% macro default__whole(expression) -%} cast({{ expression }} as decimal(38, 0)) {%- endmacro %}
{% macro duckdb__whole(expression) -%} cast({{ expression }} as hugeint) {%- endmacro %}

{# How often a whole number is in another one. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}
{% macro default__whole_quotient(dividend, divisor) -%} (({{ dividend }}) div ({{ divisor }})) {%- endmacro %}
{% macro duckdb__whole_quotient(dividend, divisor) -%} (({{ dividend }}) // ({{ divisor }})) {%- endmacro %}

{# The greatest number that is in two whole numbers. #}
{% macro common_divisor(one, other) -%} {{ return(adapter.dispatch('common_divisor')(one, other)) }} {%- endmacro %}
{% macro default__common_divisor(one, other) -%}
    aggregate(
        sequence(1, 190), named_struct('a', {{ whole(one) }}, 'b', {{ whole(other) }}),
        (pair, step) -> if(pair.b = 0, pair, named_struct('a', pair.b, 'b', cast(pair.a % pair.b as decimal(38, 0)))),
        pair -> abs(pair.a)
    )
{%- endmacro %}
{% macro duckdb__common_divisor(one, other) -%} gcd({{ whole(one) }}, {{ whole(other) }}) {%- endmacro %}

{#
    The least number that all whole numbers of a group are in: the common denominator of fractions that are to be added
    up.
#}
{% macro common_multiple(expression) -%} {{ return(adapter.dispatch('common_multiple')(expression)) }} {%- endmacro %}
{% macro default__common_multiple(expression) -%}
    aggregate(
        collect_set({{ whole(expression) }}), cast(1 as decimal(38, 0)),
        (one, other) -> cast({{ whole_quotient('one', common_divisor('one', 'other')) }} * other as decimal(38, 0))
    )
{%- endmacro %}
{% macro duckdb__common_multiple(expression) -%}
    list_reduce(list(distinct {{ whole(expression) }}), lambda one, other: lcm(one, other))
{%- endmacro %}
