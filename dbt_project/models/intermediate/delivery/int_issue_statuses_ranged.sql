{{ config(materialized='view') }}

-- The category is looked up here and not stored: a remapped status changes all of its history at once, without touching
-- an issue.
select
    ranges.issue_id,
    ranges.change_number,
    ranges.value_id as status_id,
    ranges.value_name as status_name,
    coalesce(statuses.status_category, 'undefined') as status_category,
    ranges.valid_from,
    ranges.valid_to,
    ranges.is_current
from {{ ref('int_issue_fields_ranged') }} as ranges
left join {{ ref('stg_jira__statuses') }} as statuses on ranges.value_id = statuses.status_id
where ranges.field = 'status'
