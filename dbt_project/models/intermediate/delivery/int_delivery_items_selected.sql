{{ config(materialized='view') }}

-- Sub-tasks would count their parent's work twice, epics their children's. A deleted issue is in no staging view, so it
-- leaves every figure.
select
    issue_id,
    issue_key,
    issue_type_name,
    issue_type_name = 'Bug' as is_bug,
    created_at,
    updated_at
from {{ ref('stg_jira__issues') }}
where not is_subtask and not is_epic
