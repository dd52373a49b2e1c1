{% set means %}
Red: a day of somebody's work is more or less than one under a model of effort, or in no range, so products get too
much cost or too little.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'fct_effort'}}, 'description': means}) }}
with shares as (
    select
        effort_model, worker_id, valid_from, sum(share_millionths) as share_millionths,
        min(working_days) as working_days, min(capacity_millionths) as capacity_millionths
    from {{ ref('fct_effort') }}
    group by effort_model, worker_id, valid_from
),

days as (
    select
        worker_id, count(*) as working_days, sum(fte * (1 - leave_share)) as capacity
    from {{ ref('int_worker_days_placed') }}
    where is_working_day and leave_share < 1 and fte > 0
    group by worker_id
),

models as (
    select
        effort_model, worker_id, sum(working_days) as working_days, sum(capacity_millionths) as capacity_millionths,
        count(case when share_millionths <> 1000000 then 1 end) as wrong_ranges
    from shares
    group by effort_model, worker_id
)

select days.worker_id, names.effort_model
from days
cross join (select distinct effort_model from models) as names
left join models on days.worker_id = models.worker_id and names.effort_model = models.effort_model
where
    coalesce(models.wrong_ranges, 1) > 0
    or models.working_days <> days.working_days
    -- Each day is rounded to millionths.
    or abs(models.capacity_millionths - days.capacity * 1000000) > days.working_days
