select
    record_id as cohort_id,
    cohort_key,
    cohort_name,
    members,
    is_archived,
    is_published,
    last_computed,
    load_id
from {{ ref('base_amplitude__cohorts') }}
where not is_deleted and quarantine_reason is null
