{#
    What one minor unit of a currency is in minor units of the reporting currency, as an exact fraction: both are
    counted in minor units of one euro.
    Belongs here: which rate holds, and the one error that names every rate that is missing. Does not: which currencies
    a figure needs in which period (models).
#}

{# Where a rate that is missing is to be entered, as the end of an error about it; ``kind`` is plan or actual. #}
{% macro rate_remedy(kind) -%}
    {%- if kind == 'plan' -%}
        ' (fill in fx_plan.csv in the folder of PRODOPS_COMPANY)'
    {%- else -%}
        ' (fill in SOURCES__FX__URL, or SOURCES__FX__PATH for rates that the bank lacks)'
    {%- endif -%}
{%- endmacro %}

{# For so many days a rate holds that no newer one follows: banks publish none on weekends and holidays. #}
{% macro oldest_rate_days() -%} 7 {%- endmacro %}

{#
    The end of a model, after its CTEs `known(currency)`, `periods(fiscal_period, fiscal_year, as_of_date)`,
    `reporting(reporting_currency)`, which has one row, and `needs(fiscal_period, currency)`. `kinds` are plan (the rate
    of the fiscal year in fx_plan.csv) and actual (the last one published up to the period's as-of day). A rate that is
    needed and missing stops the build; elsewhere it is null.
#}
{% macro rates_resolved(kinds) -%}
{%- set oldest_days = oldest_rate_days() -%}
{%- set rates = {'plan': 'planned.rate', 'actual': 'recent.rate'} -%}
recent as (
    select
        periods.fiscal_period, rates.currency, rates.rate,
        row_number() over (partition by periods.fiscal_period, rates.currency order by rates.rate_date desc) as age_rank
    from periods
    inner join {{ ref('stg_fx__rates') }} as rates
        on rates.rate_date <= periods.as_of_date
        and rates.rate_date >= {{ dbt.dateadd('day', '-' ~ oldest_days, 'periods.as_of_date') }}
),

per_euro as (
    select
        periods.fiscal_period, periods.fiscal_year, periods.as_of_date, known.currency
        {% for kind in kinds %}
        , {{ whole("coalesce(" ~ rates[kind] ~ ", case when known.currency = 'EUR' then 1 end) * 1000000000000") }}
            * cast(power(10, currencies.minor_unit_exponent) as bigint) as {{ kind }}_minor_units
        {% endfor %}
    from periods
    cross join known
    left join {{ ref('currencies') }} as currencies on known.currency = currencies.currency
    {% if 'plan' in kinds %}
    left join {{ ref('stg_files__plan_rates') }} as planned
        on known.currency = planned.currency and periods.fiscal_year = planned.fiscal_year
    {% endif %}
    left join recent
        on known.currency = recent.currency and periods.fiscal_period = recent.fiscal_period and recent.age_rank = 1
),

paired as (
    select
        per_euro.*,
        {% for kind in kinds %}
        case when per_euro.currency = own.currency then 1 else own.{{ kind }}_minor_units end
            as reporting_{{ kind }}_minor_units,
        case when per_euro.currency = own.currency then 1 else per_euro.{{ kind }}_minor_units end
            as currency_{{ kind }}_minor_units,
        {% endfor %}
        own.currency as reporting_currency,
        needs.currency is not null as is_needed
    from per_euro
    cross join reporting
    inner join per_euro as own
        on per_euro.fiscal_period = own.fiscal_period and reporting.reporting_currency = own.currency
    left join needs on per_euro.fiscal_period = needs.fiscal_period and per_euro.currency = needs.currency
),

-- All that are missing, so that one error names them all.
missing as (
    {% set sides = {'reporting': 'reporting_currency', 'currency': 'currency'} %}
    {% for kind in kinds %}
    {% for owner, of in sides.items() %}
    select
        '{{ kind }}' as kind, '{{ 'planned ' if kind == 'plan' }}rate of ' || {{ of }} as rate_name,
        cast({{ 'fiscal_year' if kind == 'plan' else 'as_of_date' }} as varchar) as rate_at
    from paired
    where is_needed and {{ owner }}_{{ kind }}_minor_units is null
    {{ 'union' if not loop.last }}
    {% endfor %}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

named as (
    select
        kind, rate_name,
        case kind when 'plan' then ' for ' else ' in the {{ oldest_days }} days up to ' end
        || {{ dbt.listagg('rate_at', "', '", 'order by rate_at') }}
        || case kind
            when 'plan' then {{ rate_remedy('plan') }}
            else {{ rate_remedy('actual') }}
        end as rest
    from missing
    group by kind, rate_name
),

problem as (
    select {{ dbt.listagg("rate_name || rest", "'; no '", 'order by kind desc, rate_name') }} as rate_names from named
)

select
    paired.fiscal_period,
    paired.currency,
    {% for kind in kinds %}
    {% set reporting, own = 'paired.reporting_' ~ kind ~ '_minor_units', 'paired.currency_' ~ kind ~ '_minor_units' %}
    case
        when problem.rate_names is not null then {{ stop("'no ' || problem.rate_names") }}
        else cast({{ whole_quotient(reporting, common_divisor(reporting, own)) }} as decimal(38, 0))
    end as {{ kind }}_numerator,
    cast(
        {{ whole_quotient(own, common_divisor(reporting, own)) }} as decimal(38, 0)
    ) as {{ kind }}_denominator{{ ',' if not loop.last }}
    {% endfor %}
from paired
cross join problem
{%- endmacro %}
