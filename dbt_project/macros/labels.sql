{#
    What every mart puts beside its ids and figures: names, which rows to add up, why a ratio is not shown.
    Belongs here: the joins and columns that several marts end with. Does not: any figure.
#}

{#
    The rows of a relation (fiscal_period, product_id, …) with the labels of their period and product, and the currency
    of their amounts with its exponent. `periods` and `clock` are relations; `currency` is an expression over `cells`
    and `clock`; `named` are the codes of `cells` that get a name: segment, market, slice. A product that the catalogue
    does not know has no name and stays.
#}
{% macro labelled(relation, periods, clock, named=['segment', 'market'], currency='clock.reporting_currency') -%}
select
    cells.*,
    periods.fiscal_year,
    periods.prior_fiscal_period,
    periods.last_date as period_end_date,
    periods.as_of_date,
    periods.is_complete,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    as_was.portfolio_id as portfolio_id_as_was,
    portfolios.product_name as portfolio_name_as_was,
    {% for name in named %}
    {{ name }}_names.slice_name as {{ name }}_name,
    {% endfor %}
    currencies.currency,
    currencies.minor_unit_exponent,
    clock.data_as_of,
    clock.loaded_at
from {{ relation }} as cells
inner join {{ periods }} as periods on cells.fiscal_period = periods.fiscal_period
cross join {{ clock }} as clock
inner join {{ ref('dim_currency') }} as currencies on {{ currency }} = currencies.currency
left join {{ ref('dim_product') }} as products on cells.product_id = products.product_id
left join {{ ref('int_product_portfolios_ranged') }} as as_was
    on cells.product_id = as_was.product_id and {{ valid_on('as_was', 'periods.as_of_date') }}
left join {{ ref('dim_product') }} as portfolios on as_was.portfolio_id = portfolios.product_id
{% for name in named %}
left join {{ ref('int_slices_named') }} as {{ name }}_names
    {% if name == 'slice' %}
    on cells.slice_type = slice_names.slice_type and cells.slice_value = slice_names.slice_value
    {% else %}
    on {{ name }}_names.slice_type = '{{ name }}' and cells.{{ name }} = {{ name }}_names.slice_value
    {% endif %}
{% endfor %}
{%- endmacro %}

{# The columns that `labelled` puts first in a mart by fiscal period. #}
{% macro period_and_product(cells) -%}
    {% for column in ['fiscal_period', 'fiscal_year', 'period_end_date', 'is_complete', 'product_id', 'product_name',
        'product_level', 'portfolio_id', 'portfolio_name', 'portfolio_id_as_was', 'portfolio_name_as_was'] %}
    {{ cells }}.{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#
    Key and name of the epics of a relation (epic_id). One that nobody may see, or that is deleted, has a key at the most;
    what is no epic has a name all the same.
#}
{% macro named_epics(relation) -%}
select
    places.epic_id,
    coalesce(issues.issue_key, min(keys.epic_key)) as epic_key,
    coalesce(
        issues.summary,
        case places.epic_id
            when 'UNMAPPED' then 'Unmapped' when 'UNATTRIBUTED' then 'Unattributed' else 'Not visible'
        end
    ) as epic_name
from {{ relation }} as places
left join {{ ref('stg_jira__issues') }} as issues on places.epic_id = issues.issue_id
left join {{ ref('int_epic_keys_collected') }} as keys on places.epic_id = keys.epic_id
group by places.epic_id, issues.issue_key, issues.summary
{%- endmacro %}

{#
    Products of a relation (product_id, a day) whose row on that day holds what other rows hold, or is held by one: a
    row of a mart in which every product counts with everything below it is a roll-up where it is among these.
#}
{% macro rolled_up(relation, day) -%}
select distinct days.product_id, days.{{ day }}
from (select distinct product_id, {{ day }} from {{ relation }}) as days
inner join {{ ref('int_product_rollups_ranged') }} as rollups
    on days.product_id = rollups.product_id and {{ valid_on('rollups', 'days.' ~ day) }}
{%- endmacro %}

{#
    A ratio and why it is not shown, two columns. It is null where its denominator is nothing (`empty` says in a word
    what that means), where `unless` says so (expression: the reason, or null), and where it is made of fewer than
    policy.ratio_min_n of what `n` counts, because of so few it says nothing; `least` is an expression for the switch.
#}
{% macro guarded(name, numerator, denominator, n, empty, unless=none, least='policy.ratio_min_n') -%}
    {%- set reason -%}
    case
        {% if unless %}when {{ unless }} is not null then {{ unless }}{% endif %}
        when coalesce({{ denominator }}, 0) = 0 then '{{ empty }}'
        {% if n %}when {{ n }} < {{ least }} then 'too_few'{% endif %}
    end
    {%- endset -%}
    case when {{ reason }} is null then cast({{ numerator }} as double) / {{ denominator }} end as {{ name }},
    {{ reason }} as {{ name }}_suppressed_reason
{%- endmacro %}
