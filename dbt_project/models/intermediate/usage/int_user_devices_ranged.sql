-- Who signed in on a device, and until when those who did are one person. With as many users as make it a shared one it
-- joins nobody: from the day the last of them was known. Days are of UTC: what is known at their end counts.
with pairs as (
    select alias as user_alias, device_alias, min(first_uploaded_at) as known_at
    from {{ ref('int_events_daily') }}
    where alias <> device_alias
    group by alias, device_alias
),

numbered as (
    select *, row_number() over (partition by device_alias order by known_at, user_alias) as user_number
    from pairs
),

shared as (
    select numbered.device_alias, cast(numbered.known_at as date) as shared_from
    from numbered
    inner join {{ ref('int_policies_read') }} as policy on numbered.user_number = policy.shared_device_users
)

select
    numbered.user_alias,
    numbered.device_alias,
    numbered.user_number,
    cast(numbered.known_at as date) as known_from,
    coalesce(shared.shared_from, date '9999-12-31') as shared_from
from numbered
left join shared on numbered.device_alias = shared.device_alias
