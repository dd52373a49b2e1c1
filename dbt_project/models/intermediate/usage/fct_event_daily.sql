-- Made again whole, because a merge of identities or a new mapping restates all of the past; it reads sums, no single
-- event. One person's day is two rows where some of it is a machine's or a colleague's and some is not.
with int_events_attributed as (select * from {{ ref('int_events_attributed') }}),
int_event_products_resolved as (select * from {{ ref('int_event_products_resolved') }}),
stg_files__customers as (select * from {{ ref('stg_files__customers') }})

select
    daily.activity_date,
    daily.canonical_user_id,
    daily.customer_id,
    products.product_id,
    products.is_active,
    daily.is_bot,
    daily.is_internal,
    coalesce(min(customers.segment), 'UNMAPPED') as segment,
    coalesce(min(customers.market), 'UNMAPPED') as market,
    cast(sum(daily.events) as bigint) as events,
    cast(sum(daily.events * products.weight) as decimal(18, 6)) as event_weight,
    min(daily.first_at) as first_at,
    max(daily.last_at) as last_at
from int_events_attributed as daily
inner join int_event_products_resolved as products
    on daily.activity_date = products.activity_date and daily.project_id = products.project_id
    and daily.event_type = products.event_type
left join stg_files__customers as customers
    on daily.customer_id = customers.customer_id and {{ valid_on('customers', 'daily.activity_date') }}
where daily.events > 0 and daily.is_dated
group by 1, 2, 3, 4, 5, 6, 7
