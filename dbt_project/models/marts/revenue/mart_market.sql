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
        case when sizes.segment is null then 'all' else 'segment' end as slice_type,
        coalesce(sizes.segment, 'ALL') as slice_value,
        coalesce(sizes.product_id, 'COMPANY') as product_id,
        {% for size in ['tam', 'sam'] %}
        case
            when rates.plan_denominator is null
                then {{ stop("'no planned rate of ' || sizes.currency || ' for ' || periods.fiscal_period || "
                    ~ rate_remedy('plan')) }}
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
    {% for slice_type, slice_value in [('segment', 'balances.segment'), ('all', "'ALL'")] %}
    select
        balances.fiscal_period, balances.market, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        ancestors.ancestor_id as product_id,
        sum(balances.mrr_plan_minor) as mrr_minor
    from fct_mrr_balance as balances
    inner join int_revenue_periods_ranged as periods on balances.fiscal_period = periods.fiscal_period
    inner join int_product_ancestors_ranged as ancestors
        on balances.product_id = ancestors.product_id and {{ valid_on('ancestors', 'periods.as_of_date') }}
    group by 1, 2, 3, 4, 5
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

places as (
    select
        coalesce(held.fiscal_period, sizes.fiscal_period) as fiscal_period,
        coalesce(held.market, sizes.market) as market,
        coalesce(held.slice_type, sizes.slice_type) as slice_type,
        coalesce(held.slice_value, sizes.slice_value) as slice_value,
        coalesce(held.product_id, sizes.product_id) as product_id,
        12 * coalesce(held.mrr_minor, 0) as arr_minor, sizes.tam_minor, sizes.sam_minor
    from held
    full outer join sizes
        on held.fiscal_period = sizes.fiscal_period and held.market = sizes.market
        and held.slice_type = sizes.slice_type and held.slice_value = sizes.slice_value
        and held.product_id = sizes.product_id
),

labelled as (
    {{ labelled('places', 'int_revenue_periods_ranged', 'int_stripe_clocks_read', named=['market', 'slice']) }}
),

rolled_up as (
    {{ rolled_up('labelled', 'as_of_date') }}
)

select
    labelled.slice_type <> 'all' or rolled_up.product_id is not null as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.market,
    labelled.market_name,
    labelled.slice_type,
    labelled.slice_value,
    labelled.slice_name,
    {% for amount in ['arr', 'tam', 'sam'] %}
    {{ in_units('labelled.' ~ amount ~ '_minor', 'labelled') }} as {{ amount }},
    {% endfor %}
    {% for size in ['tam', 'sam'] %}
    {{ guarded(size ~ '_share_ratio', 'labelled.arr_minor', 'labelled.' ~ size ~ '_minor', none, 'no_size') }},
    {% endfor %}
    labelled.currency,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join rolled_up on labelled.product_id = rolled_up.product_id and labelled.as_of_date = rolled_up.as_of_date
