select
    record_id as history_id,
    -- The order of histories is the order of their ids as numbers.
    history_number,
    parent_id as issue_id,
    author_account_id,
    changed_at,
    items,
    load_id
from {{ ref('base_jira__changelogs') }}
where not is_deleted and quarantine_reason is null
