-- What was said of each key result on each day, beside what came of it where that is known.
with stg_forecasts__key_result_forecasts as (select * from {{ ref('stg_forecasts__key_result_forecasts') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_goals__key_result_days as (select * from {{ ref('int_goals__key_result_days') }})

select
    forecasts.key_result_id,
    forecasts.as_of_date as made_on,
    results.cycle_id,
    results.end_date,
    forecasts.is_current,
    forecasts.cycles,
    forecasts.reason,
    forecasts.p_hit,
    forecasts.p10,
    forecasts.p50,
    forecasts.p90,
    forecasts.expected,
    forecasts.usual_pace,
    ends.progress as end_progress,
    ends.progress >= results.success_at - 1e-9 as is_reached
from stg_forecasts__key_result_forecasts as forecasts
left join int_goals__key_results as results on forecasts.key_result_id = results.key_result_id
left join int_goals__key_result_days as ends
    on results.key_result_id = ends.key_result_id and ends.is_last and results.is_graded and results.has_outcome
