with bridge_user_alias as {{ inlined() }} (select * from {{ ref('bridge_user_alias') }}),
int_events_attributed as (select * from {{ ref('int_events_attributed') }}),

people as (
    select canonical_user_id, count(distinct alias) as aliases
    from bridge_user_alias
    where known_to is null
    group by canonical_user_id
),

acts as (
    select
        canonical_user_id,
        min(first_uploaded_at) as first_uploaded_at,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from int_events_attributed
    group by canonical_user_id
)

select
    people.canonical_user_id,
    people.canonical_user_id like 'user:%' as is_identified,
    people.aliases,
    acts.first_uploaded_at,
    acts.first_date,
    acts.last_date
from people
left join acts on people.canonical_user_id = acts.canonical_user_id
