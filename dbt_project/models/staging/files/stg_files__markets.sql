select
    market,
    market_name,
    region,
    load_id
from {{ ref('base_files__markets') }}
where not is_deleted and quarantine_reason is null
