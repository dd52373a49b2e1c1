-- Whose a device of several users is on a day when it sends something without a user id: of the first who signs in on
-- the day, else of the last who did before, and before all of the first. Colleagues who help out and machines take no
-- turn.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_user_devices_ranged as (select * from {{ ref('int_user_devices_ranged') }}),
int_aliases_marked as (select * from {{ ref('int_aliases_marked') }}),
int_projects_started as (select * from {{ ref('int_projects_started') }}),

sign_ins as (
    select
        daily.device_alias, daily.activity_date,
        min_by(daily.alias, daily.first_at) as first_alias, max_by(daily.alias, daily.last_at) as last_alias
    from int_events_daily as daily
    inner join int_user_devices_ranged as others
        on daily.device_alias = others.device_alias and others.user_number = 2
    inner join int_projects_started as projects
        on daily.project_id = projects.project_id and projects.first_date <= daily.activity_date
    left join int_aliases_marked as marks on daily.alias = marks.alias
    where daily.alias <> daily.device_alias and daily.events > 0 and not daily.is_machine and marks.alias is null
    group by daily.device_alias, daily.activity_date
),

ordered as (
    select
        *,
        row_number() over (partition by device_alias order by activity_date) as sign_in_number,
        coalesce(
            lead(activity_date) over (partition by device_alias order by activity_date), date '9999-12-31'
        ) as next_date
    from sign_ins
)

select
    device_alias, first_alias as user_alias,
    case when sign_in_number = 1 then date '0001-01-01' else activity_date end as valid_from,
    cast({{ dbt.dateadd('day', 1, 'activity_date') }} as date) as valid_to
from ordered
union all
select device_alias, last_alias, cast({{ dbt.dateadd('day', 1, 'activity_date') }} as date), next_date
from ordered
where {{ dbt.dateadd('day', 1, 'activity_date') }} < next_date
