-- Where the cost of a shared product ends up when all shared products have passed it on, in each scenario by what
-- products cost in it.
with recursive int_cost_parts_united as {{ inlined() }} (select * from {{ ref('int_cost_parts_united') }}),

costs as (
    select scenario_id, fiscal_period, product_id, cast(sum(amount_minor) as bigint) as cost_minor
    from int_cost_parts_united
    group by scenario_id, fiscal_period, product_id
),

{{ shared_products_eliminated('costs') }}

select scenario_id, fiscal_period, pool_id, driver_id, product_id, share_trillionths from passed_on
