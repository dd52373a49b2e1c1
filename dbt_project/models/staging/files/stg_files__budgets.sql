select
    account_group,
    product_id,
    fiscal_period,
    amount,
    load_id
from {{ ref('base_files__budget') }}
where not is_deleted and quarantine_reason is null
