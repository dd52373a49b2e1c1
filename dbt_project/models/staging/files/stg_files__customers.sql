select
    customer_id,
    customer_name,
    parent_customer_id as parent_id,
    segment,
    market,
    country,
    industry,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    load_id
from {{ ref('base_files__customers') }}
where not is_deleted and quarantine_reason is null
