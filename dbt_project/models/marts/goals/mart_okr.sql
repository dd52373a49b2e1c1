{%- set figures = ['p_hit', 'p_hit_lowest', 'p_hit_highest', 'p10', 'p50', 'p90', 'usual_pace'] -%}
with int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_goals__key_result_days as (select * from {{ ref('int_goals__key_result_days') }}),
int_goals__objective_days as (select * from {{ ref('int_goals__objective_days') }}),
stg_forecasts__key_result_forecasts as (select * from {{ ref('stg_forecasts__key_result_forecasts') }}),
stg_forecasts__objective_forecasts as (select * from {{ ref('stg_forecasts__objective_forecasts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
dim_product as (select * from {{ ref('dim_product') }}),

objectives as (
    select * from int_goals__objective_days where is_last
),

goals as (
    select
        'key_result' as goal_type, results.key_result_id as goal_id, results.key_result_name as goal_name,
        results.objective_id, results.cycle_id, results.cycle_name, results.owner, results.product_id, results.kr_type,
        results.unit, results.metric, results.slice, results.first_date, results.end_date, results.left_date,
        results.today, results.status, results.success_at,
        days.day, days.is_last, days.start_value, days.original_target_value, days.target_value, days.manual_date,
        days.manual_value, days.bound_date, days.bound_value, days.value, days.is_overridden, days.is_disputed,
        results.weight, days.progress, days.reason, days.original_progress, days.original_reason,
        1 as key_results, case when days.progress is null then 0 else 1 end as key_results_scored,
        0 as objectives, 0 as objectives_scored, results.weight as weight_total,
        case when days.progress is null then 0 else results.weight end as weight_scored,
        cast(null as double) as member_due
    from int_goals__key_result_days as days
    inner join int_goals__key_results as results on days.key_result_id = results.key_result_id
    union all
    select
        'objective', objective_id, objective_name, objective_id, cycle_id, cycle_name, owner, product_id, null,
        null, null, null, first_date, end_date, left_date,
        today, status, null,
        day, is_last, null, null, null, null,
        null, null, null, null, null, null,
        weight, score, reason, original_score, reason,
        key_results, key_results_scored, objectives, objectives_scored, weight_total, weight_scored, due
    from int_goals__objective_days
),

paced as (
    select
        goals.*,
        {{ clipped('goals.progress') }} as score,
        {{ clipped('goals.original_progress') }} as original_score,
        {{ life_over('goals.day', 'goals.first_date', 'goals.end_date', 'policy.okr_pace_ends') }} as over_by_now,
        goals.end_date <= goals.today as is_complete
    from goals
    cross join int_policies_read as policy
),

expected as (
    select
        *,
        case
            when goal_type = 'objective' then member_due
            when kr_type = 'binary' then null
            when kr_type in ('stay-above', 'stay-below') then 1
            else over_by_now
        end as due,
        case
            when goal_type = 'objective' then 1
            when kr_type not in ('binary', 'stay-above', 'stay-below') then success_at
        end as aim
    from paced
),

forecasts as (
    select
        'key_result' as goal_type, key_result_id as goal_id, as_of_date, reason, p_hit, p_hit as p_hit_lowest,
        p_hit as p_hit_highest, p10, p50, p90, expected, usual_pace, p_hit as chance
    from stg_forecasts__key_result_forecasts
    where is_current
    union all
    select
        'objective', objective_id, as_of_date, reason, p_all, lowest, highest, p10, p50, p90, null, null, p50
    from stg_forecasts__objective_forecasts
),

-- A forecast is of the last row of a goal that runs. Of little history, or without a value, it gives no label.
labelled as (
    select
        expected.*,
        forecasts.as_of_date as forecast_date,
        {% for column in figures %}
        forecasts.{{ column }},
        {% endfor %}
        forecasts.expected as learned_progress,
        case when forecasts.reason is null then forecasts.chance end as chance,
        case
            when expected.is_last and not expected.is_complete and expected.left_date > expected.today
                then case when forecasts.goal_id is null then 'no_forecast' else forecasts.reason end
        end as forecast_reason,
        progress / nullif(due, 0) as pace,
        case
            when progress is null then expected.reason
            when due is null then 'binary'
            when due = 0 then 'cycle_begins'
        end as no_pace_reason,
        case
            when over_by_now < 1 and progress < aim then (aim - progress) / (1 - over_by_now)
            when over_by_now < 1 and progress >= aim then 0
        end as needed_pace,
        case
            when is_last and left_date <= today and left_date < end_date
                then case status when 'active' then 'ended' else status end
            when progress is null then expected.reason
        end as not_known_reason,
        case when is_last and is_complete and expected.goal_type = 'key_result' then progress >= success_at - 1e-9 end
            as is_reached
    from expected
    left join forecasts
        on expected.goal_type = forecasts.goal_type and expected.goal_id = forecasts.goal_id
        and expected.is_last and not expected.is_complete and expected.left_date > expected.today
)

select
    labelled.goal_type = 'objective' as is_rollup,
    labelled.day as as_of_date,
    labelled.goal_type,
    labelled.goal_id,
    labelled.is_last as is_latest,
    labelled.is_complete,
    labelled.goal_name,
    labelled.objective_id,
    objectives.objective_name,
    labelled.cycle_id,
    labelled.cycle_name,
    labelled.first_date as start_date,
    cast({{ dbt.dateadd('day', -1, 'labelled.end_date') }} as date) as end_date,
    labelled.owner,
    coalesce(labelled.product_id, 'COMPANY') as product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    labelled.kr_type,
    labelled.unit,
    labelled.metric,
    labelled.slice as metric_slice,
    labelled.status,
    labelled.start_value,
    labelled.original_target_value,
    labelled.target_value,
    labelled.manual_value,
    labelled.manual_date,
    labelled.bound_value,
    labelled.bound_date,
    case
        when labelled.metric = 'manual' or labelled.bound_value is not null then null
        when labelled.metric in ('{{ bindable_measures() | join("', '") }}') then 'no_data'
        when labelled.metric is not null then 'not_bindable'
    end as bound_reason,
    labelled.value,
    labelled.is_overridden,
    labelled.is_disputed,
    labelled.weight,
    labelled.success_at,
    labelled.progress as progress_ratio,
    labelled.reason as progress_ratio_suppressed_reason,
    labelled.original_progress as original_progress_ratio,
    labelled.original_reason as original_progress_ratio_suppressed_reason,
    labelled.score,
    labelled.original_score,
    cast(labelled.key_results as bigint) as key_results,
    cast(labelled.key_results_scored as bigint) as key_results_scored,
    cast(labelled.weight_scored as double) as weight_scored,
    case when labelled.goal_type = 'objective' then
        labelled.key_results_scored || ' of ' || labelled.key_results || ' key results, weight '
        || {{ plain_number('labelled.weight_scored') }} || ' of ' || {{ plain_number('labelled.weight_total') }}
        || case when labelled.objectives > 0
            then ', ' || labelled.objectives_scored || ' of ' || labelled.objectives || ' objectives' else '' end
    end as coverage,
    cast(labelled.due as double) as expected_progress,
    cast(labelled.pace as double) as pace_ratio,
    labelled.no_pace_reason as pace_ratio_suppressed_reason,
    cast(labelled.needed_pace as double) as needed_pace,
    {% for column in figures + ['learned_progress'] %}
    cast(labelled.{{ column }} as double) as {{ column }},
    {% endfor %}
    labelled.forecast_date,
    labelled.forecast_reason,
    labelled.is_reached,
    case
        when labelled.not_known_reason is not null then 'not_known'
        when labelled.is_last and labelled.is_complete and labelled.goal_type = 'objective'
            then {{ goal_label('labelled.score') }}
        when labelled.is_reached then 'on_track'
        when not labelled.is_reached then 'off_track'
        when labelled.chance is not null then {{ goal_label('labelled.chance') }}
        when labelled.no_pace_reason = 'binary' and labelled.progress >= 1 then 'on_track'
        when labelled.no_pace_reason is not null then 'not_known'
        else {{ goal_label('labelled.pace') }}
    end as label,
    case
        when labelled.not_known_reason is not null then labelled.not_known_reason
        when labelled.is_last and labelled.is_complete and labelled.goal_type = 'objective' then 'ended'
        when labelled.is_reached then 'reached'
        when not labelled.is_reached then 'missed'
        when labelled.chance is not null then 'forecast'
        when labelled.no_pace_reason = 'binary' and labelled.progress >= 1 then 'reached'
        when labelled.no_pace_reason is not null then labelled.no_pace_reason
        else 'pace'
    end as label_reason,
    clock.data_as_of,
    clock.loaded_at
from labelled
cross join int_files_clocks_read as clock
left join objectives on labelled.objective_id = objectives.objective_id
left join dim_product as products on coalesce(labelled.product_id, 'COMPANY') = products.product_id
