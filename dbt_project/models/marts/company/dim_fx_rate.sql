-- The rates that convert revenue, between units. A currency that nobody needs a rate of, and that has none, is not
-- there.
with int_revenue_rates_resolved as {{ inlined() }} (select * from {{ ref('int_revenue_rates_resolved') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
currencies as {{ inlined() }} (select * from {{ ref('currencies') }})

{% for rate in ['plan', 'actual'] %}
select
    rates.fiscal_period,
    rates.currency,
    '{{ rate }}' as rate_type,
    reporting.currency as reporting_currency,
    cast(
        {{ half_even(
            whole('rates.' ~ rate ~ '_numerator')
                ~ ' * 1000000000 * cast(power(10, own.minor_unit_exponent) as bigint)',
            whole('rates.' ~ rate ~ '_denominator') ~ ' * cast(power(10, reporting.minor_unit_exponent) as bigint)'
        ) }} * cast(0.000000001 as decimal(10, 9)) as decimal(18, 9)
    ) as rate
from int_revenue_rates_resolved as rates
cross join int_stripe_clocks_read as clock
inner join currencies as own on rates.currency = own.currency
inner join currencies as reporting on clock.reporting_currency = reporting.currency
where rates.{{ rate }}_numerator is not null and rates.{{ rate }}_denominator is not null
{{ 'union all' if not loop.last }}
{% endfor %}
