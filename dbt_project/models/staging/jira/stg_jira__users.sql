select
    record_id as account_id,
    display_name,
    account_type,
    is_active,
    time_zone,
    load_id
from {{ ref('base_jira__users') }}
where not is_deleted and quarantine_reason is null
