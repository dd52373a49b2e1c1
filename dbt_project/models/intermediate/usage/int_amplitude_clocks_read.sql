-- The data's own clock: the newest upload among the events that are served, in the zone the company reports in.
select
    clock.data_as_of,
    cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as last_date
from (select max(last_uploaded_at) as data_as_of from {{ ref('int_events_daily') }}) as clock
cross join {{ ref('int_policies_read') }} as policy
