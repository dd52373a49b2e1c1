-- Neither side stands in for the other: a size without revenue and revenue without a size both have a row, and no size
-- is added up or divided.
with stg_files__market_sizes as (select * from {{ ref('stg_files__market_sizes') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),
fct_mrr_balance as {{ inlined() }} (select * from {{ ref('fct_mrr_balance') }}),
int_product_ancestors_ranged as {{ inlined() }} (select * from {{ ref('int_product_ancestors_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

sizes as (
    select
        periods.fiscal_period, sizes.market,
        coalesce(sizes.segment, 'ALL') as segment,
        coalesce(sizes.product_id, 'COMPANY') as product_id,
        {% for size in ['tam', 'sam'] %}
        case
            when rates.plan_denominator is null
                then {{ stop("'no planned rate of ' || sizes.currency || ' for ' || periods.fiscal_period") }}
            else {{ half_even(
                whole('sizes.' ~ size ~ '_amount * 1000000000000')
                    ~ ' * cast(power(10, own.minor_unit_exponent) as bigint) * ' ~ whole('rates.plan_numerator'),
                whole('rates.plan_denominator') ~ ' * 1000000000000'
            ) }}
        end as {{ size }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from stg_files__market_sizes as sizes
    inner join int_revenue_periods_ranged as periods
        on sizes.calendar_year = extract(year from periods.as_of_date)
    left join int_revenue_rates_resolved as rates
        on periods.fiscal_period = rates.fiscal_period and sizes.currency = rates.currency
    left join dim_currency as own on sizes.currency = own.currency
),

held as (
    {% for segment in ['balances.segment', "'ALL'"] %}
    select
        balances.fiscal_period, balances.market, {{ segment }} as segment, ancestors.ancestor_id as product_id,
        sum(balances.mrr_plan_minor) as mrr_minor
    from fct_mrr_balance as balances
    inner join int_revenue_periods_ranged as periods on balances.fiscal_period = periods.fiscal_period
    inner join int_product_ancestors_ranged as ancestors
        on balances.product_id = ancestors.product_id and {{ valid_on('ancestors', 'periods.as_of_date') }}
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

places as (
    select
        coalesce(held.fiscal_period, sizes.fiscal_period) as fiscal_period,
        coalesce(held.market, sizes.market) as market,
        coalesce(held.segment, sizes.segment) as segment,
        coalesce(held.product_id, sizes.product_id) as product_id,
        12 * coalesce(held.mrr_minor, 0) as arr_minor, sizes.tam_minor, sizes.sam_minor
    from held
    full outer join sizes
        on held.fiscal_period = sizes.fiscal_period and held.market = sizes.market and held.segment = sizes.segment
        and held.product_id = sizes.product_id
),

labelled as (
    {{ labelled('places', 'int_revenue_periods_ranged', 'int_stripe_clocks_read') }}
)

select
    fiscal_period,
    fiscal_year,
    period_end_date,
    is_complete,
    market,
    segment,
    product_id,
    product_name,
    product_level,
    portfolio_id,
    portfolio_id_as_was,
    {% for amount in ['arr', 'tam', 'sam'] %}
    {{ in_units(amount ~ '_minor', 'labelled') }} as {{ amount }},
    {% endfor %}
    {% for size in ['tam', 'sam'] %}
    cast(arr_minor as double) / nullif({{ size }}_minor, 0) as {{ size }}_share_ratio,
    {% endfor %}
    currency,
    data_as_of,
    loaded_at
from labelled
