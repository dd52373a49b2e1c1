-- What one minor unit of a currency is in minor units of the reporting currency, as an exact fraction: both are counted
-- in minor units of one euro. A currency in which nobody has a contract needs no rate; of one in which somebody has, a
-- missing rate stops the build.
{% set oldest_days = 7 %}
with stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_files__plan_rates as {{ inlined() }} (select * from {{ ref('stg_files__plan_rates') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
stg_fx__rates as (select * from {{ ref('stg_fx__rates') }}),
currencies as (select * from {{ ref('currencies') }}),

known as (
    select distinct currency from stg_stripe__subscriptions
    union
    select distinct currency from stg_stripe__invoices
    union
    select distinct currency from stg_files__plan_rates
    union
    select reporting_currency from int_stripe_clocks_read
),

recent as (
    select
        periods.fiscal_period, rates.currency, rates.rate,
        row_number() over (partition by periods.fiscal_period, rates.currency order by rates.rate_date desc) as age_rank
    from int_revenue_periods_ranged as periods
    inner join stg_fx__rates as rates
        on rates.rate_date <= periods.as_of_date
        and rates.rate_date >= {{ dbt.dateadd('day', -oldest_days, 'periods.as_of_date') }}
),

per_euro as (
    select
        periods.fiscal_period, periods.fiscal_year, periods.as_of_date, periods.starts_at, periods.ends_at,
        known.currency,
        {% for name, rate in [('plan_minor_units', 'planned.rate'), ('actual_minor_units', 'recent.rate')] %}
        {{ whole("coalesce(" ~ rate ~ ", case when known.currency = 'EUR' then 1 end) * 1000000000000") }}
            * cast(power(10, currencies.minor_unit_exponent) as bigint) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from int_revenue_periods_ranged as periods
    cross join known
    left join currencies as currencies on known.currency = currencies.currency
    left join stg_files__plan_rates as planned
        on known.currency = planned.currency and periods.fiscal_year = planned.fiscal_year
    left join recent
        on known.currency = recent.currency and periods.fiscal_period = recent.fiscal_period and recent.age_rank = 1
),

paired as (
    select
        per_euro.*,
        {% for name in ['plan_minor_units', 'actual_minor_units'] %}
        case when per_euro.currency = reporting.currency then 1 else reporting.{{ name }} end as reporting_{{ name }},
        case when per_euro.currency = reporting.currency then 1 else per_euro.{{ name }} end as currency_{{ name }},
        {% endfor %}
        reporting.currency as reporting_currency,
        exists (
            select 1 from stg_stripe__subscriptions as contracts
            where contracts.currency = per_euro.currency
                and contracts.started_at < per_euro.ends_at
                and coalesce(contracts.ended_at, per_euro.starts_at) >= per_euro.starts_at
        ) as is_needed
    from per_euro
    cross join int_stripe_clocks_read as clock
    inner join per_euro as reporting
        on per_euro.fiscal_period = reporting.fiscal_period and clock.reporting_currency = reporting.currency
),

-- All that are missing, so that one error names them all.
missing as (
    {% for rate, lacking, at in [('plan', 'planned rate of', 'fiscal_year'), ('actual', 'rate of', 'as_of_date')] %}
    {% for owner, of in [('reporting', 'reporting_currency'), ('currency', 'currency')] %}
    select '{{ rate }}' as kind, '{{ lacking }} ' || {{ of }} as rate_name, cast({{ at }} as varchar) as rate_at
    from paired
    where is_needed and {{ owner }}_{{ rate }}_minor_units is null
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
    {% for rate in ['plan', 'actual'] %}
    {% set reporting, own = 'paired.reporting_' ~ rate ~ '_minor_units', 'paired.currency_' ~ rate ~ '_minor_units' %}
    case
        when problem.rate_names is not null then {{ stop("'no ' || problem.rate_names") }}
        else cast({{ whole_quotient(reporting, common_divisor(reporting, own)) }} as decimal(38, 0))
    end as {{ rate }}_numerator,
    cast(
        {{ whole_quotient(own, common_divisor(reporting, own)) }} as decimal(38, 0)
    ) as {{ rate }}_denominator{{ ',' if not loop.last }}
    {% endfor %}
from paired
cross join problem
