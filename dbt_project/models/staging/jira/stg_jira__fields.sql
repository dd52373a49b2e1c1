select
    record_id as field_id,
    -- Display names are in the language of the API user; the changelog and JQL have the untranslated one.
    coalesce(untranslated_name, field_name) as field_name,
    clause_names,
    is_custom,
    value_type,
    custom_type,
    load_id
from {{ ref('base_jira__fields') }}
where not is_deleted and quarantine_reason is null
