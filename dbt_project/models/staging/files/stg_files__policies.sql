select
    reporting_time_zone,
    reporting_currency,
    account_group,
    shared_device_users,
    bot_markers,
    adoption_uses,
    load_id
from {{ ref('base_files__policy') }}
where not is_deleted and quarantine_reason is null
