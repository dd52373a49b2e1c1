-- For each of Stripe's products and each day by which a period is told: the products it brings money to, by the most precise rule that is valid on the day.
with keys as (
    select product_id as product_key from {{ ref('stg_stripe__products') }}
    union
    select product_id from {{ ref('stg_stripe__prices') }}
    union
    select product_id from {{ ref('stg_stripe__invoice_lines') }} where product_id is not null
),

ranked as (
    select
        keys.product_key, periods.as_of_date as mapping_date, rules.product_id, rules.weight,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (partition by keys.product_key, periods.as_of_date order by {{ rule_order() }}) as precedence
    from keys
    cross join {{ ref('int_revenue_periods_ranged') }} as periods
    left join {{ ref('stg_files__product_maps') }} as rules
        on rules.mapped_source = 'stripe' and rules.object_type = 'product'
        and {{ rule_matches('keys.product_key', 'rules') }} and {{ valid_on('rules', 'periods.as_of_date') }}
)

select
    product_key,
    mapping_date,
    coalesce(product_id, 'UNMAPPED') as product_id,
    cast(coalesce(sum(weight), 1) as decimal(18, 6)) as weight
from ranked
where precedence = 1
group by product_key, mapping_date, product_id
