-- A project by its id, whatever its key was then. An item without one, or with the id that it had at the site from
-- which the history was brought here, names the project and the issue's key.
with ranges as (
    select *, {{ project_of('value_key') }} as key_then
    from {{ ref('int_issue_fields_ranged') }}
    where field = 'project'
),

keys as (
    select * from {{ ref('int_project_keys_collected') }}
),

projects as (
    select
        project_id, current_key, lower(project_name) as name_now,
        max(case when is_own_key then 1 else 0 end) as is_own
    from keys
    group by project_id, current_key, lower(project_name)
),

by_name as (
    select name_now, min(project_id) as project_id from projects where is_own = 1 group by name_now having count(*) = 1
),

by_key as (
    select project_key, min(project_id) as project_id
    from keys
    where is_own_key
    group by project_key
    having count(*) = 1
),

-- A key that only the changelogs of other issues name.
by_past_key as (
    select project_key, min(project_id) as project_id from keys group by project_key having count(*) = 1
),

found as (
    select
        ranges.*,
        case
            when own.project_id is not null
                and not coalesce(own.name_now <> by_name.name_now and by_name.project_id = by_key.project_id, false)
                then own.project_id
            else coalesce(
                by_key.project_id, by_name.project_id, by_past_key.project_id, ranges.value_id, ranges.key_then
            )
        end as project_id
    from ranges
    left join projects as own on ranges.value_id = own.project_id and own.is_own = 1
    left join by_key on ranges.key_then = by_key.project_key
    left join by_name on lower(ranges.value_name) = by_name.name_now
    left join by_past_key on ranges.key_then = by_past_key.project_key
)

select
    found.issue_id,
    found.change_number,
    found.project_id,
    coalesce(projects.current_key, found.key_then) as project_key,
    found.value_key as issue_key,
    found.valid_from,
    found.valid_to,
    found.is_current
from found
left join projects on found.project_id = projects.project_id
