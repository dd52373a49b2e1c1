select
    record_id as project_id,
    project_key,
    project_name,
    project_style,
    coalesce(is_archived, false) as is_archived,
    load_id
from {{ ref('base_jira__projects') }}
where not is_deleted and quarantine_reason is null
