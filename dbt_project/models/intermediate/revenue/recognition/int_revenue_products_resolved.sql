-- For each product that billing sells, on the first day of a service: the products it stands for, by the most precise
-- rule that is valid on the day. What classes of the books stand for is in int_class_products_resolved.
with places as (
    select distinct
        'stripe' as mapped_source, 'product' as object_type, product_key as place, product_key as place_key,
        start_date as mapping_date
    from {{ ref('int_line_services_spread') }}
    where product_key is not null
),

mapped as (
    {{ mapped_products('places') }}
)

select
    places.place_key,
    places.mapping_date,
    coalesce(mapped.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(mapped.weight, 1) as decimal(18, 6)) as weight
from places
left join mapped on places.place = mapped.place and places.mapping_date = mapped.mapping_date
