-- Of which item, epic, initiative and project an issue was part at the end of each local day: an issue counts where it
-- was, and of several changes on one day the last holds. What it came with held from the beginning. Work on a sub-task
-- is work on its parent; an epic is its own epic, and the epic above one is its initiative.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
int_issue_fields_ranged as {{ inlined() }} (select * from {{ ref('int_issue_fields_ranged') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

items as (
    select issue_id, issue_id as work_item_id, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
    from stg_jira__issues
    where not is_subtask
    union all
    select
        subtasks.issue_id, coalesce(parents.issue_id, subtasks.issue_id),
        {{ held_at_ends_of_days('ranges') }}
    from stg_jira__issues as subtasks
    inner join int_issue_fields_ranged as ranges on subtasks.issue_id = ranges.issue_id and ranges.field = 'epic'
    left join stg_jira__issues as parents on ranges.value_id = parents.issue_id
    cross join int_policies_read as policy
    where subtasks.is_subtask
),

above as (
    select epics.issue_id, epics.epic_id, {{ held_at_ends_of_days('epics') }}
    from int_issue_epics_ranged as epics
    cross join int_policies_read as policy
),

epics as (
    select issue_id, issue_id as epic_id, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
    from stg_jira__issues
    where is_epic
    union all
    select above.*
    from above
    inner join stg_jira__issues as issues on above.issue_id = issues.issue_id
    where not issues.is_epic
),

projects as (
    select projects.issue_id, projects.project_key, {{ held_at_ends_of_days('projects') }}
    from int_issue_projects_ranged as projects
    cross join int_policies_read as policy
),

placed as (
    select
        items.issue_id, items.work_item_id, epics.epic_id, initiatives.epic_id as initiative_id, projects.project_key,
        greatest(
            items.valid_from, epics.valid_from, projects.valid_from, coalesce(initiatives.valid_from, items.valid_from)
        ) as valid_from,
        least(
            items.valid_to, epics.valid_to, projects.valid_to, coalesce(initiatives.valid_to, items.valid_to)
        ) as valid_to
    from items
    inner join epics on items.work_item_id = epics.issue_id
    inner join projects on items.work_item_id = projects.issue_id
    left join above as initiatives on epics.epic_id = initiatives.issue_id
)

-- Who keeps a goal up to date does not work on a product by that.
select *
from placed
where valid_from < valid_to
    and not exists (
        select 1 from int_work_kinds_resolved as kinds where kinds.issue_id = placed.issue_id and kinds.is_goal
    )
