-- The mapping may name an epic by any key it ever had: before a move and after, before its project got another key and
-- after, or as an issue in it shows it, which is all that is known of an epic that the API user may not see. A deleted
-- epic has none: what landed of it depends on when it was looked at, and figures may not.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_jira__issue_arrivals as (select * from {{ ref('stg_jira__issue_arrivals') }}),
int_issue_fields_ranged as {{ inlined() }} (select * from {{ ref('int_issue_fields_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_project_keys_collected as (select * from {{ ref('int_project_keys_collected') }}),

epics as (
    select issue_id, issue_key from stg_jira__issues where is_epic
),

own as (
    select ranges.issue_id as epic_id, ranges.project_id, ranges.issue_key as epic_key
    from int_issue_projects_ranged as ranges
    inner join epics on ranges.issue_id = epics.issue_id
    where ranges.issue_key is not null
),

shown as (
    select parent_issue_id as epic_id, parent_key as epic_key
    from stg_jira__issues
    where parent_issue_id is not null and parent_key is not null
    union
    select coalesce(value_id, value_name), value_name
    from int_issue_fields_ranged
    where field = 'epic' and is_current and value_name is not null
)

select epic_id, epic_key from own
union
select own.epic_id, keys.project_key || '-' || {{ number_of('own.epic_key') }}
from own
inner join int_project_keys_collected as keys on own.project_id = keys.project_id
union
select shown.epic_id, shown.epic_key
from shown
left join epics on shown.epic_id = epics.issue_id
where
    epics.issue_id is not null
    or shown.epic_id not in (
        -- The tombstone of a history has neither number nor issue.
        select issue_id from stg_jira__issue_arrivals where history_number is null and issue_id is not null
    )
