-- Movements show what became of each contract; here they stand side by side between two balances. What went there and back within the period adds up to nothing
-- and is in mart_arr_movement only.
{% set moves = movement_types()[1:] %}
with steps as (
    select fiscal_period, product_id, segment, market, 'closing' as step, mrr_plan_minor as plan_minor, mrr_actual_minor as actual_minor
    from {{ ref('fct_mrr_balance') }}
    union all
    select periods.fiscal_period, opening.product_id, opening.segment, opening.market, 'opening', opening.mrr_plan_minor, opening.mrr_actual_minor
    from {{ ref('int_revenue_periods_ranged') }} as periods
    inner join {{ ref('fct_mrr_balance') }} as opening on periods.prior_fiscal_period = opening.fiscal_period
    union all
    select fiscal_period, product_id, segment, market, company_type, delta_plan_minor, delta_actual_minor
    from {{ ref('fct_mrr_movement') }}
    where not is_intra_period
),

bridges as (
    select
        fiscal_period, product_id, segment, market,
        {% for step in ['opening'] + moves + ['fx', 'closing'] %}
        sum(case when step = '{{ step }}' then plan_minor else 0 end) as {{ step }}_plan_minor,
        {% endfor %}
        {% for step in ['opening', 'fx', 'closing'] %}
        sum(case when step = '{{ step }}' then actual_minor else 0 end) as {{ step }}_actual_minor,
        {% endfor %}
        sum(case when step not in ('opening', 'fx', 'closing') then actual_minor else 0 end) as moved_actual_minor
    from steps
    group by fiscal_period, product_id, segment, market
)

select
    bridges.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.last_date < clock.as_of_date as is_complete,
    bridges.product_id,
    products.product_name,
    products.level as product_level,
    products.portfolio_id,
    as_was.portfolio_id as portfolio_id_as_was,
    bridges.segment,
    bridges.market,
    {% for step in ['opening'] + moves + ['fx'] %}
    case when periods.prior_fiscal_period is not null then {{ in_units('bridges.' ~ step ~ '_plan_minor', 'reporting') }} end as {{ step }}_mrr,
    {% endfor %}
    {{ in_units('bridges.closing_plan_minor', 'reporting') }} as closing_mrr,
    {{ in_units('12 * bridges.closing_plan_minor', 'reporting') }} as closing_arr,
    {% for step in ['opening', 'moved', 'fx'] %}
    case when periods.prior_fiscal_period is not null then {{ in_units('bridges.' ~ step ~ '_actual_minor', 'reporting') }} end as {{ step }}_mrr_actual,
    {% endfor %}
    {{ in_units('bridges.closing_actual_minor', 'reporting') }} as closing_mrr_actual,
    {{ in_units('12 * bridges.closing_actual_minor', 'reporting') }} as closing_arr_actual,
    reporting.currency,
    clock.data_as_of
from bridges
inner join {{ ref('int_revenue_periods_ranged') }} as periods on bridges.fiscal_period = periods.fiscal_period
cross join {{ ref('int_stripe_clocks_read') }} as clock
inner join {{ ref('dim_currency') }} as reporting on clock.reporting_currency = reporting.currency
left join {{ ref('dim_product') }} as products on bridges.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_resolved') }} as as_was on bridges.product_id = as_was.product_id and periods.as_of_date = as_was.mapping_date
