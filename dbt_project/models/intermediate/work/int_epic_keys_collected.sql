{{ config(materialized='view') }}

-- The mapping may name an epic by any key it ever had: its own, before and after a move, and those by which its issues named it.
select issue_id as epic_id, value_name as epic_key
from {{ ref('int_issue_fields_ranged') }} where field = 'project' and value_name is not null
union
select epic_id, epic_key
from {{ ref('int_issue_epics_ranged') }} where epic_id is not null and epic_key is not null
