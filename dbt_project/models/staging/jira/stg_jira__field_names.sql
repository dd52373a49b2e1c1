select field_id, field_name
from {{ ref('stg_jira__fields') }}
union
-- As JQL calls it: cf[10014] is the id, Team[Team] the name with the type.
select names.field_id, regexp_replace(names.clause_name, '[[].*$', '')
from (
    select fields.field_id, {{ json_text('elements.element', "'$'") }} as clause_name
    from {{ ref('stg_jira__fields') }} as fields
    {{ json_array_elements('fields.clause_names', 'elements') }}
) as names
where names.clause_name not like 'cf[%'
