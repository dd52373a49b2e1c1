with int_cohort_logos_retained as {{ inlined() }} (select * from {{ ref('int_cohort_logos_retained') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

slices as (
    {% for slice_type, slice_value in [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
    select
        fiscal_period, product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        count(*) as logos, sum(start_minor) as start_minor, sum(net_minor) as net_minor, sum(gross_minor) as gross_minor
    from int_cohort_logos_retained
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

labelled as (
    {{ labelled('slices', 'int_revenue_periods_ranged', 'int_stripe_clocks_read') }}
)

select
    fiscal_period,
    fiscal_year,
    period_end_date,
    is_complete,
    product_id,
    product_name,
    product_level,
    portfolio_id,
    portfolio_id_as_was,
    slice_type,
    slice_value,
    cast(logos as bigint) as cohort_logos,
    {% for part in ['start', 'net', 'gross'] %}
    {{ in_units(part ~ '_minor', 'labelled') }} as {{ part }}_mrr,
    {% endfor %}
    cast(net_minor as double) / nullif(start_minor, 0) as nrr_ratio,
    cast(gross_minor as double) / nullif(start_minor, 0) as grr_ratio,
    currency,
    data_as_of,
    loaded_at
from labelled
