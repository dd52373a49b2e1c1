select
    record_id as sprint_id,
    sprint_name,
    sprint_state,
    board_id,
    started_at,
    planned_end_at,
    completed_at,
    goal,
    load_id
from {{ ref('base_jira__sprints') }}
where not is_deleted and quarantine_reason is null
