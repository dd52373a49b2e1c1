-- In the zone the company reports in.
select
    policy.reporting_time_zone,
    clock.data_as_of,
    cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as local_date,
    loads.loaded_at
from (select max(updated_at) as data_as_of from {{ ref('stg_jira__issues') }}) as clock
cross join (select max(loaded_at) as loaded_at from {{ ref('stg_jira__stream_counts') }}) as loads
cross join {{ ref('int_policies_read') }} as policy
