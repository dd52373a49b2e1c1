-- What was known of each alias at the end of each day. A device is itself until somebody signs in on it, then the first
-- who did; a vendor's number is nobody else. Whose turn it is on a shared device is another question
-- (int_device_turns_ranged).
with int_users_merged_ranged as (select * from {{ ref('int_users_merged_ranged') }}),
int_events_daily as {{ inlined() }} (select * from {{ ref('int_events_daily') }}),
int_user_devices_ranged as (select * from {{ ref('int_user_devices_ranged') }}),

users as (
    select * from int_users_merged_ranged
),

others as (
    select alias, cast(min(first_uploaded_at) as date) as known_from
    from (
        select device_alias as alias, first_uploaded_at
        from int_events_daily
        where device_alias is not null
        union all
        select alias, first_uploaded_at from int_events_daily where alias like 'amplitude:%'
    ) as seen
    group by alias
),

owned as (
    select * from int_user_devices_ranged where user_number = 1
),

states as (
    select alias, known_from, canonical_alias, 2 as precedence from users
    union all
    select alias, known_from, alias, 1 from others
    union all
    select owned.device_alias, greatest(owned.known_from, users.known_from), users.canonical_alias, 2
    from owned
    inner join users on owned.user_alias = users.alias and owned.known_from < users.known_to
),

decided as (
    select
        alias, known_from, canonical_alias,
        lag(canonical_alias) over (partition by alias order by known_from) as alias_before
    from (
        select *, row_number() over (partition by alias, known_from order by precedence desc) as choice from states
    ) as ranked
    where choice = 1
)

select
    alias,
    canonical_alias as canonical_user_id,
    known_from,
    lead(known_from) over (partition by alias order by known_from) as known_to
from decided
where canonical_alias is distinct from alias_before
