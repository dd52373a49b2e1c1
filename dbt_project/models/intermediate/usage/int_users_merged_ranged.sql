-- Users of a device that is not a shared one are one person while its link holds: A with B and B with C makes A, B and
-- C one. The least name stands for all. Where two make a device a shared one, nobody is linked. Only users with a link
-- are followed through time, on the days when a link of their circle begins or ends; everybody else is simply who they
-- are.
with recursive links as (
    select
        user_alias, known_from as valid_from, shared_from as valid_to, device_alias,
        lag(user_alias) over (partition by device_alias order by user_number) as other_alias
    from {{ ref('int_user_devices_ranged') }}
    where known_from < shared_from
),

both_ways as (
    select user_alias as node, other_alias as other, valid_from, valid_to from links where other_alias is not null
    union all
    select other_alias, user_alias, valid_from, valid_to from links where other_alias is not null
),

ever as (
    select distinct date '0001-01-01' as as_of_date, node, other from both_ways
),

{{ least_connected('circles', 'ever') }},

change_days as (
    select distinct circles.least_node as circle, days.as_of_date
    from circles
    inner join (
        select node, valid_from as as_of_date from both_ways
        union all
        select node, valid_to from both_ways where valid_to < date '9999-12-31'
    ) as days on circles.node = days.node
),

held as (
    select distinct change_days.as_of_date, both_ways.node, both_ways.other
    from both_ways
    inner join circles on both_ways.node = circles.node
    inner join change_days
        on circles.least_node = change_days.circle and both_ways.valid_from <= change_days.as_of_date
        and change_days.as_of_date < both_ways.valid_to
),

{{ least_connected('merged', 'held') }},

users as (
    select alias, cast(min(first_uploaded_at) as date) as known_from
    from {{ ref('int_events_daily') }}
    where alias like 'user:%'
    group by alias
),

-- As of the first day everybody is who they are, unless a link of that very day says more.
states as (
    select
        users.alias, change_days.as_of_date as known_from, coalesce(merged.least_node, users.alias) as canonical_alias,
        2 as precedence
    from users
    inner join circles on users.alias = circles.node
    inner join change_days on circles.least_node = change_days.circle and users.known_from <= change_days.as_of_date
    left join merged on change_days.as_of_date = merged.as_of_date and users.alias = merged.node
    union all
    select alias, known_from, alias, 1 from users
)

select
    alias, known_from,
    coalesce(lead(known_from) over (partition by alias order by known_from), date '9999-12-31') as known_to,
    canonical_alias
from (
    select *, row_number() over (partition by alias, known_from order by precedence desc) as choice from states
) as ranked
where choice = 1
