{#- Of fewer people leave is somebody's, and leave may be of their health. -#}
{%- set fewest_people = 5 -%}
-- Sums of a team leave the restricted database, no human and no pay. Leave of small teams is one figure of all of them,
-- and so is what it leaves over: each team's would be the difference.
with weekdays as (
    select
        cast({{ dbt.date_trunc('week', 'work_date') }} as date) as week_start_date,
        worker_id, team_id, fte, is_working_day, leave_share
    from {{ ref('int_worker_days_placed') }}
    where {{ dbt.datediff(dbt.date_trunc('week', 'work_date'), 'work_date', 'day') }} < 5
),

-- Weeks of five days, so that a day of somebody who works full time is a fifth.
teams as (
    select
        week_start_date, team_id, count(distinct worker_id) < {{ fewest_people }} as is_small,
        cast(sum(fte) * 0.2 as decimal(38, 12)) as gross_fte_weeks,
        cast(sum(case when is_working_day then 0 else fte end) * 0.2 as decimal(38, 12)) as holiday_fte_weeks
    from weekdays
    group by week_start_date, team_id
),

leaves as (
    select
        days.week_start_date, case when teams.is_small then 'SMALL_TEAMS' else days.team_id end as team_id,
        count(distinct days.worker_id) >= {{ fewest_people }} as is_shown,
        cast(sum(days.fte * days.leave_share) * 0.2 as decimal(38, 12)) as leave_fte_weeks,
        cast(sum(case when days.is_working_day then days.fte * (1 - days.leave_share) else 0 end) * 0.2
            as decimal(38, 12)) as supply_fte_weeks
    from weekdays as days
    inner join teams on days.week_start_date = teams.week_start_date and days.team_id = teams.team_id
    group by 1, 2
)

select
    coalesce(teams.week_start_date, leaves.week_start_date) as week_start_date,
    coalesce(teams.team_id, leaves.team_id) as team_id,
    coalesce(teams.gross_fte_weeks, 0) as gross_fte_weeks,
    coalesce(teams.holiday_fte_weeks, 0) as holiday_fte_weeks,
    case when leaves.is_shown then leaves.leave_fte_weeks end as leave_fte_weeks,
    case when leaves.is_shown then leaves.supply_fte_weeks end as supply_fte_weeks,
    case when leaves.team_id is null then 'rolled_up' when not leaves.is_shown then 'too_few' end
        as leave_suppressed_reason
from teams
full join leaves on teams.week_start_date = leaves.week_start_date and teams.team_id = leaves.team_id
