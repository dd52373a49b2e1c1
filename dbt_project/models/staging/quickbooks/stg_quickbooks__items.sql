select
    record_id as item_id,
    item_name,
    coalesce(full_name, item_name) as full_name,
    item_type,
    income_account_id,
    expense_account_id,
    asset_account_id,
    coalesce(is_active, true) as is_active,
    updated_at,
    load_id
from {{ ref('base_quickbooks__items') }}
where not is_deleted and quarantine_reason is null
