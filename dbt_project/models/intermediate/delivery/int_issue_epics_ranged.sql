{{ config(materialized='view') }}

-- The parent of a sub-task is no epic, also where the sub-task became a work item later. Payloads that name the epic
-- only by its key (the old epic link field) get its id from the issue that has the key. A deleted epic is still the
-- epic it was.
with links as (
    select ranges.*, coalesce(ranges.value_id, named.issue_id) as linked_id
    from {{ ref('int_issue_fields_ranged') }} as ranges
    left join {{ ref('stg_jira__issues') }} as named
        on case when ranges.value_id is null then ranges.value_name end = named.issue_key
    where ranges.field = 'epic'
)

select
    links.issue_id,
    links.change_number,
    case when coalesce(linked.is_epic, true) then links.linked_id end as epic_id,
    case when coalesce(linked.is_epic, true) then links.value_name end as epic_key,
    links.valid_from,
    links.valid_to,
    links.is_current
from links
left join {{ ref('stg_jira__issues') }} as linked on links.linked_id = linked.issue_id
