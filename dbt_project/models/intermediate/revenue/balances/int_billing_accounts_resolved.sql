-- Whose account it is on each as-of day of a period, in which segment and market, and which logo it belongs to.
-- Nobody's account is one by itself.
with stg_stripe__customers as (select * from {{ ref('stg_stripe__customers') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
stg_files__customer_maps as (select * from {{ ref('stg_files__customer_maps') }}),
int_customer_families_ranged as (select * from {{ ref('int_customer_families_ranged') }}),
stg_files__customers as (select * from {{ ref('stg_files__customers') }}),

keys as (
    select customer_id as customer_key from stg_stripe__customers
    union
    select customer_id from stg_stripe__subscriptions
    union
    select customer_id from stg_stripe__invoices where customer_id is not null
),

ranked as (
    select
        keys.customer_key, periods.as_of_date as mapping_date, owners.customer_id, families.ancestor_id,
        row_number() over (
            partition by keys.customer_key, periods.as_of_date, owners.customer_id
            order by families.distance desc nulls last
        ) as family_rank
    from keys
    cross join int_revenue_periods_ranged as periods
    left join stg_files__customer_maps as owners
        on owners.mapped_source = 'stripe' and keys.customer_key = owners.account_key
        and {{ valid_on('owners', 'periods.as_of_date') }}
    left join int_customer_families_ranged as families
        on owners.customer_id = families.customer_id and {{ valid_on('families', 'periods.as_of_date') }}
)

select
    ranked.customer_key,
    ranked.mapping_date,
    coalesce(ranked.customer_id, 'UNMAPPED') as customer_id,
    coalesce(ranked.ancestor_id, ranked.customer_id, ranked.customer_key) as logo_id,
    coalesce(customers.segment, 'UNMAPPED') as segment,
    coalesce(customers.market, 'UNMAPPED') as market
from ranked
left join stg_files__customers as customers
    on ranked.customer_id = customers.customer_id and {{ valid_on('customers', 'ranked.mapping_date') }}
where ranked.family_rank = 1
