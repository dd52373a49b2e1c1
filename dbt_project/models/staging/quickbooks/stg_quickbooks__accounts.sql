select
    base.record_id as account_id,
    base.account_name,
    coalesce(base.full_name, base.account_name) as full_name,
    base.account_number,
    base.classification,
    base.account_type,
    base.account_subtype,
    base.parent_account_id,
    coalesce(base.currency, preferences.home_currency) as currency,
    coalesce(base.is_active, true) as is_active,
    base.updated_at,
    base.load_id
from {{ ref('base_quickbooks__accounts') }} as base
left join {{ ref('stg_quickbooks__preferences') }} as preferences on true
where not base.is_deleted and base.quarantine_reason is null
