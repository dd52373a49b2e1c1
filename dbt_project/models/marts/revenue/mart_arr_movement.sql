with moved as (
    select
        fiscal_period, product_id, segment, market, company_type, product_type, is_intra_period, is_involuntary,
        sum(greatest(delta_plan_minor, 0)) as gained_minor,
        sum(least(delta_plan_minor, 0)) as lost_minor,
        sum(delta_plan_minor) as plan_minor,
        sum(delta_actual_minor) as actual_minor
    from {{ ref('fct_mrr_movement') }}
    group by fiscal_period, product_id, segment, market, company_type, product_type, is_intra_period, is_involuntary
)

select
    moved.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.last_date < clock.as_of_date as is_complete,
    moved.product_id,
    products.product_name,
    products.level as product_level,
    products.portfolio_id,
    as_was.portfolio_id as portfolio_id_as_was,
    moved.segment,
    moved.market,
    moved.company_type,
    moved.product_type,
    moved.is_intra_period,
    moved.is_involuntary,
    {% for name, column in [('gained_mrr', 'gained'), ('lost_mrr', 'lost'), ('mrr_change', 'plan'), ('mrr_change_actual', 'actual')] %}
    {{ in_units('moved.' ~ column ~ '_minor', 'reporting') }} as {{ name }},
    {% endfor %}
    reporting.currency,
    clock.data_as_of
from moved
inner join {{ ref('int_revenue_periods_ranged') }} as periods on moved.fiscal_period = periods.fiscal_period
cross join {{ ref('int_stripe_clocks_read') }} as clock
inner join {{ ref('dim_currency') }} as reporting on clock.reporting_currency = reporting.currency
left join {{ ref('dim_product') }} as products on moved.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_resolved') }} as as_was on moved.product_id = as_was.product_id and periods.as_of_date = as_was.mapping_date
