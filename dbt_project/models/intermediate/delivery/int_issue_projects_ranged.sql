{{ config(materialized='view') }}

select
    issue_id,
    change_number,
    value_id as project_key,
    value_name as issue_key,
    valid_from,
    valid_to,
    is_current
from {{ ref('int_issue_fields_ranged') }}
where field = 'project'
