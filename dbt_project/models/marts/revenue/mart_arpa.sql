-- Who pays on several slices or for several products counts on each of them once, so every slice and the company are counted anew. What nobody's accounts bring
-- has no customer to be divided by and stands beside the average.
with amounts as (
    select fiscal_period, product_id, segment, market, customer_id, mrr_plan_minor as held_minor, null as new_minor from {{ ref('fct_mrr_balance') }}
    union all
    select fiscal_period, 'COMPANY', segment, market, customer_id, mrr_plan_minor, null from {{ ref('fct_mrr_balance') }}
    {% for product, type in [('product_id', 'product_type'), ("'COMPANY'", 'company_type')] %}
    union all
    select fiscal_period, {{ product }}, segment, market, customer_id, null, delta_plan_minor
    from {{ ref('fct_mrr_movement') }}
    where not is_intra_period and {{ type }} = 'logo_new' and customer_id <> 'UNMAPPED'
    {% endfor %}
),

slices as (
    {% for slice_type, slice_value in [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
    select
        fiscal_period, product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        coalesce(sum(case when customer_id <> 'UNMAPPED' then held_minor end), 0) as paying_minor,
        count(distinct case when customer_id <> 'UNMAPPED' and held_minor is not null then customer_id end) as paying_customers,
        coalesce(sum(case when customer_id = 'UNMAPPED' then held_minor end), 0) as unmapped_minor,
        coalesce(sum(new_minor), 0) as new_minor,
        count(distinct case when new_minor is not null then customer_id end) as new_customers
    from amounts
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
    {{ in_units('slices.paying_minor', 'reporting') }} as paying_mrr,
    cast(slices.paying_customers as bigint) as paying_customers,
    cast({{ in_units('slices.paying_minor', 'reporting') }} as double) / nullif(slices.paying_customers, 0) as arpa,
    {{ in_units('slices.unmapped_minor', 'reporting') }} as unmapped_mrr,
    case when periods.prior_fiscal_period is not null then {{ in_units('slices.new_minor', 'reporting') }} end as new_mrr,
    case when periods.prior_fiscal_period is not null then cast(slices.new_customers as bigint) end as new_customers,
    cast({{ in_units('slices.new_minor', 'reporting') }} as double) / nullif(slices.new_customers, 0) as asp,
    reporting.currency,
    clock.data_as_of
from slices
inner join {{ ref('int_revenue_periods_ranged') }} as periods on slices.fiscal_period = periods.fiscal_period
cross join {{ ref('int_stripe_clocks_read') }} as clock
inner join {{ ref('dim_currency') }} as reporting on clock.reporting_currency = reporting.currency
left join {{ ref('dim_product') }} as products on slices.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_resolved') }} as as_was on slices.product_id = as_was.product_id and periods.as_of_date = as_was.mapping_date
