select
    account_id,
    statement_group,
    cost_type,
    function_name,
    statement_sign,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    load_id
from {{ ref('base_files__account_map') }}
where not is_deleted and quarantine_reason is null
