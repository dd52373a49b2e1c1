-- What a worker did to items on a day: minutes in which the changelog has a change by the worker, and hours logged. A
-- minute has a weight of one million, which the items that were changed in it share: an edit of a hundred issues weighs
-- what one change does. Changes of an epic are work in it.
with stg_jira__changelogs as (select * from {{ ref('stg_jira__changelogs') }}),
stg_jira__worklogs as (select * from {{ ref('stg_jira__worklogs') }}),
int_issue_places_ranged as (select * from {{ ref('int_issue_places_ranged') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

acts as (
    select
        'changes' as act_type, issue_id, author_account_id as account_id,
        {{ dbt.date_trunc('minute', 'changed_at') }} as acted_at, cast(null as bigint) as seconds
    from stg_jira__changelogs
    union all
    select 'worklogs', issue_id, author_account_id, started_at, time_spent_seconds
    from stg_jira__worklogs
    where time_spent_seconds > 0
),

dated as (
    select
        acts.*, cast({{ to_local('acts.acted_at', 'policy.reporting_time_zone') }} as date) as act_date
    from acts
    cross join int_policies_read as policy
),

placed as (
    select
        dated.act_type, maps.worker_id, dated.act_date, dated.acted_at, dated.seconds,
        places.work_item_id, places.epic_id, places.initiative_id, places.project_key
    from dated
    inner join int_issue_places_ranged as places
        on dated.issue_id = places.issue_id and {{ valid_on('places', 'dated.act_date') }}
    inner join stg_files__worker_maps as maps
        on maps.mapped_source = 'jira' and dated.account_id = maps.person_key
        and {{ valid_on('maps', 'dated.act_date') }}
),

minutes as (
    select distinct worker_id, act_date, acted_at, work_item_id, epic_id, initiative_id, project_key
    from placed
    where act_type = 'changes'
),

weighed as (
    select
        'changes' as act_type, minutes.*,
        {{ half_even('1000000', 'count(*) over (partition by worker_id, acted_at)') }} as weight
    from minutes
    union all
    select
        act_type, worker_id, act_date, acted_at, work_item_id, epic_id, initiative_id, project_key, seconds
    from placed
    where act_type = 'worklogs'
)

select
    act_type, worker_id, act_date, work_item_id, epic_id, initiative_id, project_key,
    cast(sum(weight) as bigint) as weight
from weighed
group by act_type, worker_id, act_date, work_item_id, epic_id, initiative_id, project_key
