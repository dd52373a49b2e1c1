-- Movements show what became of each contract; here they stand side by side between two balances. What went there and
-- back within the period adds up to nothing and is in mart_arr_movement only.
{% set moves = movement_types()[1:] %}
with fct_mrr_balance as {{ inlined() }} (select * from {{ ref('fct_mrr_balance') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
fct_mrr_movement as (select * from {{ ref('fct_mrr_movement') }}),
int_usage_bills_summed as (select * from {{ ref('int_usage_bills_summed') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

steps as (
    select
        fiscal_period, product_id, segment, market, 'closing' as step, mrr_plan_minor as plan_minor,
        mrr_actual_minor as actual_minor
    from fct_mrr_balance
    union all
    select
        periods.fiscal_period, opening.product_id, opening.segment, opening.market, 'opening', opening.mrr_plan_minor,
        opening.mrr_actual_minor
    from int_revenue_periods_ranged as periods
    inner join fct_mrr_balance as opening on periods.prior_fiscal_period = opening.fiscal_period
    union all
    select fiscal_period, product_id, segment, market, company_type, delta_plan_minor, delta_actual_minor
    from fct_mrr_movement
    where not is_intra_period
    union all
    select fiscal_period, product_id, segment, market, 'usage', usage_plan_minor, 0 from int_usage_bills_summed
),

bridges as (
    select
        fiscal_period, product_id, segment, market,
        {% for step in ['opening'] + moves + ['fx', 'closing', 'usage'] %}
        sum(case when step = '{{ step }}' then plan_minor else 0 end) as {{ step }}_plan_minor,
        {% endfor %}
        {% for step in ['opening', 'fx', 'closing'] %}
        sum(case when step = '{{ step }}' then actual_minor else 0 end) as {{ step }}_actual_minor,
        {% endfor %}
        sum(case when step in ('{{ moves | join("', '") }}') then actual_minor else 0 end) as moved_actual_minor
    from steps
    group by fiscal_period, product_id, segment, market
),

labelled as (
    {{ labelled('bridges', 'int_revenue_periods_ranged', 'int_stripe_clocks_read') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    segment,
    segment_name,
    market,
    market_name,
    {% for step in ['opening'] + moves + ['fx'] %}
    case
        when prior_fiscal_period is not null then {{ in_units(step ~ '_plan_minor', 'labelled') }}
    end as {{ step }}_mrr,
    {% endfor %}
    {{ in_units('closing_plan_minor', 'labelled') }} as closing_mrr,
    {{ in_units('12 * closing_plan_minor', 'labelled') }} as closing_arr,
    {% for step in ['opening', 'moved', 'fx'] %}
    case
        when prior_fiscal_period is not null then {{ in_units(step ~ '_actual_minor', 'labelled') }}
    end as {{ step }}_mrr_actual,
    {% endfor %}
    {{ in_units('closing_actual_minor', 'labelled') }} as closing_mrr_actual,
    {{ in_units('12 * closing_actual_minor', 'labelled') }} as closing_arr_actual,
    case when policy.usage_shown then {{ in_units('usage_plan_minor', 'labelled') }} end as usage_mrr,
    currency,
    data_as_of,
    loaded_at
from labelled
cross join int_policies_read as policy
