select
    kr_id,
    checkin_date,
    checkin_value,
    author,
    load_id
from {{ ref('base_files__checkins') }}
where not is_deleted and quarantine_reason is null
