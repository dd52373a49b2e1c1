-- An answer has only the other end of a link, and the issue that it is of stands before the words: with an outward
-- issue '<this> <outward words> <other>', with an inward one '<this> <inward words> <other>'.
select
    {{ json_text('elements.element', "'$.id'") }} as link_id,
    issues.record_id as issue_id,
    {{ json_text('elements.element', "'$.outwardIssue.id'") }} is not null as is_outward,
    {{ json_text('elements.element', "'$.type.id'") }} as link_type_id,
    {{ json_text('elements.element', "'$.type.name'") }} as link_type_name,
    case
        when {{ json_text('elements.element', "'$.outwardIssue.id'") }} is not null
            then {{ json_text('elements.element', "'$.type.outward'") }}
        else {{ json_text('elements.element', "'$.type.inward'") }}
    end as words,
    coalesce(
        {{ json_text('elements.element', "'$.outwardIssue.id'") }},
        {{ json_text('elements.element', "'$.inwardIssue.id'") }}
    ) as other_issue_id,
    coalesce(
        {{ json_text('elements.element', "'$.outwardIssue.key'") }},
        {{ json_text('elements.element', "'$.inwardIssue.key'") }}
    ) as other_issue_key,
    issues.load_id
from {{ ref('base_jira__issues') }} as issues
{{ json_array_elements('issues.issue_links', 'elements') }}
where not issues.is_deleted and issues.quarantine_reason is null
