select
    mapped_source,
    object_type,
    match_key,
    match_type,
    product_id,
    weight,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    reason,
    load_id
from {{ ref('base_files__product_map') }}
where not is_deleted and quarantine_reason is null
