{#
    Rates of currencies that nobody gave.
    Belongs here: what a person is to do about it. Does not: which rate applies (int_revenue_rates_resolved).
#}

{# Where a rate that is missing is to be entered, as the end of an error about it; ``kind`` is plan or actual. #}
{% macro rate_remedy(kind) -%}
    {%- if kind == 'plan' -%}
        ' (fill in fx_plan.csv in the folder of PRODOPS_COMPANY)'
    {%- else -%}
        ' (fill in SOURCES__FX__URL, or SOURCES__FX__PATH for rates that the bank lacks)'
    {%- endif -%}
{%- endmacro %}
