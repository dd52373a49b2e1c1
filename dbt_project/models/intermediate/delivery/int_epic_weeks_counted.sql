-- An item is open work of an epic while it is in it and not done. Steps between statuses that are not done change
-- nothing; what is reopened is added, what is closed without counting as done is taken out. So open items are at any
-- time what was added less what was taken out or done.
with int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
int_work_items_flowed as (select * from {{ ref('int_work_items_flowed') }}),
stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),

-- Who does it: its team of today, else, where it has none that the files know, its project.
waiting as (
    select
        items.issue_id, items.counts_as_done,
        case when teams.team_id = 'UNMAPPED' then issues.project_key else teams.team_id end as queue_id,
        case when teams.team_id = 'UNMAPPED' then 'project' else 'team' end as queue_type
    from int_work_items_flowed as items
    inner join stg_jira__issues as issues on items.issue_id = issues.issue_id
    inner join (
        select issue_id, min(team_id) as team_id
        from int_work_item_timestamps_attributed
        where timestamp_type = 'now'
        group by issue_id
    ) as teams on items.issue_id = teams.issue_id
),

-- What was undone at its own instant never held.
statuses as (
    select
        issue_id, status_category, valid_from, {{ range_end('ranges') }} as valid_to,
        lag(status_category, 1, 'done') over (partition by issue_id order by change_number) as category_before,
        lead(status_category) over (partition by issue_id order by change_number) as category_after
    from int_issue_statuses_ranged as ranges
    where ranges.valid_from < {{ range_end('ranges') }}
),

-- Where an issue is taken out at the instant at which it is done, it was done.
opened as (
    select
        epics.issue_id,
        epics.epic_id,
        greatest(statuses.valid_from, epics.valid_from) as opened_at,
        least(statuses.valid_to, {{ range_end('epics') }}) as closed_at,
        epics.valid_from >= statuses.valid_from or statuses.category_before = 'done' as is_added,
        case
            when statuses.valid_to <= {{ range_end('epics') }} and statuses.category_after = 'done' then 'done'
            when epics.valid_to <= statuses.valid_to then 'removed'
        end as closed_by
    from int_issue_epics_ranged as epics
    inner join statuses
        on epics.issue_id = statuses.issue_id and epics.valid_from < statuses.valid_to
        and statuses.valid_from < {{ range_end('epics') }} and epics.valid_from < {{ range_end('epics') }}
    where epics.epic_id is not null and statuses.status_category <> 'done'
),

events as (
    select issue_id, epic_id, opened_at as happened_at, 'added' as happened from opened where is_added
    union all
    select issue_id, epic_id, closed_at, closed_by from opened where closed_by is not null
)

select
    events.epic_id,
    waiting.queue_id,
    waiting.queue_type,
    cast(
        {{ dbt.date_trunc('week', to_local('events.happened_at', 'clock.reporting_time_zone')) }} as date
    ) as week_start_date,
    count(case when events.happened = 'added' then 1 end) as items_added,
    count(case when events.happened = 'removed' or (events.happened = 'done' and not waiting.counts_as_done) then 1 end)
        as items_removed,
    count(case when events.happened = 'done' and waiting.counts_as_done then 1 end) as items_done
from events
inner join waiting on events.issue_id = waiting.issue_id
cross join int_jira_clocks_read as clock
group by 1, 2, 3, 4
