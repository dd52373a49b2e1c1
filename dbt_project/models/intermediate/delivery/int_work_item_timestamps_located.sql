-- Where an item stood at the instants the marts count: when it was done, when it was reopened, at the end of each week
-- in progress, now.
with int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_delivery_items_selected as {{ inlined() }} (select * from {{ ref('int_delivery_items_selected') }}),
int_work_items_flowed as (select * from {{ ref('int_work_items_flowed') }}),
int_weeks_spined as (select * from {{ ref('int_weeks_spined') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_issue_teams_ranged as (select * from {{ ref('int_issue_teams_ranged') }}),

clock as (
    select * from int_jira_clocks_read
),

statuses as (
    select
        ranges.*,
        lag(ranges.status_category) over (partition by ranges.issue_id order by ranges.change_number) as category_before
    from int_issue_statuses_ranged as ranges
    inner join int_delivery_items_selected as items on ranges.issue_id = items.issue_id
),

events as (
    select issue_id, 'done' as timestamp_type, 1 as timestamp_number, done_first_at as occurred_at
    from int_work_items_flowed where done_first_at is not null
    union all
    select issue_id, 'reopened', change_number, valid_from
    from statuses where category_before = 'done' and status_category <> 'done'
    union all
    select issue_id, 'now', 1, clock.data_as_of
    from int_delivery_items_selected cross join clock
),

timestamps as (
    select
        events.*,
        cast({{ to_local('events.occurred_at', 'clock.reporting_time_zone') }} as date) as mapping_date,
        cast(
            {{ dbt.date_trunc('week', to_local('events.occurred_at', 'clock.reporting_time_zone')) }} as date
        ) as week_start_date
    from events
    cross join clock
    union all
    -- In progress at the end of a week is asked at its last microsecond: what changes at the stroke of Monday belongs
    -- to the next week.
    select
        statuses.issue_id, 'in_progress', 1, weeks.ends_at - interval '1' microsecond, weeks.mapping_date,
        weeks.week_start_date
    from statuses
    inner join int_weeks_spined as weeks
        on statuses.valid_from < weeks.ends_at and weeks.ends_at <= {{ range_end('statuses') }}
    where statuses.status_category = 'indeterminate'
)

select
    timestamps.issue_id,
    timestamps.timestamp_type,
    timestamps.timestamp_number,
    timestamps.occurred_at,
    timestamps.week_start_date,
    timestamps.mapping_date,
    epics.epic_id,
    projects.project_key,
    teams.team_name
from timestamps
left join int_issue_epics_ranged as epics on {{ in_force('timestamps', 'epics') }}
left join int_issue_projects_ranged as projects on {{ in_force('timestamps', 'projects') }}
left join int_issue_teams_ranged as teams on {{ in_force('timestamps', 'teams') }}
