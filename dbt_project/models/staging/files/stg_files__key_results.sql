select
    {{ key_result_facts() }},
    load_id
from {{ ref('base_files__key_results') }}
where not is_deleted and quarantine_reason is null
