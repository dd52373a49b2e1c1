-- A tombstone says nothing but that a row is gone; the row's other versions say of what.
select
    record_id,
    is_deleted,
    {{ to_utc_clock('extracted_at') }} as landed_at,
    {{ key_result_facts() }},
    sequence,
    load_id
from {{ ref('base_files__key_results_versions') }}
where quarantine_reason is null
