-- Sums of a team leave the restricted database, no human and no pay.
with weekdays as (
    select
        cast({{ dbt.date_trunc('week', 'work_date') }} as date) as week_start_date,
        team_id, fte, is_working_day, leave_share
    from {{ ref('int_worker_days_placed') }}
    where {{ dbt.datediff(dbt.date_trunc('week', 'work_date'), 'work_date', 'day') }} < 5
)

-- Weeks of five days, so that a day of somebody who works full time is a fifth.
select
    week_start_date,
    team_id,
    cast(sum(fte) * 0.2 as decimal(38, 12)) as gross_fte_weeks,
    cast(sum(case when is_working_day then 0 else fte end) * 0.2 as decimal(38, 12)) as holiday_fte_weeks,
    cast(sum(fte * leave_share) * 0.2 as decimal(38, 12)) as leave_fte_weeks
from weekdays
group by week_start_date, team_id
