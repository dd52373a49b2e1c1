-- Figures of the running period go up to the last load in which Stripe had news: an item that nobody bills still counts
-- on the days since the last invoice.
with stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__balance_transactions as (select * from {{ ref('stg_stripe__balance_transactions') }}),
stg_stripe__stream_counts as (select * from {{ ref('stg_stripe__stream_counts') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

events as (
    select max(created_at) as data_as_of
    from (
        select created_at from stg_stripe__invoices
        union all
        select created_at from stg_stripe__balance_transactions
    ) as moved
),

loads as (
    select max(loaded_at) as loaded_at from stg_stripe__stream_counts
)

select
    events.data_as_of,
    loads.loaded_at,
    cast({{ to_local('loads.loaded_at', 'policy.reporting_time_zone') }} as date) as as_of_date,
    policy.reporting_time_zone,
    policy.reporting_currency
from events
cross join loads
cross join int_policies_read as policy
