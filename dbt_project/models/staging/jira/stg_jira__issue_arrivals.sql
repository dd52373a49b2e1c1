-- For models that make anew what a load touched: what is deleted or does not fit touches an issue as well. The
-- tombstone of a history names no issue; it comes with that of the issue.
select record_id as issue_id, true as is_issue, cast(null as bigint) as history_number, load_id
from {{ ref('base_jira__issues') }}
union all
select parent_id, false, history_number, load_id from {{ ref('base_jira__changelogs') }} where parent_id is not null
