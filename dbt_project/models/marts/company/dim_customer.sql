with int_customers_described as (select * from {{ ref('int_customers_described') }}),
dim_segment as (select * from {{ ref('dim_segment') }}),
dim_market as (select * from {{ ref('dim_market') }})

select
    customers.customer_id,
    customers.customer_name,
    customers.parent_id,
    customers.segment,
    segments.segment_name,
    customers.market,
    markets.market_name,
    customers.country,
    customers.industry,
    {{ open_ends('customers') }}
from int_customers_described as customers
left join dim_segment as segments on customers.segment = segments.segment
left join dim_market as markets on customers.market = markets.market
where customers.is_shown
