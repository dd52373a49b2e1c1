-- For each product that billing sells on the first day of a service, and each class of the books on the day of a posting: the products it stands for, by the
-- most precise rule that is valid on the day.
with places as (
    select distinct 'stripe' as mapped_source, 'product' as object_type, product_key as place_key, start_date as mapping_date
    from {{ ref('int_line_services_spread') }}
    where product_key is not null
    union all
    select distinct 'quickbooks', 'class', class_id, posting_date from {{ ref('int_revenue_postings_selected') }} where class_id is not null
)

select object_type, place_key, mapping_date, product_id, weight
from ({{ mapped_products('places') }}) as resolved
