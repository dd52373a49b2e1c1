select
    decision_id,
    title,
    owner,
    product_id,
    raised_at,
    data_ready_at,
    proposed_at,
    decided_at,
    withdrawn_at,
    load_id
from {{ ref('base_files__decisions') }}
where not is_deleted and quarantine_reason is null
