select
    rules_version,
    product_id,
    shared_driver,
    load_id
from {{ ref('base_files__shared_drivers') }}
where not is_deleted and quarantine_reason is null
