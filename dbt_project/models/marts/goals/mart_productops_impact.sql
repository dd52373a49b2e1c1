{%- set key = ['fiscal_quarter', 'product_id', 'stage'] -%}
-- Kaplan and Meier's estimate: of the rounds that lasted as long as t, those that came to their end at t leave the
-- share that lasts longer. Who is still open at the age t was at risk at t.
with int_decision_stages_timed as (select * from {{ ref('int_decision_stages_timed') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
dim_product as (select * from {{ ref('dim_product') }}),

-- A median adds up over nothing, so all quarters and the company are estimated anew.
slices as (
    {% for quarter in ['fiscal_quarter', "'ALL'"] %}
    {% for product in ['product_id', "'COMPANY'"] %}
    select
        {{ quarter }} as fiscal_quarter, {{ product }} as product_id, stage, decision_id, times_raised, is_decided,
        is_withdrawn, is_over, stage_ms, stage_reason
    from int_decision_stages_timed
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counts as (
    select
        {{ key | join(', ') }},
        count(distinct decision_id) as questions,
        count(distinct case when times_raised > 1 then decision_id end) as reopened_questions,
        count(*) as rounds,
        count(case when is_decided then 1 end) as rounds_decided,
        count(case when is_withdrawn then 1 end) as rounds_withdrawn,
        count(case when is_over then 1 end) as stages_over,
        count(case when stage_reason is null and not is_over then 1 end) as stages_open,
        count(case when stage_reason like '%_before_%' then 1 end) as stages_out_of_order,
        count(case when stage_reason like '%_unknown' then 1 end) as stages_unknown
    from slices
    group by {{ key | join(', ') }}
),

ages as (
    select {{ key | join(', ') }}, stage_ms, count(*) as rounds, count(case when is_over then 1 end) as rounds_over
    from slices
    where stage_ms is not null
    group by {{ key | join(', ') }}, stage_ms
),

at_risk as (
    select *, sum(rounds) over (partition by {{ key | join(', ') }} order by stage_ms desc) as rounds_at_risk
    from ages
),

-- A share of nothing has no logarithm, and nothing comes after it.
survival as (
    select
        *,
        case
            when rounds_over = rounds_at_risk then 0
            else exp(sum(ln(
                case
                    when rounds_over = rounds_at_risk then 1
                    else (rounds_at_risk - rounds_over) * 1.0 / rounds_at_risk
                end
            )) over (partition by {{ key | join(', ') }} order by stage_ms))
        end as longer_share
    from at_risk
),

-- A half is a half although logarithms are rounded.
estimates as (
    select
        {{ key | join(', ') }},
        {% for name, level in [('median', 0.5), ('p85', 0.85)] %}
        min(case when longer_share <= 1 - {{ level }} + 0.000000001 then stage_ms end) / 3600000.0
            as {{ name }}_hours{{ ',' if not loop.last }}
        {% endfor %}
    from survival
    group by {{ key | join(', ') }}
),

quarters as (
    select
        periods.fiscal_quarter, min(periods.first_date) as period_start_date, max(periods.last_date) as period_end_date
    from stg_files__fiscal_periods as periods
    group by periods.fiscal_quarter
),

today as (
    select
        clock.data_as_of, clock.loaded_at,
        cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as local_date, policy.ratio_min_n
    from int_files_clocks_read as clock
    cross join int_policies_read as policy
)

select
    counts.fiscal_quarter = 'ALL' or counts.product_id = 'COMPANY' as is_rollup,
    counts.fiscal_quarter,
    quarters.period_start_date,
    case when counts.fiscal_quarter = 'ALL' then today.local_date else quarters.period_end_date end as period_end_date,
    coalesce(quarters.period_end_date < today.local_date, false) as is_complete,
    counts.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    counts.stage,
    {% for count in ['questions', 'reopened_questions', 'rounds', 'rounds_decided', 'rounds_withdrawn', 'stages_over',
        'stages_open', 'stages_out_of_order', 'stages_unknown'] %}
    counts.{{ count }},
    {% endfor %}
    {{ guarded('reopened_ratio', 'counts.reopened_questions', 'counts.questions', 'counts.questions', 'no_questions',
        least='today.ratio_min_n') }},
    {% for name in ['median', 'p85'] %}
    cast(estimates.{{ name }}_hours as double) as {{ name }}_hours,
    case
        when estimates.{{ name }}_hours is not null then null
        when counts.stages_over + counts.stages_open = 0 then 'no_stages'
        else 'not_reached'
    end as {{ name }}_hours_reason,
    {% endfor %}
    cast(null as double) as pack_preparation_hours,
    'no_pack' as pack_preparation_hours_reason,
    today.data_as_of,
    today.loaded_at
from counts
cross join today
left join estimates
    on counts.fiscal_quarter = estimates.fiscal_quarter and counts.product_id = estimates.product_id
    and counts.stage = estimates.stage
left join quarters on counts.fiscal_quarter = quarters.fiscal_quarter
left join dim_product as products on counts.product_id = products.product_id
