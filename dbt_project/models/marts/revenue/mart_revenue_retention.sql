with slices as (
    {% for slice_type, slice_value in [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
    select
        fiscal_period, product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        count(*) as logos, sum(start_minor) as start_minor, sum(net_minor) as net_minor, sum(gross_minor) as gross_minor
    from {{ ref('int_cohort_logos_retained') }}
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    slices.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.last_date < clock.as_of_date as is_complete,
    slices.product_id,
    products.product_name,
    products.level as product_level,
    products.portfolio_id,
    as_was.portfolio_id as portfolio_id_as_was,
    slices.slice_type,
    slices.slice_value,
    cast(slices.logos as bigint) as cohort_logos,
    {% for part in ['start', 'net', 'gross'] %}
    {{ in_units('slices.' ~ part ~ '_minor', 'reporting') }} as {{ part }}_mrr,
    {% endfor %}
    cast(slices.net_minor as double) / nullif(slices.start_minor, 0) as nrr_ratio,
    cast(slices.gross_minor as double) / nullif(slices.start_minor, 0) as grr_ratio,
    reporting.currency,
    clock.data_as_of
from slices
inner join {{ ref('int_revenue_periods_ranged') }} as periods on slices.fiscal_period = periods.fiscal_period
cross join {{ ref('int_stripe_clocks_read') }} as clock
inner join {{ ref('dim_currency') }} as reporting on clock.reporting_currency = reporting.currency
left join {{ ref('dim_product') }} as products on slices.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_resolved') }} as as_was on slices.product_id = as_was.product_id and periods.as_of_date = as_was.mapping_date
