-- On which days a worker had an item in progress: the account that the issue was assigned to at an instant at which its
-- status was one in progress. Epics are no items: who has one assigned answers for it, and works on what is in it.
with int_issue_fields_ranged as {{ inlined() }} (select * from {{ ref('int_issue_fields_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_issue_places_ranged as (select * from {{ ref('int_issue_places_ranged') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

assigned as (
    select ranges.issue_id, ranges.value_id as account_id, ranges.valid_from, {{ range_end('ranges') }} as valid_to
    from int_issue_fields_ranged as ranges
    inner join stg_jira__issues as issues on ranges.issue_id = issues.issue_id
    where ranges.field = 'assignee' and ranges.value_id is not null and not issues.is_epic
),

begun as (
    select statuses.issue_id, statuses.valid_from, {{ range_end('statuses') }} as valid_to
    from int_issue_statuses_ranged as statuses
    where statuses.status_category = 'indeterminate'
),

worked as (
    select
        assigned.issue_id, assigned.account_id,
        greatest(assigned.valid_from, begun.valid_from) as starts_at,
        least(assigned.valid_to, begun.valid_to) as ends_at
    from assigned
    inner join begun on assigned.issue_id = begun.issue_id and {{ overlap('assigned', 'begun') }}
),

-- Up to the day of the last microsecond.
days as (
    select
        worked.issue_id, worked.account_id,
        cast({{ to_local('worked.starts_at', 'policy.reporting_time_zone') }} as date) as valid_from,
        case
            when worked.ends_at = timestamp '9999-12-31 00:00:00' then date '9999-12-31'
            else cast({{ dbt.dateadd('day', 1, dbt.date_trunc(
                'day', to_local("worked.ends_at - interval '1' microsecond", 'policy.reporting_time_zone')
            )) }} as date)
        end as valid_to
    from worked
    cross join int_policies_read as policy
    where worked.starts_at < worked.ends_at
)

select distinct
    maps.worker_id,
    places.work_item_id,
    places.epic_id,
    places.initiative_id,
    places.project_key,
    greatest(days.valid_from, places.valid_from, maps.valid_from) as valid_from,
    least(days.valid_to, places.valid_to, maps.valid_to) as valid_to
from days
inner join int_issue_places_ranged as places on days.issue_id = places.issue_id and {{ overlap('days', 'places') }}
inner join stg_files__worker_maps as maps
    on maps.mapped_source = 'jira' and days.account_id = maps.person_key and {{ overlap('days', 'maps') }}
    and {{ overlap('places', 'maps') }}
