{#- Of fewer people at work it would tell whose leave there was, and what single people did. -#}
{%- set fewest_people = 5 -%}
-- What the days of teams went into, planned or not. Sums of a team leave the restricted database, of none of few.
with int_worker_days_placed as (select * from {{ ref('int_worker_days_placed') }}),
fct_effort as (select * from {{ ref('fct_effort') }}),
int_issue_sprints_ranged as (select * from {{ ref('int_issue_sprints_ranged') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
stg_jira__sprints as (select * from {{ ref('stg_jira__sprints') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

days as (
    select
        worker_id, work_date, team_id,
        cast({{ dbt.date_trunc('week', 'work_date') }} as date) as week_start_date,
        {{ half_even(whole('fte * 1000000') ~ ' * (1000000 - ' ~ whole('leave_share * 1000000') ~ ')', '1000000') }}
            as capacity_millionths
    from int_worker_days_placed
    where is_working_day and leave_share < 1 and fte > 0
),

shown as (
    select team_id, week_start_date
    from days
    group by team_id, week_start_date
    having count(distinct worker_id) >= {{ fewest_people }}
),

-- Shares of a day, by what Jira always has: who had what in progress.
parts as (
    select
        days.team_id, days.week_start_date, days.work_date, effort.work_item_id,
        sum({{ whole('days.capacity_millionths') }} * effort.share_millionths) as trillionths
    from days
    inner join shown on days.team_id = shown.team_id and days.week_start_date = shown.week_start_date
    inner join fct_effort as effort
        on days.worker_id = effort.worker_id and {{ valid_on('effort', 'days.work_date') }}
        and effort.effort_model = 'equal_active_day'
    group by 1, 2, 3, 4
),

-- An issue was agreed on for a sprint if it was in it when it started; what was not came in on the way, until it is
-- taken out.
memberships as (
    select
        members.issue_id,
        members.valid_from <= sprints.started_at as is_agreed,
        greatest(members.valid_from, sprints.started_at) as starts_at,
        least(
            coalesce(sprints.completed_at, timestamp '9999-12-31 00:00:00'),
            case
                when members.valid_from > sprints.started_at then {{ range_end('members') }}
                else timestamp '9999-12-31 00:00:00'
            end
        ) as ends_at
    from int_issue_sprints_ranged as members
    inner join stg_jira__sprints as sprints on members.sprint_id = sprints.sprint_id
    where sprints.sprint_state in ('active', 'closed') and {{ range_end('members') }} > sprints.started_at
),

-- Up to the day of the last microsecond.
marks as (
    select
        memberships.issue_id, memberships.is_agreed,
        cast({{ to_local('memberships.starts_at', 'policy.reporting_time_zone') }} as date) as first_date,
        case
            when memberships.ends_at = timestamp '9999-12-31 00:00:00' then date '9999-12-31'
            else cast({{ to_local("memberships.ends_at - interval '1' microsecond", 'policy.reporting_time_zone') }}
                as date)
        end as last_date
    from memberships
    cross join int_policies_read as policy
    where memberships.starts_at < memberships.ends_at
),

item_days as (
    select distinct work_item_id, work_date from parts
),

marked as (
    select
        days.work_item_id, days.work_date,
        max(case when marks.is_agreed then 1 else 0 end) = 0 as is_added
    from item_days as days
    inner join marks
        on days.work_item_id = marks.issue_id and days.work_date between marks.first_date and marks.last_date
    group by 1, 2
),

used as (
    select
        parts.team_id, parts.week_start_date, parts.trillionths,
        case
            when parts.work_item_id = 'UNATTRIBUTED' then 'unattributed'
            when kinds.type_kind = 'bug' or marked.is_added then 'unplanned'
            else 'planned'
        end as work_kind
    from parts
    left join int_work_kinds_resolved as kinds on parts.work_item_id = kinds.issue_id
    left join marked on parts.work_item_id = marked.work_item_id and parts.work_date = marked.work_date
)

-- Weeks of five days, so that a full-time day is a fifth.
select
    week_start_date,
    team_id,
    {% for kind in ['planned', 'unplanned', 'unattributed'] %}
    cast(
        cast(sum(case when work_kind = '{{ kind }}' then trillionths else 0 end) as decimal(26, 0))
            * 0.0000000000002 as decimal(38, 13)
    ) as {{ kind }}_fte_weeks{{ ',' if not loop.last }}
    {% endfor %}
from used
group by week_start_date, team_id
