select
    record_id as board_id,
    board_name,
    board_type,
    project_id,
    project_key,
    load_id
from {{ ref('base_jira__boards') }}
where not is_deleted and quarantine_reason is null
