-- The run's clock at the last load in which Stripe had news: figures of the running period go up to then.
with utc as (
    select max(loaded_at) as data_as_of from {{ ref('stg_stripe__stream_counts') }}
)

select
    utc.data_as_of,
    cast({{ to_local('utc.data_as_of', 'policy.reporting_time_zone') }} as date) as as_of_date,
    policy.reporting_time_zone,
    policy.reporting_currency
from utc
cross join {{ ref('int_policies_read') }} as policy
