-- For models that make anew what a load touched: what is deleted or does not fit touches an issue as well.
select record_id as issue_id, cast(null as bigint) as history_number, load_id from {{ ref('base_jira__issues') }}
union all
select parent_id, history_number, load_id from {{ ref('base_jira__changelogs') }}
