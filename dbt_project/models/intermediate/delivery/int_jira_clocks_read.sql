-- The data's own clock: the newest update among issues that exist now, in the zone the company reports in.
select
    policy.reporting_time_zone,
    clock.data_as_of,
    {{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }}::date as local_date
from (select max(updated_at) as data_as_of from {{ ref('stg_jira__issues') }}) as clock
cross join (select coalesce(min(reporting_time_zone), 'UTC') as reporting_time_zone from {{ ref('stg_files__policies') }}) as policy
