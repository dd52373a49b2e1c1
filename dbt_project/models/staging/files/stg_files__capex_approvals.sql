select
    epic_key,
    regime,
    criterion,
    met_date,
    approver,
    load_id
from {{ ref('base_files__capex_criteria') }}
where not is_deleted and quarantine_reason is null
