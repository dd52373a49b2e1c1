{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('issue_id', touched_issues(), rebuilt_with=['base_jira__fields']) }}",
    post_hook="{{ close_upstream(['base_jira__issues', 'base_jira__changelogs', 'base_jira__fields']) }}"
) }}

-- What a field was and when, from the changelog. Only touched issues are made again; a deleted issue leaves.
with issues as (
    select * from {{ ref('stg_jira__issues') }} where issue_id in ({{ touched_issues() }})
),

-- What each issue says now: the value of a field that never changed.
current_values as (
    select issue_id, created_at, 'status' as field, status_id as value_id, status_name as value_name from issues
    union all
    select issue_id, created_at, 'project', {{ project_of('issue_key') }}, issue_key from issues
    union all
    select issue_id, created_at, 'epic', parent_issue_id, coalesce(parent_key, epic_link_key) from issues
    union all
    select issue_id, created_at, 'sprint', sprint_ids, sprint_names from issues
    union all
    select issue_id, created_at, 'team', team_id, team_name from issues
),

-- The order of changes: instant, then the number of the history, then the place in it.
changes as (
    select
        changes.*,
        greatest(changes.changed_at, issues.created_at) as starts_at,
        row_number() over (
            partition by changes.issue_id, changes.field
            order by changes.changed_at, changes.history_number, changes.item_number
        ) as change_number
    from {{ ref('int_issue_changes') }} as changes
    inner join issues on changes.issue_id = issues.issue_id
),

-- The first value has no entry of its own: it is what the first change came from.
starts as (
    select
        current_values.issue_id, current_values.field, 0 as change_number, current_values.created_at as valid_from,
        case when changes.issue_id is null then current_values.value_id else changes.from_id end as value_id,
        case when changes.issue_id is null then current_values.value_name else changes.from_name end as value_name
    from current_values
    left join changes
        on current_values.issue_id = changes.issue_id and current_values.field = changes.field
        and changes.change_number = 1
    union all
    select issue_id, field, change_number, starts_at, to_id, to_name from changes
)

select
    issue_id,
    field,
    change_number,
    value_id,
    value_name,
    valid_from,
    lead(valid_from) over (partition by issue_id, field order by change_number) as valid_to,
    lead(valid_from) over (partition by issue_id, field order by change_number) is null as is_current
from starts
