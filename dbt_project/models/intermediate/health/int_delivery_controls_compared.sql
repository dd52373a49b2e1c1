-- What an issue itself says of its status, category, resolution, project and epic, against its history as it was made
-- of the changelog: a step that the changelog lacks, or a rule reads wrongly, shows here. An issue that was read before
-- the last change of its changelog waits for the next load.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_jira__statuses as (select * from {{ ref('stg_jira__statuses') }}),
int_issue_changes as (select * from {{ ref('int_issue_changes') }}),
int_issue_statuses_ranged as {{ inlined() }} (select * from {{ ref('int_issue_statuses_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),

-- The list says what a status means; where it lacks one, any issue in it may be right.
meanings as (
    select issues.status_id, issues.status_category
    from stg_jira__issues as issues
    left join stg_jira__statuses as listed on issues.status_id = listed.status_id
    where listed.status_id is null
    union
    select status_id, status_category from stg_jira__statuses
),

statuses as (
    select
        issues.issue_key, issues.status_name, issues.status_category, ended.status_name as ended_status_name,
        coalesce(ended.status_category, 'none') as ended_category,
        issues.status_id = ended.status_id and meanings.status_id is not null as is_same
    from stg_jira__issues as issues
    left join int_issue_statuses_ranged as ended on issues.issue_id = ended.issue_id and ended.is_current
    left join meanings on issues.status_id = meanings.status_id and ended.status_category = meanings.status_category
    where {{ is_read_after('issues', 'ended') }}
),

-- Jira sets the dates in the step itself, within the second. An import has the resolution's own date and the day of the
-- import as the category's.
dates as (
    select
        issues.issue_key, issues.resolved_at, issues.category_changed_at, issues.status_category,
        max(case when {{ is_near('steps.valid_from', 'issues.category_changed_at') }} then 1 else 0 end)
            as is_category_step,
        max(case when {{ is_near('steps.valid_from', 'issues.resolved_at') }} then 1 else 0 end) as is_resolution_step,
        max(
            case
                when {{ holds_near('steps', 'issues.category_changed_at') }}
                    and steps.status_category = issues.status_category
                    then 1 else 0
            end
        ) as is_in_category,
        max(
            case
                when {{ holds_near('steps', 'issues.resolved_at') }} and steps.status_category = 'done' then 1 else 0
            end
        ) as is_done
    from stg_jira__issues as issues
    left join int_issue_statuses_ranged as steps on issues.issue_id = steps.issue_id
    group by
        issues.issue_id, issues.issue_key, issues.resolved_at, issues.category_changed_at, issues.status_category
),

-- Each change of a status says which one it left: the one that ends then. Where the changelog itself lacks the step
-- before, or has several at one instant, there is nothing to compare; a step that was added there is no evidence.
left_ordered as (
    select
        issue_id, changed_at, from_id, from_name,
        lag(to_id) over earlier as before_id, lag(to_name) over earlier as before_name,
        row_number() over earlier as step_number,
        count(*) over (partition by issue_id, changed_at) as steps_then
    from int_issue_changes
    where field = 'status'
    window earlier as (partition by issue_id order by changed_at, history_number, item_number)
),

left_statuses as (
    select
        issues.issue_key, changes.changed_at, coalesce(changes.from_name, changes.from_id) as from_name,
        min(ended.status_name) as ended_name,
        max(
            case
                when changes.from_id = ended.status_id
                    or lower(trim(changes.from_name)) = lower(trim(ended.status_name))
                    then 1 else 0
            end
        ) as is_left
    from left_ordered as changes
    inner join stg_jira__issues as issues on changes.issue_id = issues.issue_id
    left join int_issue_statuses_ranged as ended
        on changes.issue_id = ended.issue_id
        and ended.valid_to = greatest(changes.changed_at, issues.created_at) and ended.valid_from <= ended.valid_to
        and not ended.is_undated
    where
        changes.steps_then = 1 and coalesce(changes.from_id, changes.from_name) is not null
        and (
            changes.step_number = 1 or changes.before_id = changes.from_id
            or lower(trim(changes.before_name)) = lower(trim(changes.from_name))
        )
    group by issues.issue_key, changes.changed_at, changes.from_name, changes.from_id
),

epics as (
    select
        issues.issue_key, coalesce(issues.parent_issue_id, issues.epic_link_key) as epic,
        coalesce(issues.parent_key, issues.epic_link_key, 'none') as epic_key,
        ended.epic_id, coalesce(ended.epic_key, 'none') as ended_epic_key, known.issue_key as known_key
    from stg_jira__issues as issues
    left join stg_jira__issues as parents on issues.parent_issue_id = parents.issue_id
    left join int_issue_epics_ranged as ended on issues.issue_id = ended.issue_id and ended.is_current
    left join stg_jira__issues as known on ended.epic_id = known.issue_id
    where not issues.is_subtask and not issues.is_epic and coalesce(parents.is_epic, true)
        and {{ is_read_after('issues', 'ended') }}
)

select
    'issue_statuses' as control_id,
    issue_key as object_id,
    'status now' as object_part,
    status_name || ' (' || coalesce(status_category, 'undefined') || ')' as vendor_figure,
    coalesce(ended_status_name, 'none') || ' (' || ended_category || ')' as our_figure,
    coalesce(is_same, false) as is_agreed
from statuses
union all
select
    'issue_categories', issue_key, 'when its category changed', status_category || ' since ' || category_changed_at,
    case when is_category_step = 1 then 'a step then' else 'no step then' end,
    is_category_step = 1
    or (is_resolution_step = 1 and status_category = 'done')
    or (is_in_category = 1 and status_category <> 'done')
from dates
where category_changed_at is not null
union all
select
    'issue_resolutions', issue_key, 'status when it was resolved', 'resolved at ' || resolved_at,
    case when is_done = 1 then 'done then' else 'not done then' end, is_done = 1
from dates
where resolved_at is not null
union all
select
    'issue_steps', issue_key, 'status left at ' || changed_at, from_name, coalesce(ended_name, 'none'), is_left = 1
from left_statuses
union all
select
    'issue_projects', issues.issue_key, 'project now', coalesce(issues.project_key, 'none'),
    coalesce(ended.project_key, 'none'), coalesce(issues.project_id = ended.project_id, false)
from stg_jira__issues as issues
left join int_issue_projects_ranged as ended on issues.issue_id = ended.issue_id and ended.is_current
where {{ is_read_after('issues', 'ended') }}
union all
select
    'issue_epics', issue_key, 'epic now', epic_key, ended_epic_key,
    coalesce(epic = epic_id or epic_key = ended_epic_key or epic_key = known_key, epic is null and epic_id is null)
from epics
