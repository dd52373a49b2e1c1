{{ config(materialized='view') }}

-- The mapping may name an epic by any key it ever had, before a move and after. A deleted epic has none: what landed of
-- it depends on when it was looked at, and figures may not.
select distinct ranges.issue_id as epic_id, ranges.value_name as epic_key
from {{ ref('int_issue_fields_ranged') }} as ranges
inner join {{ ref('stg_jira__issues') }} as epics on ranges.issue_id = epics.issue_id and epics.is_epic
where ranges.field = 'project' and ranges.value_name is not null
