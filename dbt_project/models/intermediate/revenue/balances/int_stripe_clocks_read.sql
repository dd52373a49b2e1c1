-- Figures of the running period go up to the last load in which Stripe had news: an item that nobody bills still counts
-- on the days since the last invoice.
with stg_stripe__stream_counts as (select * from {{ ref('stg_stripe__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }})

select
    clock.data_as_of,
    clock.loaded_at,
    cast({{ to_local('clock.loaded_at', 'policy.reporting_time_zone') }} as date) as as_of_date,
    policy.reporting_time_zone,
    policy.reporting_currency
from (select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at from stg_stripe__stream_counts) as clock
cross join int_policies_read as policy
