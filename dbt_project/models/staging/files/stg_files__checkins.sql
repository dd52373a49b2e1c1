select
    kr_id,
    checkin_date,
    checkin_at,
    place,
    checkin_value,
    author,
    coalesce(overrides, false) as overrides,
    load_id
from {{ ref('base_files__checkins') }}
where not is_deleted and quarantine_reason is null
