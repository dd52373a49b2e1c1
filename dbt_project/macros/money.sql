{#
    Amounts in minor units of a currency: rounded, and shared out.
    Belongs here: arithmetic that every figure of money needs. Does not: any figure, any rate.
#}

{#
    A fraction as a whole number of minor units, half to even. The denominator is above zero; a negative fraction is
    rounded as its opposite is.
#}
{% macro half_even(numerator, denominator) -%}
    cast({{ half_even_whole(numerator, denominator) }} as bigint)
{%- endmacro %}

{# The same where it may be wider than a bigint. #}
{% macro half_even_whole(numerator, denominator) -%}
    {%- set dividend, divisor = 'abs(' ~ whole(numerator) ~ ')', whole(denominator) -%}
    {%- set quotient, rest = whole_quotient(dividend, divisor), '(' ~ dividend ~ ' % ' ~ divisor ~ ')' -%}
    (sign({{ numerator }}) * (
        {{ quotient }}
        + case
            when {{ rest }} > {{ divisor }} - {{ rest }}
                or ({{ rest }} = {{ divisor }} - {{ rest }} and {{ quotient }} % 2 = 1)
                then 1
            else 0
        end
    ))
{%- endmacro %}

{# A decimal of up to twelve places, as quantities and prices of a unit are, in whole trillionths. #}
{% macro trillionths(decimal) -%}
    {{ whole('cast(' ~ decimal ~ ' as decimal(38, 12)) * ' ~ trillion()) }}
{%- endmacro %}
{% macro trillion() -%} 1000000000000 {%- endmacro %}

{#
    A fraction in its lowest terms, as the columns `<name>_numerator` and `<name>_denominator`. The denominator is above
    zero.
#}
{% macro reduced(name, numerator, denominator) -%}
    {%- set divisor = common_divisor(numerator, denominator) -%}
    cast({{ whole_quotient(whole(numerator), divisor) }} as decimal(38, 0)) as {{ name }}_numerator,
    cast({{ whole_quotient(whole(denominator), divisor) }} as decimal(38, 0)) as {{ name }}_denominator
{%- endmacro %}

{#
    An amount by weights, no minor unit lost: every row of a relation with its part as `shared_minor`. Whole units
    first, the rest one each to the largest remainders, and among equal ones to the first name. A negative amount is
    shared as its opposite is. Weights are whole numbers, so a weight of six decimals is given times a million; there is
    no row without a weight, none is negative, and not all of a pool are zero: else the build stops.

    Rows of one pool have the same `pool` columns and the same amount; the `names` columns distinguish them. Bigints as
    amount and weight are always exact.
#}
{% macro shared_out(relation, pool, names, amount, weight) -%}
{%- set by_pool = 'partition by ' ~ pool | join(', ') -%}
select
    *,
    cast(sign({{ amount }}) * (
        whole_units
        + case
            when row_number() over ({{ by_pool }} order by remainder desc, {{ names | join(', ') }})
                <= abs({{ whole(amount) }}) - sum(whole_units) over ({{ by_pool }}) then 1
            else 0
        end
    ) as bigint) as shared_minor
from (
    -- Multiplied and not divided once more: a quarter of the time of ten million rows.
    select *, abs({{ whole(amount) }}) * {{ whole(weight) }} - whole_units * pool_weight as remainder
    from (
        select *, {{ whole_quotient('abs(' ~ whole(amount) ~ ') * ' ~ whole(weight), 'pool_weight') }} as whole_units
        from (
            select
                *,
                case
                    when min({{ weight }}) over ({{ by_pool }}) >= 0
                        and count({{ weight }}) over ({{ by_pool }}) = count(*) over ({{ by_pool }})
                        and sum({{ whole(weight) }}) over ({{ by_pool }}) > 0
                        then sum({{ whole(weight) }}) over ({{ by_pool }})
                    else {{ stop("'no weights to share by, or negative ones: ' || concat_ws(', ', "
                        ~ pool | join(', ') ~ ")") }}
                end as pool_weight
            from {{ relation }}
        ) as weighed
    ) as divided
) as begun
{%- endmacro %}

{# Minor units of a currency, whose row of dim_currency is joined, in its units: what marts publish. #}
{% macro in_units(minor, currency) -%}
    cast(
        cast({{ minor }} as decimal(38, 0))
            * {{ power_of_ten('-' ~ currency ~ '.minor_unit_exponent') }} as decimal(38, 4)
    )
{%- endmacro %}
