-- For each of Stripe's products and each as-of day of a period: the products it brings money to, by the most precise
-- rule that is valid on the day.
with stg_stripe__products as (select * from {{ ref('stg_stripe__products') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),

keys as (
    select product_id as product_key from stg_stripe__products
    union
    select product_id from stg_stripe__prices
    union
    select product_id from stg_stripe__invoice_lines where product_id is not null
),

places as (
    select
        'stripe' as mapped_source, 'product' as object_type, keys.product_key as place, keys.product_key as place_key,
        periods.as_of_date as mapping_date
    from keys
    cross join int_revenue_periods_ranged as periods
),

mapped as (
    {{ mapped_products('places') }}
)

select
    places.place as product_key,
    places.mapping_date,
    coalesce(mapped.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(mapped.weight, 1) as decimal(18, 6)) as weight
from places
left join mapped on places.place = mapped.place and places.mapping_date = mapped.mapping_date
