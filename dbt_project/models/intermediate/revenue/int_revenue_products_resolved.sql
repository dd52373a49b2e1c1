-- For each product that billing sells on the first day of a service, and each class of the books on the day of a posting: the products it stands for, by the
-- most precise rule that is valid on the day.
with places as (
    select distinct 'stripe' as mapped_source, 'product' as object_type, product_key as place_key, start_date as mapping_date
    from {{ ref('int_line_services_spread') }}
    where product_key is not null
    union all
    select distinct 'quickbooks', 'class', class_id, posting_date from {{ ref('int_revenue_postings_selected') }} where class_id is not null
),

ranked as (
    select
        places.*, rules.product_id, rules.weight,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (partition by places.object_type, places.place_key, places.mapping_date order by {{ rule_order() }}) as precedence
    from places
    inner join {{ ref('stg_files__product_maps') }} as rules
        on places.mapped_source = rules.mapped_source and places.object_type = rules.object_type
        and {{ rule_matches('places.place_key', 'rules') }} and {{ valid_on('rules', 'places.mapping_date') }}
),

chosen as (
    select object_type, place_key, mapping_date, product_id, sum(weight) as weight
    from ranked
    where precedence = 1
    group by object_type, place_key, mapping_date, product_id
)

select
    places.object_type,
    places.place_key,
    places.mapping_date,
    coalesce(chosen.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(chosen.weight, 1) as decimal(18, 6)) as weight
from places
left join chosen
    on places.object_type = chosen.object_type and places.place_key = chosen.place_key and places.mapping_date = chosen.mapping_date
