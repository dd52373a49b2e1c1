{{ config(materialized='view') }}

-- Payloads that name the epic only by its key (the old epic link field) get its id from the issue that has the key.
select
    ranges.issue_id,
    ranges.change_number,
    coalesce(ranges.value_id, epics.issue_id) as epic_id,
    ranges.value_name as epic_key,
    ranges.valid_from,
    ranges.valid_to,
    ranges.is_current
from {{ ref('int_issue_fields_ranged') }} as ranges
left join {{ ref('stg_jira__issues') }} as epics on ranges.value_name = epics.issue_key and ranges.value_id is null
where ranges.field = 'epic'
