{{ config(materialized='view') }}

-- What no model of effort sees. Counts alone.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_jira__changelogs as (select * from {{ ref('stg_jira__changelogs') }}),
stg_jira__worklogs as {{ inlined() }} (select * from {{ ref('stg_jira__worklogs') }}),
int_issue_fields_ranged as (select * from {{ ref('int_issue_fields_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_effort_ranges_cut as (select * from {{ ref('int_effort_ranges_cut') }}),
int_worker_acts_weighed as (select * from {{ ref('int_worker_acts_weighed') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),

mapped as (
    select distinct person_key from stg_files__worker_maps where mapped_source = 'jira'
),

accounts as (
    select distinct value_id as account_id
    from int_issue_fields_ranged
    where field = 'assignee' and value_id is not null
)

select
    'assignee_coverage' as metric_id, cast(count(mapped.person_key) as bigint) as numerator, count(*) as denominator
from accounts
left join mapped on accounts.account_id = mapped.person_key
union all
select 'change_author_coverage', count(mapped.person_key), count(*)
from stg_jira__changelogs as changes
left join mapped on changes.author_account_id = mapped.person_key
union all
select 'assigned_work_coverage', count(issues.assignee_account_id), count(*)
from stg_jira__issues as issues
inner join int_issue_statuses_ranged as statuses on issues.issue_id = statuses.issue_id and statuses.is_current
where statuses.status_category = 'indeterminate' and not issues.is_epic
    and not exists (
        select 1 from int_work_kinds_resolved as kinds where kinds.issue_id = issues.issue_id and kinds.is_goal
    )
union all
select
    'logged_seconds_coverage',
    cast(coalesce((
        select sum(acts.weight)
        from int_worker_acts_weighed as acts
        inner join int_effort_ranges_cut as ranges
            on ranges.basis = 'worklogs' and acts.worker_id = ranges.worker_id and acts.act_date = ranges.valid_from
        where acts.act_type = 'worklogs'
    ), 0) as bigint),
    cast(coalesce(sum(time_spent_seconds), 0) as bigint)
from stg_jira__worklogs
