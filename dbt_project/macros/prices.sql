{#
    The stages of a price, and how sure a comparison of them is.
    Belongs here: arithmetic that models of prices share. Does not: rounding and sharing out (money.sql).
#}

{#
    The amounts of an observation that are shared out over products: what is asked, agreed and billed, and what is lost
    of that.
#}
{% macro lost_amounts() -%} {{ return(['credit', 'refund', 'fee', 'write_off']) }} {%- endmacro %}
{% macro priced_amounts() -%} {{ return(['list', 'contract', 'invoice'] + lost_amounts()) }} {%- endmacro %}

{# An amount at the price that a what-if assumes; without one, itself. #}
{% macro repriced(amount, factor) -%}
    case
        when {{ factor }} is null then {{ amount }}
        else {{ half_even(whole(amount) ~ ' * ' ~ factor, '100000000') }}
    end
{%- endmacro %}

{#
    A sum of fractions that is the same in whatever order its rows come: what was built twice of the same data is the
    same to the last digit.
#}
{% macro steady_sum(expression, over='') -%}
    cast(sum(cast({{ expression }} as decimal(38, 20))) {{ over }} as double)
{%- endmacro %}

{#
    A what-if (`what_if`, set by `prodops whatif` alone) observes prices as they are assumed. Else nothing is
    joined and each amount is itself: production does not know that there are what-ifs.
#}
{% macro join_assumed_prices(relation) -%}
    {%- if var('what_if', false) -%}
    left join {{ ref('int_price_factors_resolved') }} as factors
        on {{ relation }}.fiscal_period = factors.fiscal_period and {{ relation }}.product_id = factors.product_id
        and {{ relation }}.segment = factors.segment and {{ relation }}.market = factors.market
        and {{ relation }}.currency = factors.currency
    {%- endif -%}
{%- endmacro %}

{% macro at_assumed_price(amount) -%}
    {{ repriced(amount, 'factors.factor_hundred_millionths') if var('what_if', false) else amount }}
{%- endmacro %}

{% macro at_assumed_unit_price(price) -%}
    {%- set factor = 'coalesce(factors.factor_hundred_millionths / cast(100000000 as double), 1)' -%}
    {{ price ~ ' * ' ~ factor if var('what_if', false) else price }}
{%- endmacro %}

{# The 95 % quantile of Student's distribution by Cornish and Fisher; 0.3 % off at three degrees of freedom. #}
{% macro student_quantile(freedom) -%}
    {%- set z = 1.6448536269514722 -%}
    ({{ z }} + {{ (z ** 3 + z) / 4 }} / {{ freedom }}
        + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power({{ freedom }}, 2)
        + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / power({{ freedom }}, 3))
{%- endmacro %}
