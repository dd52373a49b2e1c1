-- Counts of a team and function leave the restricted database, no human and no pay. The beginning of a period is the
-- last day before it.
with heads as (
    select * from {{ ref('int_worker_days_placed') }} where is_head
),

ends as (
    select
        heads.fiscal_period, heads.team_id, heads.function_name,
        count(case when heads.work_date = periods.as_of_date then 1 end) as headcount,
        sum(case when heads.work_date = periods.as_of_date then heads.fte else 0 end) as fte,
        0 as opening_headcount,
        0 as opening_fte,
        sum(heads.fte) as fte_days
    from heads
    inner join {{ ref('int_fiscal_periods_begun') }} as periods on heads.fiscal_period = periods.fiscal_period
    group by heads.fiscal_period, heads.team_id, heads.function_name
    union all
    select periods.fiscal_period, heads.team_id, heads.function_name, 0, 0, count(*), sum(heads.fte), 0
    from {{ ref('int_fiscal_periods_begun') }} as periods
    inner join heads on {{ dbt.dateadd('day', -1, 'periods.first_date') }} = heads.work_date
    group by periods.fiscal_period, heads.team_id, heads.function_name
)

select
    fiscal_period,
    team_id,
    function_name,
    cast(sum(headcount) as bigint) as headcount,
    cast(sum(opening_headcount) as bigint) as opening_headcount,
    cast(sum(fte) as decimal(38, 6)) as fte,
    cast(sum(opening_fte) as decimal(38, 6)) as opening_fte,
    cast(sum(fte_days) as decimal(38, 6)) as fte_days
from ends
group by fiscal_period, team_id, function_name
