{{ config(materialized='view') }}

-- Issues that the company's file calls objectives or key results. What the goals' own files ever said of the same id
-- wins, as a whole.
with stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
stg_files__objectives as (select * from {{ ref('stg_files__objectives') }}),
stg_files__key_result_versions as (select * from {{ ref('stg_files__key_result_versions') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }})

select
    issues.issue_id,
    issues.issue_key as goal_id,
    kinds.type_kind as goal_kind,
    coalesce(issues.summary, issues.issue_key) as goal_name,
    -- Teams answer for goals; who has an issue assigned is not published.
    issues.team_name as owner,
    coalesce(parents.issue_key, issues.parent_key) as parent_goal_id,
    issues.cycle,
    issues.due_date,
    cast({{ to_local('issues.created_at', 'policy.reporting_time_zone') }} as date) as created_date,
    case
        when issues.status_category = 'done' then cast({{ to_local(
            'coalesce(issues.resolved_at, issues.category_changed_at, issues.updated_at)', 'policy.reporting_time_zone'
        ) }} as date)
    end as closed_date,
    coalesce(kinds.resolution_kind = 'not_done', false) as is_not_done,
    {% for number in goal_numbers() %}
    {{ from_text('cast(issues.' ~ number ~ ' as ' ~ dbt.type_string() ~ ')', 'decimal') }} as {{ number }}
    {{- ',' if not loop.last }}
    {% endfor %}
from stg_jira__issues as issues
inner join int_work_kinds_resolved as kinds on issues.issue_id = kinds.issue_id and kinds.is_goal
left join stg_jira__issues as parents on issues.parent_issue_id = parents.issue_id
cross join int_policies_read as policy
where not exists (select 1 from stg_files__objectives as named where named.objective_id = issues.issue_key)
    and not exists (select 1 from stg_files__key_result_versions as named where named.kr_id = issues.issue_key)
