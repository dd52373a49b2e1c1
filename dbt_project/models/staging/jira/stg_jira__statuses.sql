select
    record_id as status_id,
    coalesce(untranslated_name, status_name) as status_name,
    coalesce(status_category, 'undefined') as status_category,
    load_id
from {{ ref('base_jira__statuses') }}
where not is_deleted and quarantine_reason is null
