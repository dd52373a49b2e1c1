{#
    How metrics of the board are made of marts.
    Belongs here: which rows of a mart count to which slice, a metric's parts in a row, comparisons of two values. Does
    not: which metrics there are (board_metrics, made from registry/metrics.yml), periods (the models).
#}

{% macro board_slices() -%} {{ return(['all', 'portfolio', 'product', 'segment', 'market']) }} {%- endmacro %}

{#
    The condition of a row, `cells`, that counts to a slice, and the code of the slice, by the shape of the mart:
    `cells` add up; `totals` have a row of the company beside those of products; `slices` have rows by slice, each
    counted anew, where `is_whole` says that a product's row counts what is below it, too; `sliced_cells` have a row by
    slice of each feature; `company` has no products.
#}
{% macro board_slice(shape, slice, is_whole=false) -%}
    {%- set own = "coalesce(tops.top_product_id, cells.product_id)" -%}
    {%- set is_company = "cells.product_id = 'COMPANY'" -%}
    {%- if slice == 'all' -%}
        case when {{ {
            'cells': 'true', 'company': 'true', 'totals': is_company, 'sliced_cells': "cells.slice_type = 'all'",
            'slices': is_company ~ " and cells.slice_type = 'all'",
        }[shape] }} then 'ALL' end
    {%- elif slice in ('segment', 'market') -%}
        {%- if shape == 'cells' -%} cells.{{ slice }}
        {%- else -%}
        case
            when cells.slice_type = '{{ slice }}'{{ " and " ~ is_company if shape == 'slices' }} then cells.slice_value
        end
        {%- endif -%}
    {%- elif slice == 'portfolio' -%}
        {%- set is_own = "cells.product_level = 'portfolio' and " if is_whole else '' -%}
        case
            when {{ is_own }}{{ "cells.slice_type = 'all'" if 'slice' in shape else 'true' }} then cells.portfolio_id
        end
    {%- else -%}
        {%- set is_own = "cells.product_id = " ~ own ~ " and coalesce(cells.product_level, '') <> 'portfolio' and "
            if is_whole else '' -%}
        case
            when {{ is_own }}{{ "cells.slice_type = 'all' and " if 'slice' in shape }}cells.product_id <> 'COMPANY'
                then {{ own }}
        end
    {%- endif -%}
{%- endmacro %}

{# Both parts of a comparison of two values of one unit: the difference, exact, as both are. #}
{% macro board_number(expression) -%} cast({{ expression }} as decimal(38, 9)) {%- endmacro %}

{#
    A quotient of two such numbers, half to even at the ninth place, whatever the engine: a double would differ from
    one to the next. Null where the denominator is not above zero.
#}
{% macro board_quotient(numerator, denominator) -%}
{%- set billion = '1000000000' -%}
{%- set over, under = whole(numerator ~ ' * ' ~ billion), whole(denominator ~ ' * ' ~ billion) -%}
{%- set divisor = common_divisor(over, under) -%}
case
    when {{ denominator }} > 0 then
        cast(
            cast({{ half_even_whole(
                whole_quotient(over, divisor) ~ ' * ' ~ billion, whole_quotient(under, divisor)
            ) }} as decimal(38, 0)) * 0.000000001 as decimal(38, 9)
        )
end
{%- endmacro %}
