select
    record_id as worklog_id,
    issue_id,
    author_account_id,
    started_at,
    time_spent_seconds,
    created_at,
    updated_at,
    load_id
from {{ ref('base_jira__worklogs') }}
where not is_deleted and quarantine_reason is null
