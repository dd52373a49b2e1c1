select
    child_id,
    parent_goal_id,
    link_type,
    share,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    load_id
from {{ ref('base_files__goal_parents') }}
where not is_deleted and quarantine_reason is null
