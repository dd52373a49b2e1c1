-- A version that gets another date moves no issue: each issue says what held when it was read.
select
    versions.record_id as issue_id,
    {{ json_text('elements.element', "'$.id'") }} as version_id,
    {{ json_text('elements.element', "'$.name'") }} as version_name,
    cast({{ json_text('elements.element', "'$.releaseDate'") }} as date) as release_date,
    {{ to_utc_clock('versions.extracted_at') }} as read_at,
    versions.load_id
from {{ ref('base_jira__issues_versions') }} as versions
{{ json_array_elements('versions.fix_versions', 'elements') }}
where not versions.is_deleted
