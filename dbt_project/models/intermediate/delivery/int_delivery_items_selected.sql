{{ config(materialized='view') }}

-- Sub-tasks would count their parent's work twice, epics their children's. A deleted issue is in no staging view, so it
-- leaves every figure.
select
    issues.issue_id,
    issues.issue_key,
    coalesce(kinds.type_kind = 'bug', false) as is_bug,
    coalesce(kinds.resolution_kind = 'not_done', false) as is_not_done,
    issues.created_at,
    issues.updated_at
from {{ ref('stg_jira__issues') }} as issues
left join {{ ref('int_work_kinds_resolved') }} as kinds on issues.issue_id = kinds.issue_id
where not issues.is_subtask and not issues.is_epic and not coalesce(kinds.is_goal, false)
