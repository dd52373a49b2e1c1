select
    work_item_key,
    key_result_id,
    share,
    -- Empty ends are those of the key result's cycle, not of time.
    valid_from,
    valid_to,
    load_id
from {{ ref('base_files__goal_links') }}
where not is_deleted and quarantine_reason is null
