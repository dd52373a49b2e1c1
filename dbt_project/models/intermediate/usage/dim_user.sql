-- One bad sign is enough: a person whose software is a machine's once is a machine, one with a worker's account is a
-- colleague.
with bridge_user_alias as {{ inlined() }} (select * from {{ ref('bridge_user_alias') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
int_events_daily as (select * from {{ ref('int_events_daily') }}),

people as (
    select
        aliases.canonical_user_id,
        count(distinct aliases.alias) as aliases,
        max(case when workers.person_key is not null then 1 else 0 end) = 1 as is_internal
    from bridge_user_alias as aliases
    left join (
        select distinct person_key from stg_files__worker_maps where mapped_source = 'amplitude'
    ) as workers
        on aliases.alias = 'user:' || workers.person_key
    where aliases.known_to is null
    group by aliases.canonical_user_id
),

acts as (
    select
        aliases.canonical_user_id,
        sum(daily.machine_events) > 0 as is_bot,
        min(daily.first_uploaded_at) as first_uploaded_at,
        min(daily.activity_date) as first_date,
        max(daily.activity_date) as last_date
    from int_events_daily as daily
    inner join bridge_user_alias as aliases on daily.alias = aliases.alias and aliases.known_to is null
    group by aliases.canonical_user_id
)

select
    people.canonical_user_id,
    people.canonical_user_id like 'user:%' as is_identified,
    coalesce(acts.is_bot, false) as is_bot,
    people.is_internal,
    people.aliases,
    acts.first_uploaded_at,
    acts.first_date,
    acts.last_date
from people
left join acts on people.canonical_user_id = acts.canonical_user_id
