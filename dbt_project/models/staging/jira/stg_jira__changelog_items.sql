-- `fieldId` is absent in nine of ten recorded items and from/to may be null: only `field` is always there.
select
    histories.history_id,
    histories.history_number,
    elements.position as item_number,
    histories.issue_id,
    histories.author_account_id,
    histories.changed_at,
    {{ json_text('elements.element', "'$.field'") }} as field_name,
    {{ json_text('elements.element', "'$.fieldId'") }} as field_id,
    coalesce({{ json_text('elements.element', "'$.fieldtype'") }}, 'jira') as field_type,
    nullif({{ json_text('elements.element', "'$.from'") }}, '') as from_value,
    nullif({{ json_text('elements.element', "'$.fromString'") }}, '') as from_text,
    nullif({{ json_text('elements.element', "'$.to'") }}, '') as to_value,
    nullif({{ json_text('elements.element', "'$.toString'") }}, '') as to_text,
    histories.load_id
from {{ ref('stg_jira__changelogs') }} as histories
{{ json_array_elements('histories.items', 'elements') }}
