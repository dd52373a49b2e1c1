-- The ledger owns the amount. A posting goes to the products of its class first, then each product's part to segments
-- and markets: those of the document's customer on the period's last day; of billing's summary entry, which has none,
-- those to whom the product was served. What nobody knows is UNMAPPED.
with int_revenue_postings_selected as {{ inlined() }} (select * from {{ ref('int_revenue_postings_selected') }}),
int_class_products_resolved as (select * from {{ ref('int_class_products_resolved') }}),
int_services_placed as (select * from {{ ref('int_services_placed') }}),
stg_files__customer_maps as (select * from {{ ref('stg_files__customer_maps') }}),
stg_files__customers as (select * from {{ ref('stg_files__customers') }}),

products as (
    select
        postings.*,
        coalesce(products.product_id, 'UNMAPPED') as product_id,
        coalesce(products.weight_millionths, 1) as product_weight
    from int_revenue_postings_selected as postings
    left join int_class_products_resolved as products
        on postings.class_id = products.class_id and postings.posting_date = products.posting_date
),

by_product as (
    {{ shared_out('products', ['gl_line_id'], ['product_id'], 'amount_minor', 'product_weight') }}
),

places as (
    select
        parts.gl_line_id,
        parts.product_id,
        parts.shared_minor as product_minor,
        case
            when parts.customer_id is not null then case
                when customers.customer_id is null then 'unknown_customer'
                else 'customer'
            end
            when served.fiscal_period is not null then 'days_of_service'
            else 'nothing_served'
        end as split_rule,
        coalesce(served.segment, customers.segment, 'UNMAPPED') as segment,
        coalesce(served.market, customers.market, 'UNMAPPED') as market,
        coalesce(served.served_minor, 1) as place_weight
    from by_product as parts
    left join int_services_placed as served
        on parts.customer_id is null and parts.fiscal_period = served.fiscal_period
        and parts.product_id = served.product_id
    left join stg_files__customer_maps as owners
        on owners.mapped_source = 'quickbooks' and parts.customer_id = owners.account_key
        and {{ valid_on('owners', 'parts.as_of_date') }}
    left join stg_files__customers as customers
        on owners.customer_id = customers.customer_id and {{ valid_on('customers', 'parts.as_of_date') }}
),

by_place as (
    {{ shared_out('places', ['gl_line_id', 'product_id'], ['segment', 'market'], 'product_minor', 'place_weight') }}
)

select
    postings.gl_line_id,
    postings.fiscal_period,
    postings.posting_date,
    postings.account_id,
    postings.is_account_mapped,
    postings.class_id,
    postings.customer_id,
    by_place.product_id,
    by_place.segment,
    by_place.market,
    by_place.split_rule,
    by_place.shared_minor as amount_minor,
    postings.currency,
    postings.load_id
from by_place
inner join int_revenue_postings_selected as postings on by_place.gl_line_id = postings.gl_line_id
where by_place.shared_minor <> 0
