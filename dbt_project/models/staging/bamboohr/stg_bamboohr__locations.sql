select
    record_id as location_id,
    location,
    country,
    coalesce(is_archived, false) as is_archived,
    load_id
from {{ ref('base_bamboohr__locations') }}
where not is_deleted and quarantine_reason is null
