-- Before its first upload no day of a project can be whole; what a clock of 1970 dates lies there.
select
    daily.project_id,
    coalesce(
        policy.usage_since,
        cast({{ to_local('min(daily.first_uploaded_at)', 'policy.reporting_time_zone') }} as date)
    ) as first_date
from {{ ref('int_events_daily') }} as daily
cross join {{ ref('int_policies_read') }} as policy
group by daily.project_id, policy.usage_since, policy.reporting_time_zone
