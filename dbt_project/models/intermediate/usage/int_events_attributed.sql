{{ config(materialized='view') }}

-- Whose each day's events are as known now, and whether they count: the marks of their own software, of the user id and
-- of the device come together here.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_device_turns_ranged as (select * from {{ ref('int_device_turns_ranged') }}),
bridge_user_alias as (select * from {{ ref('bridge_user_alias') }}),
int_aliases_marked as {{ inlined() }} (select * from {{ ref('int_aliases_marked') }}),
int_projects_started as (select * from {{ ref('int_projects_started') }})

select
    daily.*,
    aliases.canonical_user_id,
    daily.is_machine or coalesce(of_user.is_bot, false) or coalesce(of_device.is_bot, false) as is_bot,
    coalesce(of_user.is_internal, false) or coalesce(of_device.is_internal, false) as is_internal,
    projects.first_date <= daily.activity_date as is_dated
from int_events_daily as daily
inner join int_projects_started as projects on daily.project_id = projects.project_id
left join int_device_turns_ranged as turns
    on daily.alias = turns.device_alias and {{ valid_on('turns', 'daily.activity_date') }}
inner join bridge_user_alias as aliases
    on coalesce(turns.user_alias, daily.alias) = aliases.alias and aliases.known_to is null
left join int_aliases_marked as of_user on daily.alias = of_user.alias
left join int_aliases_marked as of_device on daily.device_alias = of_device.alias
