{{ config(materialized='view') }}

-- The parent of a sub-task is no epic, also where the sub-task became a work item later. What names the epic only by a
-- key (the old epic link field) gets its id from the issue that has the key or had it; where nobody may see that issue,
-- the key stands for it. A deleted epic is still the epic it was.
with int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
int_issue_fields_ranged as (select * from {{ ref('int_issue_fields_ranged') }}),

keys as (
    select keys.epic_key, min(keys.epic_id) as epic_id
    from int_epic_keys_collected as keys
    inner join stg_jira__issues as epics on keys.epic_id = epics.issue_id
    group by keys.epic_key
),

links as (
    select ranges.*, coalesce(ranges.value_id, keys.epic_id, ranges.value_name) as linked_id
    from int_issue_fields_ranged as ranges
    left join keys on case when ranges.value_id is null then ranges.value_name end = keys.epic_key
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
left join stg_jira__issues as linked on links.linked_id = linked.issue_id
