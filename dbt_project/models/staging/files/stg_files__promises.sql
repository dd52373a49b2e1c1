select
    promise_id,
    work_item_key,
    metric,
    product_id,
    feature_id,
    promised_size,
    size_kind,
    promised_date,
    registered_at,
    load_id
from {{ ref('base_files__promises') }}
where not is_deleted and quarantine_reason is null
