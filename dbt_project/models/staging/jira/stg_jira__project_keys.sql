-- A key changes without touching an issue: the list says today's, issues keep the one that they were loaded with.
select record_id as project_id, project_key, project_name, true as is_listed, load_id
from {{ ref('base_jira__projects') }}
where not is_deleted and quarantine_reason is null
union all
select project_id, project_key, cast(null as {{ dbt.type_string() }}), false, max(load_id)
from {{ ref('base_jira__issues_versions') }}
where not is_deleted and project_id is not null and project_key is not null
group by project_id, project_key
