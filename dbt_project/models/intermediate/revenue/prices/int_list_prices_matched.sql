-- The list price that each product of an item is compared with: the price book's on the day on which the item's price
-- was agreed, in its own currency. The row that is made for its market and segment holds before one for the market,
-- that before one for the segment, and that before one for all; of these, the highest tier that the quantity reaches.
with int_items_priced as (select * from {{ ref('int_items_priced') }}),
int_billing_products_resolved as (select * from {{ ref('int_billing_products_resolved') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
stg_files__list_prices as (select * from {{ ref('stg_files__list_prices') }}),

parts as (
    select
        items.fiscal_period, items.subscription_item_id, items.currency, items.quantity, items.agreed_date,
        products.product_id, products.weight, accounts.customer_id, accounts.segment, accounts.market
    from int_items_priced as items
    inner join int_billing_products_resolved as products
        on items.product_key = products.product_key and items.as_of_date = products.mapping_date
    inner join int_billing_accounts_resolved as accounts
        on items.customer_key = accounts.customer_key and items.as_of_date = accounts.mapping_date
),

ranked as (
    select
        parts.*, book.list_price,
        row_number() over (
            partition by parts.fiscal_period, parts.subscription_item_id, parts.product_id
            order by case when book.market is null then 1 else 0 end, case when book.segment is null then 1 else 0 end,
                book.tier desc
        ) as precedence
    from parts
    left join stg_files__list_prices as book
        on parts.product_id = book.product_id and parts.currency = book.currency and book.tier <= parts.quantity
        and coalesce(book.market, parts.market) = parts.market and coalesce(book.segment, parts.segment) = parts.segment
        and {{ valid_on('book', 'parts.agreed_date') }}
)

select fiscal_period, subscription_item_id, product_id, weight, customer_id, segment, market, list_price
from ranked
where precedence = 1
