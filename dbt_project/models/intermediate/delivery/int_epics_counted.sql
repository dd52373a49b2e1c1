-- Epics proper: a level above them are initiatives. One with open items waits for all whose items they are, and is
-- shown with those who have the most.
with int_epic_weeks_counted as (select * from {{ ref('int_epic_weeks_counted') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),

queues as (
    select
        epic_id, queue_id, queue_type,
        sum(items_added - items_removed - items_done) as items_open,
        sum(items_done) as items_done,
        row_number() over (
            partition by epic_id
            order by sum(items_added - items_removed - items_done) desc, sum(items_done) desc, queue_id
        ) as place
    from int_epic_weeks_counted
    group by epic_id, queue_id, queue_type
),

sums as (
    select
        epic_id,
        sum(items_open) as items_open,
        sum(items_done) as items_done,
        sum(case when place > 1 then items_open else 0 end) as items_open_elsewhere,
        max(case when place = 1 then queue_id end) as queue_id,
        max(case when place = 1 then queue_type end) as queue_type
    from queues
    group by epic_id
),

products as (
    select
        epics.epic_id, attributed.product_id,
        row_number() over (
            partition by epics.epic_id order by sum(attributed.weight) desc, attributed.product_id
        ) as place
    from int_issue_epics_ranged as epics
    inner join int_work_item_timestamps_attributed as attributed
        on epics.issue_id = attributed.issue_id and attributed.timestamp_type = 'now'
    where epics.is_current and epics.epic_id is not null
    group by epics.epic_id, attributed.product_id
)

select
    issues.issue_id as epic_id,
    issues.issue_key as epic_key,
    issues.summary as epic_name,
    -- Sites without ranks: what was written down first.
    coalesce(issues.issue_rank, '') || '/' || cast(issues.created_at as varchar) || '/' || issues.issue_id as epic_rank,
    issues.due_date,
    coalesce(products.product_id, 'UNMAPPED') as product_id,
    sums.queue_id,
    sums.queue_type,
    cast(coalesce(sums.items_open, 0) as bigint) as items_open,
    cast(coalesce(sums.items_open_elsewhere, 0) as bigint) as items_open_elsewhere,
    cast(coalesce(sums.items_done, 0) as bigint) as items_done,
    statuses.status_category <> 'done' as is_open,
    case
        when statuses.status_category = 'done'
            then cast({{ to_local('statuses.valid_from', 'clock.reporting_time_zone') }} as date)
    end as closed_date
from stg_jira__issues as issues
inner join int_issue_statuses_ranged as statuses on issues.issue_id = statuses.issue_id and statuses.is_current
cross join int_jira_clocks_read as clock
left join sums on issues.issue_id = sums.epic_id
left join products on issues.issue_id = products.epic_id and products.place = 1
where issues.is_epic and coalesce(issues.hierarchy_level, 1) = 1
    and not exists (
        select 1 from int_work_kinds_resolved as kinds where kinds.issue_id = issues.issue_id and kinds.is_goal
    )
