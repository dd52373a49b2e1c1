with fct_mrr_movement as (select * from {{ ref('fct_mrr_movement') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

moved as (
    select
        fiscal_period, product_id, segment, market, company_type, product_type, is_intra_period, is_involuntary,
        sum(greatest(delta_plan_minor, 0)) as gained_minor,
        sum(least(delta_plan_minor, 0)) as lost_minor,
        sum(delta_plan_minor) as plan_minor,
        sum(delta_actual_minor) as actual_minor
    from fct_mrr_movement
    group by fiscal_period, product_id, segment, market, company_type, product_type, is_intra_period, is_involuntary
),

labelled as (
    {{ labelled('moved', 'int_revenue_periods_ranged', 'int_stripe_clocks_read') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    segment,
    segment_name,
    market,
    market_name,
    company_type,
    product_type,
    is_intra_period,
    is_involuntary,
    {% for name, column in [('gained_mrr', 'gained'), ('lost_mrr', 'lost'), ('mrr_change', 'plan'),
        ('mrr_change_actual', 'actual')] %}
    {{ in_units(column ~ '_minor', 'labelled') }} as {{ name }},
    {% endfor %}
    currency,
    data_as_of,
    loaded_at
from labelled
