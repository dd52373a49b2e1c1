select
    objective_id,
    cycle_id,
    objective_name,
    owner,
    parent_objective_id,
    link_type,
    product_id,
    load_id
from {{ ref('base_files__objectives') }}
where not is_deleted and quarantine_reason is null
