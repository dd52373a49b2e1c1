-- A device belongs to the user who signed in on it, from the day that was known. Where many did it is a kiosk: from the
-- day the last of the first so many was known, it says nothing of anybody. Days are of UTC: what is known at their end
-- counts.
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

kiosks as (
    select numbered.device_alias, cast(numbered.known_at as date) as shared_from
    from numbered
    inner join {{ ref('int_policies_read') }} as policy on numbered.user_number = policy.shared_device_users
)

select
    numbered.user_alias,
    numbered.device_alias,
    numbered.user_number,
    cast(numbered.known_at as date) as valid_from,
    coalesce(kiosks.shared_from, date '9999-12-31') as valid_to
from numbered
left join kiosks on numbered.device_alias = kiosks.device_alias
where cast(numbered.known_at as date) < coalesce(kiosks.shared_from, date '9999-12-31')
