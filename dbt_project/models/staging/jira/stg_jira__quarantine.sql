-- Every record that does not fit its types, with the reason; the rest of its stream is served without it.
select 'jira' as source, 'fields' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__fields') }} where quarantine_reason is not null
union all
select 'jira' as source, 'projects' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__projects') }} where quarantine_reason is not null
union all
select 'jira' as source, 'statuses' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__statuses') }} where quarantine_reason is not null
union all
select 'jira' as source, 'issues' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__issues') }} where quarantine_reason is not null
union all
select 'jira' as source, 'changelogs' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__changelogs') }} where quarantine_reason is not null
union all
select 'jira' as source, 'worklogs' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__worklogs') }} where quarantine_reason is not null
union all
select 'jira' as source, 'boards' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__boards') }} where quarantine_reason is not null
union all
select 'jira' as source, 'sprints' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__sprints') }} where quarantine_reason is not null
union all
select 'jira' as source, 'users' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_jira__users') }} where quarantine_reason is not null
