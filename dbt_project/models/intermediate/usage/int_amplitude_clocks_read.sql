-- In the zone the company reports in. Days are shown up to the newest upload, because events come late; how new the
-- data is says the newest event: a backlog that somebody uploads today is no news of today.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
stg_amplitude__stream_counts as (select * from {{ ref('stg_amplitude__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }})

select
    clock.data_as_of,
    cast({{ to_local('uploads.last_uploaded_at', 'policy.reporting_time_zone') }} as date) as last_date,
    clock.loaded_at
from (select max(last_uploaded_at) as last_uploaded_at from int_events_daily) as uploads
cross join (
    select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at from stg_amplitude__stream_counts
) as clock
cross join int_policies_read as policy
