select
    record_id as cohort_member_id,
    parent_id as cohort_id,
    user_id,
    amplitude_id,
    load_id
from {{ ref('base_amplitude__cohort_members') }}
where not is_deleted and quarantine_reason is null
