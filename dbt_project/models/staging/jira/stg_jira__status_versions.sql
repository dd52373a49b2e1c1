-- GET /status lists the statuses of active workflows only; the status in a record is there whatever the list says.
select
    record_id as status_id,
    status_name,
    untranslated_name,
    status_category,
    scope_project_id,
    true as is_listed,
    extracted_at as said_at,
    load_id
from {{ ref('base_jira__statuses_versions') }}
where not is_deleted
union all
select
    status_id, status_name, untranslated_name, status_category, scope_project_id, false, updated_at, load_id
from {{ ref('base_jira__issues_versions') }}
where not is_deleted and status_id is not null
