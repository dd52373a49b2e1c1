-- In the zone the company reports in.
with stg_jira__stream_counts as (select * from {{ ref('stg_jira__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }})

select
    policy.reporting_time_zone,
    clock.data_as_of,
    cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as local_date,
    clock.loaded_at
from (select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at from stg_jira__stream_counts) as clock
cross join int_policies_read as policy
