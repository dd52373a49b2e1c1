-- What an issue itself says of its status, its resolution and its project, against the end of the history that its
-- changelog says: a step that the changelog lacks, or a rule reads wrongly, shows here.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_jira__statuses as (select * from {{ ref('stg_jira__statuses') }}),
int_issue_statuses_ranged as {{ inlined() }} (select * from {{ ref('int_issue_statuses_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),

statuses as (
    select
        issues.issue_key, issues.status_name, ended.status_name as ended_status_name,
        coalesce(issues.status_category, statuses.status_category, 'undefined') as status_category,
        coalesce(ended.status_category, 'none') as ended_category,
        issues.status_id = ended.status_id as is_same
    from stg_jira__issues as issues
    left join stg_jira__statuses as statuses on issues.status_id = statuses.status_id
    left join int_issue_statuses_ranged as ended on issues.issue_id = ended.issue_id and ended.is_current
),

-- Jira sets the date in the step that resolves, within the second.
resolutions as (
    select
        issues.issue_key, issues.resolved_at,
        max(case when steps.status_category = 'done' then 1 else 0 end) = 1 as is_done
    from stg_jira__issues as issues
    left join int_issue_statuses_ranged as steps
        on issues.issue_id = steps.issue_id
        and steps.valid_from <= {{ dbt.dateadd('minute', 1, 'issues.resolved_at') }}
        and issues.resolved_at <= {{ range_end('steps') }}
    where issues.resolved_at is not null
    group by issues.issue_id, issues.issue_key, issues.resolved_at
)

select
    'issue_statuses' as control_id,
    issue_key as object_id,
    'status now' as object_part,
    status_name || ' (' || status_category || ')' as vendor_figure,
    coalesce(ended_status_name, 'none') || ' (' || ended_category || ')' as our_figure,
    coalesce(is_same and status_category = ended_category, false) as is_agreed
from statuses
union all
select
    'issue_resolutions', issue_key, 'status when it was resolved',
    'resolved at ' || resolved_at, case when is_done then 'done then' else 'not done then' end, is_done
from resolutions
union all
select
    'issue_projects', issues.issue_key, 'project now', coalesce(issues.project_key, 'none'),
    coalesce(ended.project_key, 'none'), coalesce(issues.project_key = ended.project_key, false)
from stg_jira__issues as issues
left join int_issue_projects_ranged as ended on issues.issue_id = ended.issue_id and ended.is_current
