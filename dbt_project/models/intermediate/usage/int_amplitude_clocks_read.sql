-- In the zone the company reports in.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
stg_amplitude__stream_counts as (select * from {{ ref('stg_amplitude__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }})

select
    clock.data_as_of,
    cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as last_date,
    loads.loaded_at
from (select max(last_uploaded_at) as data_as_of from int_events_daily) as clock
cross join (select max(loaded_at) as loaded_at from stg_amplitude__stream_counts) as loads
cross join int_policies_read as policy
