{{ config(materialized='view') }}

select
    issue_id,
    change_number,
    value_id as vendor_team_id,
    value_name as team_name,
    valid_from,
    valid_to,
    is_current
from {{ ref('int_issue_fields_ranged') }}
where field = 'team'
