select
    objective_id,
    cycle_id,
    objective_name,
    owner,
    parent_goal_id,
    link_type,
    product_id,
    coalesce(weight, 1) as weight,
    coalesce(status, 'active') as status,
    status_date,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    load_id
from {{ ref('base_files__objectives') }}
where not is_deleted and quarantine_reason is null
