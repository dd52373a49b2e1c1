select
    vendor_name,
    from_date,
    to_date,
    team_id,
    user_key,
    amount,
    currency,
    load_id
from {{ ref('base_files__ai_spend') }}
where not is_deleted and quarantine_reason is null
